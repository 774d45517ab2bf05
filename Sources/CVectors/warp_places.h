#pragma once

#include "CVectors.h"
#include "clones.h"

// Where the pixels of a warp read.

#define LOAD(p) (*(const vector *)(p))
#define STORE(p, v) (*(vector *)(p) = (v))
#define INLINE static inline __attribute__((always_inline))

// Macros, as functions that take vectors would be called differently for each instruction set.

/// Sixteen times the same number.
#define ALL(x)                                                                                  \
    ({                                                                                          \
        float x_ = (x);                                                                         \
        (vector){x_, x_, x_, x_, x_, x_, x_, x_, x_, x_, x_, x_, x_, x_, x_, x_};               \
    })
/// a where the mask is set, b elsewhere.
#define PICK(m, a, b)                                                                           \
    ({                                                                                          \
        mask m_ = (m);                                                                          \
        (vector)((m_ & (mask)(a)) | (~m_ & (mask)(b)));                                         \
    })
/// The larger of two numbers, the second where one is NaN.
#define LARGER(a, b)                                                                            \
    ({                                                                                          \
        vector a_ = (a), b_ = (b);                                                              \
        PICK(a_ > b_, a_, b_);                                                                  \
    })
/// The smaller of two numbers, the second where one is NaN.
#define SMALLER(a, b)                                                                           \
    ({                                                                                          \
        vector c_ = (a), d_ = (b);                                                              \
        PICK(c_ < d_, c_, d_);                                                                  \
    })
#define LIMITED(x, lowest, highest) SMALLER(LARGER(x, ALL(lowest)), ALL(highest))
/// The next whole number below, for numbers from 0 to 2^31.
#define WHOLE(x) __builtin_convertvector(__builtin_convertvector(x, mask), vector)

enum { longest = 256 };

/// What is known of the pixels of a stretch.
typedef struct {
    /// The upper left of the four neighbours in the copy, in pixels.
    int32_t places[longest];
    /// The fractions to the right and down.
    float right[longest], down[longest];
    /// How much of what a pixel reads lies in the image, from 0 to 1.
    float shares[longest];
} stretch;

/// Sixteen output pixels and how to come to the next.
typedef struct {
    vector x, y;
    float columns, rows, width;
} walk;

INLINE void start(walk *at, int64_t width) {
    at->columns = 16 % width;
    at->rows = 16 / width;
    at->width = width;
    for (int i = 0; i < 16; i++) {
        at->x[i] = i % width;
        at->y[i] = i / width;
    }
}

INLINE void advance(walk *at) {
    vector x = at->x + ALL(at->columns), y = at->y + ALL(at->rows);
    mask over = x >= at->width;
    at->x = PICK(over, x - at->width, x);
    at->y = PICK(over, y + 1, y);
}

typedef enum { onto_border, onto_edge, by_mirrors } folding;
typedef enum { unknown, soft, hard } sharing;

/// From an input pixel index to a pixel index of the copy, where the next pixel exists too.
#define FOLD(position, side, folding)                                                           \
    ({                                                                                          \
        float side_ = (side);                                                                   \
        vector p_ = (position), q_;                                                             \
        if ((folding) == onto_border) q_ = LIMITED(p_ + 1, 0, side_ + 1);                       \
        if ((folding) == onto_edge) q_ = LIMITED(p_ + 1, 1, side_);                             \
        if ((folding) == by_mirrors) {                                                          \
            /* At -1/2 and side - 1/2: symmetric about 0 with the period 2·side. Beyond 2^22    \
               there are no fractions anyway. */                                                \
            vector edge = p_ + 0.5f, distance = SMALLER(LARGER(edge, -edge), ALL(0x1p22f - 1)); \
            vector once = distance - WHOLE(distance * (0.5f / side_)) * (2 * side_);            \
            q_ = LIMITED(SMALLER(once, 2 * side_ - once) + 0.5f, 1, side_);                     \
        }                                                                                       \
        q_;                                                                                     \
    })

/// Where `count` pixels read.
INLINE void place(
    stretch *to, walk *at, int64_t count, const orbit_warp_sizes *sizes,
    const orbit_homography *map, const folding folding, const sharing sharing) {
    orbit_homography m = *map;
    float height = sizes->height, width = sizes->width, stride = width + 3;
    walk here = *at;
    for (int64_t i = 0; i < count; i += 16) {
        vector x = here.x, y = here.y;
        vector u = x * m.u[0] + (y * m.u[1] + m.u[2]);
        vector v = x * m.v[0] + (y * m.v[1] + m.v[2]);
        vector w = x * m.w[0] + (y * m.w[1] + m.w[2]);
        // At the horizon positions go far beyond the image, but stay finite.
        vector size = LARGER(LARGER(w, -w), ALL(1e-6f));
        vector reciprocal = 1 / PICK(w < 0, -size, size);
        u *= reciprocal;
        v *= reciprocal;
        vector column = FOLD(u, width, folding), row = FOLD(v, height, folding);
        vector left = WHOLE(column), top = WHOLE(row);
        STORE(to->right + i, column - left);
        STORE(to->down + i, row - top);
        *(mask *)(to->places + i) = __builtin_convertvector(top * stride + left, mask);
        if (sharing == hard) {
            mask outside =
                (u < -0.5f) | (v < -0.5f) | (u >= width - 0.5f) | (v >= height - 0.5f);
            STORE(to->shares + i, PICK(outside, ALL(0), ALL(1)));
        }
        if (sharing == soft) {
            vector across = LIMITED(u + 1, 0, 1) * LIMITED(width - u, 0, 1);
            vector along = LIMITED(v + 1, 0, 1) * LIMITED(height - v, 0, 1);
            STORE(to->shares + i, across * along);
        }
        advance(&here);
    }
    *at = here;
}
