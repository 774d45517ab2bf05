#pragma once

#include <string.h>

#include "CVectors.h"
#include "clones.h"
#include "warp_places.h"

// Where the positions of a grid read, and with what weights. The two pixels along a side are always neighbours
// within the image: at its edge they are moved inside and the weights change places, so that the reading needs
// neither branches nor a border. A side of one pixel is read twice, with the second weight zero.

/// What is known along one side of the image.
typedef struct {
    /// The weights of the two pixels; together less than 1 where the fill has a share.
    float near[longest], far[longest];
    /// The derivatives of the weights by the coordinate.
    float near_slope[longest], far_slope[longest];
} side_weights;

/// What is known of a stretch of positions.
typedef struct {
    /// The upper left of the four pixels, in pixels.
    int64_t places[longest];
    side_weights across, along;
} readings;

typedef int64_t wide_mask __attribute__((vector_size(128), aligned(8)));

/// Folds sixteen normalised coordinates into a side; gives the first pixel.
INLINE void fold_side(
    const vector *coordinate, float side, const orbit_grid_border border, side_weights *to,
    int64_t i, vector *pixel) {
    const float half = 0.5f * side, last = side > 1 ? side - 2 : 0;
    vector index = *coordinate * half + (half - 0.5f), position, slope;
    if (border == orbit_grid_constant) {
        slope = PICK((index <= -1) | (index >= side), ALL(0), ALL(half));
        // Counted from the pixel of fill before the first: two pixels of it are as good as a plane.
        position = LIMITED(index + 1, 0, side + 1);
    } else if (border == orbit_grid_clamped) {
        slope = PICK((index <= 0) | (index >= side - 1), ALL(0), ALL(half));
        position = LIMITED(index, 0, side - 1);
    } else {
        // At -1/2 and side - 1/2: symmetric about 0 with the period 2·side. Every mirror turns the direction.
        vector edge = index + 0.5f, distance = LIMITED(LARGER(edge, -edge), 0, 0x1p22f - 1);
        vector folded = distance - WHOLE(distance * (0.5f / side)) * (2 * side);
        vector inside = SMALLER(folded, 2 * side - folded) - 0.5f;
        slope = PICK((folded > side) ^ (edge < 0), ALL(-half), ALL(half));
        slope = PICK((inside <= 0) | (inside >= side - 1), ALL(0), slope);
        position = LIMITED(inside, 0, side - 1);
    }
    vector low = WHOLE(position), fraction = position - low;
    // What is not a number stays visible.
    mask unknown = *coordinate != *coordinate;
    fraction = PICK(unknown, *coordinate, fraction);
    if (border == orbit_grid_constant) {
        vector before = low - 1, rest = 1 - fraction, none = ALL(0);
        vector first = LIMITED(before, 0, last);
        mask both = before == first, only_far = before + 1 == first;
        mask second = (mask){0} + (side > 1 ? -1 : 0);
        mask has_far = both & second, only_near = (before == first + 1) & second;
        STORE(to->near + i, PICK(both, rest, PICK(only_far, fraction, none)));
        STORE(to->far + i, PICK(has_far, fraction, PICK(only_near, rest, none)));
        STORE(to->near_slope + i, PICK(both, -slope, PICK(only_far, slope, none)));
        STORE(to->far_slope + i, PICK(has_far, slope, PICK(only_near, -slope, none)));
        *pixel = first;
    } else {
        vector first = SMALLER(low, ALL(last));
        fraction += low - first;
        STORE(to->near + i, 1 - fraction);
        STORE(to->far + i, fraction);
        STORE(to->near_slope + i, -slope);
        STORE(to->far_slope + i, slope);
        *pixel = first;
    }
}

/// Where `count` positions (x, y) read.
INLINE void find(
    readings *to, const float *grid, int64_t count, const orbit_grid_sizes *sizes,
    const orbit_grid_border border) {
    for (int64_t i = 0; i < count; i += 16) {
        float last[32];
        const float *p = grid + 2 * i;
        if (i + 16 > count) {
            memset(last, 0, sizeof last);
            memcpy(last, p, 2 * (count - i) * sizeof *p);
            p = last;
        }
        vector a = LOAD(p), b = LOAD(p + 16), column, row;
        vector x = __builtin_shufflevector(
            a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
        vector y = __builtin_shufflevector(
            a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
        fold_side(&x, sizes->width, border, &to->across, i, &column);
        fold_side(&y, sizes->height, border, &to->along, i, &row);
        wide_mask columns = __builtin_convertvector(__builtin_convertvector(column, mask), wide_mask);
        wide_mask rows = __builtin_convertvector(__builtin_convertvector(row, mask), wide_mask);
        *(wide_mask *)(to->places + i) = rows * sizes->width + columns;
    }
}
