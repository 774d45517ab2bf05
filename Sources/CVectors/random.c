#include "CVectors.h"
#include "functions.h"

typedef uint64_t eight __attribute__((vector_size(64), aligned(4)));

enum {
    /// Numbers that are made from words in the cache.
    chunk = 256,
    /// The words of a chunk, with what is used of the first block and what fills up the last ones.
    capacity = 2 * chunk + 4 * 16,
};

/// Ten rounds of Philox 4×32 on consecutive counters, eight at a time; may write seven blocks more.
INLINED void philox(uint64_t key, uint64_t counter, uint32_t *target, int64_t blocks) {
    const eight low = (eight){0} + 0xFFFFFFFF, steps = {0, 1, 2, 3, 4, 5, 6, 7};
    for (int64_t b = 0; b < blocks; b += 8) {
        eight number = counter + b + steps;
        eight c0 = number & low, c1 = number >> 32, c2 = {0}, c3 = {0};
        uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
        for (int round = 0; round < 10; round++) {
            eight p0 = c0 * 0xD2511F53, p1 = c2 * 0xCD9E8D57;
            c0 = (p1 >> 32) ^ c1 ^ k0;
            c1 = p1 & low;
            c2 = (p0 >> 32) ^ c3 ^ k1;
            c3 = p0 & low;
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }
        eight first = c0 | c1 << 32, second = c2 | c3 << 32;
        eight front = __builtin_shufflevector(first, second, 0, 8, 1, 9, 2, 10, 3, 11);
        eight back = __builtin_shufflevector(first, second, 4, 12, 5, 13, 6, 14, 7, 15);
        memcpy(target + 4 * b, &front, sizeof front);
        memcpy(target + 4 * b + 16, &back, sizeof back);
    }
}

/// Numbers in [0, 1) of 24 bits.
#define UNIT(v) (__builtin_convertvector((mask)((v) >> 8), vector) * 0x1p-24f)

/// Numbers of the standard normal distribution from two words each (Box and Muller, 1958).
INLINED void box_muller(const words *front, const words *back, vector *normal) {
    words even = __builtin_shufflevector(
        *front, *back, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    words odd = __builtin_shufflevector(
        *front, *back, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
    // 1 − u lies in (0, 1], so the logarithm is finite.
    vector u = 1 - UNIT(even), turns = UNIT(odd), logarithm;
    natural_logarithm(&u, &logarithm);
    vector radius = __builtin_elementwise_sqrt(-2 * logarithm);
    // The nearest quarter turn, and the angle from there, without a rounding.
    vector shifted = turns * 4 + 12582912.0f;
    vector a = (turns - (shifted - 12582912.0f) * 0.25f) * 6.28318531f, q = a * a;
    words quarter = (words)shifted;
    vector sine = q * (1 / 362880.0f) - 1 / 5040.0f;
    sine = sine * q + 1 / 120.0f;
    sine = sine * q - 1 / 6.0f;
    sine = a + a * (q * sine);
    vector cosine = 1 / 40320.0f - q * (1 / 3628800.0f);
    cosine = cosine * q - 1 / 720.0f;
    cosine = cosine * q + 1 / 24.0f;
    cosine = 1 - q * 0.5f + q * q * cosine;
    vector value = CHOOSE((mask)(quarter << 31) < 0, sine, cosine);
    // The cosine of the whole: cos, −sin, −cos, sin.
    words sign = (quarter ^ quarter << 1) << 30 & 0x80000000;
    *normal = radius * (vector)((words)value ^ sign);
}

CLONES float orbit_normal(uint32_t first, uint32_t second) {
    words front = {first, second}, back = {0};
    vector normal;
    box_muller(&front, &back, &normal);
    return normal[0];
}

CLONES void orbit_normals(
    uint64_t key, uint64_t counter, int64_t used, float deviation, float *target, int64_t count) {
    uint32_t place[capacity];
    while (count > 0) {
        int64_t some = count < chunk ? count : chunk;
        philox(key, counter, place, (used + 2 * some + 3) / 4);
        ELEMENTS(some, {
            words front, back;
            vector normal;
            memcpy(&front, place + used + 2 * i, sizeof front);
            memcpy(&back, place + used + 2 * i + 16, sizeof back);
            box_muller(&front, &back, &normal);
            WRITE(target + i, deviation * normal);
        });
        counter += (used + 2 * some) / 4;
        used = (used + 2 * some) % 4;
        target += some;
        count -= some;
    }
}

CLONES void orbit_uniforms(
    uint64_t key, uint64_t counter, int64_t used, float low, float width, float *target,
    int64_t count) {
// The sum is rounded after the product on every processor.
#pragma clang fp contract(off)
    uint32_t place[capacity];
    while (count > 0) {
        int64_t some = count < 2 * chunk ? count : 2 * chunk;
        philox(key, counter, place, (used + some + 3) / 4);
        ELEMENTS(some, {
            words bits;
            memcpy(&bits, place + used + i, sizeof bits);
            WRITE(target + i, low + width * UNIT(bits));
        });
        counter += (used + some) / 4;
        used = (used + some) % 4;
        target += some;
        count -= some;
    }
}
