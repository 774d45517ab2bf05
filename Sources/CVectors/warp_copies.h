#pragma once

#include <string.h>

#include "warp_places.h"

// Copies of an image with a border: one pixel before, two after, on both axes. Pixel (x, y) of the
// image is pixel (x + 1, y + 1) of the copy. For grey images each value is followed by the one
// below it: then four neighbours are four values in a row.

#define PAIRS_LOW(a, b)                                                                         \
    __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define PAIRS_HIGH(a, b)                                                                        \
    __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)

INLINE void copy_pairs(
    float *copy, const float *source, const orbit_warp_sizes *sizes, int extends, float value) {
    int64_t height = sizes->height, width = sizes->width;
    float line[16];
    STORE(line, ALL(value));
    for (int64_t y = -1; y <= height; y++) {
        float *row = copy + (y + 1) * (width + 3) * 2, *end = row + 2 + 2 * width;
        int64_t above = y, below = y + 1;
        if (extends) {
            above = above < 0 ? 0 : above < height ? above : height - 1;
            below = below < height ? below : height - 1;
        }
        // A row of the border is one vector, read again and again.
        int64_t has_above = above >= 0 && above < height, has_below = below < height;
        const float *upper = has_above ? source + above * width : line;
        const float *lower = has_below ? source + below * width : line;
        if (width >= 16)
            for (int64_t x = 0; x < width; x += 16) {
                // The last vector ends with the row.
                if (x > width - 16) x = width - 16;
                vector a = LOAD(upper + x * has_above), b = LOAD(lower + x * has_below);
                STORE(row + 2 + 2 * x, PAIRS_LOW(a, b));
                STORE(row + 18 + 2 * x, PAIRS_HIGH(a, b));
            }
        else
            for (int64_t x = 0; x < width; x++) {
                row[2 + 2 * x] = upper[x];
                row[3 + 2 * x] = lower[x];
            }
        row[0] = extends ? row[2] : value;
        row[1] = extends ? row[3] : value;
        end[0] = end[2] = extends ? end[-2] : value;
        end[1] = end[3] = extends ? end[-1] : value;
    }
}

INLINE void copy_pixels(
    float *copy, const float *source, const orbit_warp_sizes *sizes, int extends, float value) {
    int64_t height = sizes->height, width = sizes->width, channels = sizes->channels;
    int64_t values = width * channels, stride = values + 3 * channels;
    for (int64_t y = 0; y < height; y++) {
        float *row = copy + (y + 1) * stride, *end = row + channels + values;
        memcpy(row + channels, source + y * values, values * sizeof *row);
        for (int64_t c = 0; c < channels; c++) {
            row[c] = extends ? row[c + channels] : value;
            end[c] = end[c + channels] = extends ? end[c - channels] : value;
        }
    }
    float *last = copy + height * stride;
    if (extends) {
        memcpy(copy, copy + stride, stride * sizeof *copy);
        memcpy(last + stride, last, stride * sizeof *copy);
        memcpy(last + 2 * stride, last, stride * sizeof *copy);
    } else {
        for (int64_t i = 0; i < stride; i++)
            copy[i] = last[stride + i] = last[2 * stride + i] = value;
    }
    // Pixels are read in whole vectors.
    memset(last + 3 * stride, 0, 16 * sizeof *copy);
}
