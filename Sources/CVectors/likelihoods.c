#include "CVectors.h"
#include "functions.h"

/// The sum of the terms, in single precision within blocks and in double precision from block to block. Lanes
/// behind the last value do not count.
#define BLOCK_SUMS(count, ...)                                           \
    double total = 0;                                                    \
    const vector numbers = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}; \
    for (int64_t start = 0; start < (count); start += 1024) {            \
        int64_t left = (count) - start;                                  \
        vector sum = {0};                                                \
        ELEMENTS(left < 1024 ? left : 1024, {                            \
            vector term;                                                 \
            const int64_t at = start + i;                                \
            __VA_ARGS__                                                  \
            sum += lanes == 16 ? term : WHERE(numbers < (float)lanes, term); \
        });                                                              \
        total += total_of(&sum);                                         \
    }                                                                    \
    return (float)total

CLONES float orbit_bernoulli(const float *logits, const float *targets, int64_t count) {
    BLOCK_SUMS(count, {
        vector l = READ(logits + at), t = READ(targets + at);
        vector magnitude = CHOOSE(l < 0, -l, l), e = -magnitude;
        exponential(&e, &e);
        logarithm_of_one_plus(&e, &e);
        term = (l + magnitude) * 0.5f - t * l + e;
    });
}

CLONES void orbit_bernoulli_gradient(
    const float *logits, const float *targets, float upstream, float *target, int64_t count) {
    ELEMENTS(count, {
        vector l = READ(logits + i);
        logistic(&l, &l);
        WRITE(target + i, upstream * (l - READ(targets + i)));
    });
}

CLONES float orbit_gaussian_divergence(
    const float *mean, const float *log_variance, int64_t count) {
    BLOCK_SUMS(count, {
        vector m = READ(mean + at), s = READ(log_variance + at), e;
        exponential_minus_one(&s, &e);
        term = (m * m + (e - s)) * 0.5f;
    });
}

CLONES void orbit_gaussian_divergence_gradient(
    const float *log_variance, float upstream, float *target, int64_t count) {
    ELEMENTS(count, {
        vector s = READ(log_variance + i);
        exponential_minus_one(&s, &s);
        WRITE(target + i, upstream * 0.5f * s);
    });
}

CLONES void orbit_reparameterise(
    const float *mean, const float *log_variance, const float *noise, float *target,
    int64_t count) {
    ELEMENTS(count, {
        vector s = READ(log_variance + i) * 0.5f;
        exponential(&s, &s);
        WRITE(target + i, READ(mean + i) + s * READ(noise + i));
    });
}

CLONES void orbit_reparameterise_gradient(
    const float *gradient, const float *log_variance, const float *noise, float *target,
    int64_t count) {
    ELEMENTS(count, {
        vector s = READ(log_variance + i) * 0.5f;
        exponential(&s, &s);
        WRITE(target + i, READ(gradient + i) * 0.5f * s * READ(noise + i));
    });
}
