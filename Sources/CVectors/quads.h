#pragma once

#include "clones.h"

// Sixteen times four values in a row, and the four vectors of all firsts, seconds, thirds and fourths.

typedef float four __attribute__((vector_size(16), aligned(4)));
typedef float eight __attribute__((vector_size(32), aligned(4)));

#define FOUR(p) (*(const four *)(p))
#define EIGHT(p) (*(const eight *)(p))
#define JOIN_FOURS(a, b) __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7)
#define JOIN_EIGHTS(a, b)                                                                       \
    __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
#define LOW(a, b)                                                                               \
    __builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29)
#define HIGH(a, b)                                                                              \
    __builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31)
#define FIRST(a, b)                                                                             \
    __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
#define SECOND(a, b)                                                                            \
    __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31)

/// Every fourth of sixteen quads, from number k on; `QUAD(k)` gives them.
#define EVERY_FOURTH(QUAD, k)                                                                   \
    JOIN_EIGHTS(JOIN_FOURS(QUAD(k), QUAD(k + 4)), JOIN_FOURS(QUAD(k + 8), QUAD(k + 12)))

/// Takes sixteen quads apart.
#define TAKE_APART(QUAD, first, second, third, fourth)                                          \
    do {                                                                                        \
        vector a_ = EVERY_FOURTH(QUAD, 0), b_ = EVERY_FOURTH(QUAD, 1);                          \
        vector c_ = EVERY_FOURTH(QUAD, 2), d_ = EVERY_FOURTH(QUAD, 3);                          \
        vector ab_ = LOW(a_, b_), cd_ = LOW(c_, d_);                                            \
        (first) = FIRST(ab_, cd_), (second) = SECOND(ab_, cd_);                                 \
        ab_ = HIGH(a_, b_), cd_ = HIGH(c_, d_);                                                 \
        (third) = FIRST(ab_, cd_), (fourth) = SECOND(ab_, cd_);                                 \
    } while (0)
