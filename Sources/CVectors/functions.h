#pragma once
#include "elements.h"

// Transcendental functions of sixteen values, as in VectorFunctions.swift. They take and give their values by
// address, so that they can be inlined whatever the instruction set of their caller.

#define INLINED static inline __attribute__((always_inline))

typedef uint32_t words __attribute__((vector_size(64), aligned(4)));

/// eˣ = 2 · scale · (1 + rest), where scale is a power of two and rest is from −0.3 to 0.42.
INLINED void exponential_parts(const vector *argument, vector *rest, vector *scale) {
    const vector low = (vector){0} - 87.3f, high = (vector){0} + 88.8f;
    vector x = *argument;
    // What is not a number stays so.
    x = CHOOSE(x < low, low, x);
    x = CHOOSE(x > high, high, x);
    // Adding 1.5 · 2²³ rounds to an integer and leaves it in the low bits.
    vector shifted = x * 1.44269504f + 12582912.0f;
    vector n = shifted - 12582912.0f;
    // ln 2 in two parts, the first with so few bits that n times it is exact.
    vector r = (x - n * 0.693359375f) + n * 2.1219444e-4f;
    vector p = r * (1 / 5040.0f) + 1 / 720.0f;
    p = p * r + 1 / 120.0f;
    p = p * r + 1 / 24.0f;
    p = p * r + 1 / 6.0f;
    p = p * r + 0.5f;
    *rest = r + r * r * p;
    // Half of 2ⁿ, so that n = 128 still has an exponent; at n = −126 it is zero.
    *scale = (vector)(((words)shifted - 0x4B400000 + 126) << 23);
}

INLINED void exponential(const vector *x, vector *y) {
    vector rest, scale;
    exponential_parts(x, &rest, &scale);
    *y = (1 + rest) * scale * 2;
}

/// eˣ − 1, as accurate near zero as elsewhere; for x at most 80.
INLINED void exponential_minus_one(const vector *x, vector *y) {
    vector rest, scale;
    exponential_parts(x, &rest, &scale);
    // 2ⁿ(1 + q) − 1 with the small and the large part apart, so that nothing cancels at n = 0.
    *y = rest * scale * 2 + (scale * 2 - 1);
}

/// log(1 + x) for x from 0 to 1.
INLINED void logarithm_of_one_plus(const vector *x, vector *y) {
    // 2 artanh(x / (2 + x)), whose argument is at most a third.
    vector s = *x / (*x + 2), q = s * s;
    vector p = q * (2 / 15.0f) + 2 / 13.0f;
    p = p * q + 2 / 11.0f;
    p = p * q + 2 / 9.0f;
    p = p * q + 2 / 7.0f;
    p = p * q + 2 / 5.0f;
    p = p * q + 2 / 3.0f;
    *y = s * 2 + s * (q * p);
}

/// 1 / (1 + exp(−x)), accurate in both tails.
INLINED void logistic(const vector *x, vector *y) {
    mask negative = *x < 0;
    vector e = CHOOSE(negative, *x, -*x);
    exponential(&e, &e);
    *y = CHOOSE(negative, e, (vector){0} + 1) / (1 + e);
}

/// The natural logarithm of positive numbers that are not subnormal.
INLINED void natural_logarithm(const vector *x, vector *y) {
    // x = 2ⁿ m with m from √½ to √2.
    words offset = (words)*x - 0x3F3504F3;
    mask exponent = (mask)offset >> 23;
    vector m = (vector)((offset & 0x007FFFFF) + 0x3F3504F3);
    vector n = (vector)((words)exponent + 0x4B400000) - 12582912.0f;
    vector f = m - 1, s = f / (f + 2), q = s * s;
    vector p = q * (2 / 9.0f) + 2 / 7.0f;
    p = p * q + 2 / 5.0f;
    p = p * q + 2 / 3.0f;
    *y = n * 0.693359375f + (s * 2 + (s * (q * p) - n * 2.1219444e-4f));
}
