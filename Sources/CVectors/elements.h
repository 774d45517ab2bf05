#pragma once
#include <string.h>

#include "clones.h"

#define LOAD(p) (*(const vector *)(p))
#define STORE(p, v) (*(vector *)(p) = (v))
/// v where the mask is set, zero elsewhere.
#define WHERE(m, v) ((vector)((mask)(v) & (m)))
/// v where the mask is set, w elsewhere.
#define CHOOSE(m, v, w) ((vector)(((mask)(v) & (m)) | ((mask)(w) & ~(m))))

/// Runs the statements for each sixteen of `count` values, with their place `i` and their number `lanes`, which is
/// less than sixteen for the last ones where need be: a value's bits do not depend on its place.
#define ELEMENTS(count, ...)                  \
    do {                                      \
        int64_t i = 0, end_ = (count);        \
        for (; i + 16 <= end_; i += 16) {     \
            enum { lanes = 16 };              \
            __VA_ARGS__                       \
        }                                     \
        if (i < end_) {                       \
            const int64_t lanes = end_ - i;   \
            __VA_ARGS__                       \
        }                                     \
    } while (0)

/// The values at p, zeros behind the last.
#define READ(p)                                         \
    ({                                                  \
        vector read_ = {0};                             \
        if (lanes == 16) read_ = LOAD(p);               \
        else memcpy(&read_, (p), lanes * sizeof(float)); \
        read_;                                          \
    })

#define WRITE(p, v)                                          \
    do {                                                     \
        vector written_ = (v);                               \
        if (lanes == 16) STORE(p, written_);                 \
        else memcpy((p), &written_, lanes * sizeof(float));  \
    } while (0)

/// The sum of the lanes, always in the same order.
static inline float total_of(const vector *v) {
    float s[16];
    memcpy(s, v, sizeof s);
    for (int width = 8; width; width /= 2)
        for (int k = 0; k < width; k++) s[k] += s[k + width];
    return s[0];
}
