#pragma once

#include <string.h>

#include "quads.h"
#include "warp_places.h"

// The reading. What is written is rounded up to whole vectors.

INLINE void read_grey(float *target, const float *copy, const stretch *from, int64_t count) {
    for (int64_t i = 0; i < count; i += 16) {
        const int32_t *p = from->places + i;
#define NEAR(k) FOUR(copy + 2 * (int64_t)p[k])
        vector top_left, bottom_left, top_right, bottom_right;
        TAKE_APART(NEAR, top_left, bottom_left, top_right, bottom_right);
        vector right = LOAD(from->right + i), down = LOAD(from->down + i);
        vector top = top_left + right * (top_right - top_left);
        vector bottom = bottom_left + right * (bottom_right - bottom_left);
        STORE(target + i, top + down * (bottom - top));
    }
}

/// Four pixels of three values are twelve lanes.
#define THREEFOLD(p) __builtin_shufflevector(p, p, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 0, 0, 0, 0)
#define LEFTS(a, b)                                                                             \
    __builtin_shufflevector(a, b, 0, 1, 2, 8, 9, 10, 16, 17, 18, 24, 25, 26, 0, 0, 0, 0)
#define RIGHTS(a, b)                                                                            \
    __builtin_shufflevector(a, b, 3, 4, 5, 11, 12, 13, 19, 20, 21, 27, 28, 29, 0, 0, 0, 0)

INLINE void read_colours(
    float *target, const float *copy, const stretch *from, int64_t count, int64_t stride) {
    for (int64_t i = 0; i < count; i += 4) {
        const int32_t *p = from->places + i;
#define TWO(k, row)                                                                             \
    JOIN_EIGHTS(                                                                                \
        EIGHT(copy + row + 3 * (int64_t)p[k]), EIGHT(copy + row + 3 * (int64_t)p[k + 1]))
        vector a = TWO(0, 0), b = TWO(2, 0), c = TWO(0, stride), d = TWO(2, stride);
        four r = FOUR(from->right + i), s = FOUR(from->down + i);
        vector right = THREEFOLD(r), down = THREEFOLD(s);
        vector top_left = LEFTS(a, b), bottom_left = LEFTS(c, d);
        vector top = top_left + right * (RIGHTS(a, b) - top_left);
        vector bottom = bottom_left + right * (RIGHTS(c, d) - bottom_left);
        STORE(target + 3 * i, top + down * (bottom - top));
    }
}

INLINE void read_channels(
    float *target, const float *copy, const stretch *from, int64_t count, int64_t stride,
    int64_t channels) {
    for (int64_t i = 0; i < count; i++) {
        const float *upper = copy + channels * from->places[i], *lower = upper + stride;
        float right = from->right[i], down = from->down[i], *pixel = target + channels * i;
        for (int64_t c = 0; c < channels; c += 4) {
            four p = FOUR(upper + c), q = FOUR(lower + c);
            four top = p + right * (FOUR(upper + channels + c) - p);
            four bottom = q + right * (FOUR(lower + channels + c) - q);
            four value = top + down * (bottom - top);
            int64_t rest = channels - c;
            // What is too much is overwritten by the next pixel.
            if (rest >= 4 || i + 4 < count)
                *(four *)(pixel + c) = value;
            else
                memcpy(pixel + c, &value, rest * sizeof *pixel);
        }
    }
}


// What lies beyond the image. Sixteen pixels of three values are three vectors.

#define FIRST_THIRD(p) __builtin_shufflevector(p, p, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5)
#define SECOND_THIRD(p)                                                                         \
    __builtin_shufflevector(p, p, 5, 5, 6, 6, 6, 7, 7, 7, 8, 8, 8, 9, 9, 9, 10, 10)
#define LAST_THIRD(p)                                                                           \
    __builtin_shufflevector(p, p, 10, 11, 11, 11, 12, 12, 12, 13, 13, 13, 14, 14, 14, 15, 15, 15)

INLINE void replace(
    float *target, const float *shares, int64_t count, int64_t channels, float value) {
    int64_t i = 0;
#define REPLACE(place, share)                                                                   \
    {                                                                                           \
        vector s = (share);                                                                     \
        STORE(target + (place), PICK(s == 0, ALL(value), LOAD(target + (place))));              \
    }
    for (; channels == 1 && i + 16 <= count; i += 16) REPLACE(i, LOAD(shares + i));
    for (; channels == 3 && i + 16 <= count; i += 16) {
        vector share = LOAD(shares + i);
        REPLACE(3 * i, FIRST_THIRD(share));
        REPLACE(3 * i + 16, SECOND_THIRD(share));
        REPLACE(3 * i + 32, LAST_THIRD(share));
    }
    for (; i < count; i++)
        if (shares[i] == 0)
            for (int64_t c = 0; c < channels; c++) target[channels * i + c] = value;
}

INLINE void blend(
    float *target, const float *shares, int64_t count, int64_t channels,
    const float *background) {
    int64_t i = 0;
#define BLEND(place, share)                                                                     \
    {                                                                                           \
        vector s = (share), t = LOAD(target + (place));                                         \
        STORE(target + (place), PICK(s < 1, t + (1 - s) * LOAD(background + (place)), t));      \
    }
    for (; channels == 1 && i + 16 <= count; i += 16) BLEND(i, LOAD(shares + i));
    for (; channels == 3 && i + 16 <= count; i += 16) {
        vector share = LOAD(shares + i);
        BLEND(3 * i, FIRST_THIRD(share));
        BLEND(3 * i + 16, SECOND_THIRD(share));
        BLEND(3 * i + 32, LAST_THIRD(share));
    }
    for (; i < count; i++)
        if (shares[i] < 1)
            for (int64_t c = 0; c < channels; c++)
                target[channels * i + c] += (1 - shares[i]) * background[channels * i + c];
}
