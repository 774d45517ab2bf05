#include "CVectors.h"

#include <stdlib.h>
#include <string.h>

#include "clones.h"

// Narrow rows are taken several at a time, so that a group of them is whole vectors: 24 channels make
// three vectors of two rows. The constants of a channel are repeated to match.

enum { longest = 1024 };

/// The number of rows in a group.
static inline int64_t group_of(int64_t channels, int64_t rows) {
    int64_t group = 1;
    if (channels < 64)
        while (group * channels % 16) group *= 2;
    return group <= rows ? group : 1;
}

static inline const float *repeated(
    const float *row, int64_t channels, int64_t group, float *place) {
    if (group == 1) return row;
    for (int64_t i = 0; i < group; i++) memcpy(place + i * channels, row, channels * sizeof *row);
    return place;
}

#define LOAD(p) (*(const vector *)(p))
#define STORE(p, v) (*(vector *)(p) = (v))
/// v where the mask is set, zero elsewhere.
#define WHERE(m, v) ((vector)((mask)(v) & (m)))

CLONES void orbit_scale_shift(
    const float *source, const float *scale, const float *shift, float *destination, int64_t rows,
    int64_t channels, int rectify) {
    float scales[longest], shifts[longest];
    int64_t group = group_of(channels, rows), width = group * channels, whole = width / 16 * 16;
    const float *a = repeated(scale, channels, group, scales);
    const float *b = repeated(shift, channels, group, shifts);
    int64_t done = 0;
    for (; done + group <= rows; done += group) {
        const float *x = source + done * channels;
        float *y = destination + done * channels;
        int64_t c = 0;
        if (rectify)
            for (; c < whole; c += 16) {
                vector v = LOAD(x + c) * LOAD(a + c) + LOAD(b + c);
                // What is not a number stays so.
                STORE(y + c, WHERE(~(v <= 0), v));
            }
        else
            for (; c < whole; c += 16) STORE(y + c, LOAD(x + c) * LOAD(a + c) + LOAD(b + c));
        for (; c < width; c++) {
            float v = x[c] * a[c] + b[c];
            y[c] = rectify && v <= 0 ? 0 : v;
        }
    }
    for (int64_t i = done * channels; i < rows * channels; i++) {
        float v = source[i] * scale[i % channels] + shift[i % channels];
        destination[i] = rectify && v <= 0 ? 0 : v;
    }
}

/// Sums of so many groups are kept in single precision before they go to the totals.
enum { block = 64 };

static inline void fold(
    float *first, float *second, double *totals, double *second_totals, int64_t channels,
    int64_t group) {
    for (int64_t i = 0; i < group; i++)
        for (int64_t c = 0; c < channels; c++) {
            totals[c] += first[i * channels + c];
            second_totals[c] += second[i * channels + c];
        }
    memset(first, 0, group * channels * sizeof *first);
    memset(second, 0, group * channels * sizeof *second);
}

/// Room for two sums of a group of rows, on the stack unless rows are very long.
#define SUMS(width)                                                             \
    float near[2 * longest];                                                    \
    float *far = (width) > longest ? malloc(2 * (width) * sizeof *far) : NULL;  \
    if ((width) > longest && !far) abort();                                     \
    float *s = far ? far : near, *q = s + (width);                              \
    memset(s, 0, 2 * (width) * sizeof *s)

CLONES void orbit_moments(
    const float *source, const float *origin, double *first, double *second, int64_t rows,
    int64_t channels) {
    float origins[longest];
    int64_t group = group_of(channels, rows), width = group * channels, whole = width / 16 * 16;
    const float *o = repeated(origin, channels, group, origins);
    SUMS(width);
    int64_t done = 0, pending = 0;
    for (; done + 2 * group <= rows; done += 2 * group) {
        const float *x = source + done * channels;
        int64_t c = 0;
        for (; c < whole; c += 16) {
            vector u = LOAD(x + c) - LOAD(o + c), v = LOAD(x + width + c) - LOAD(o + c);
            STORE(s + c, LOAD(s + c) + (u + v));
            STORE(q + c, LOAD(q + c) + (u * u + v * v));
        }
        for (; c < width; c++) {
            float u = x[c] - o[c], v = x[width + c] - o[c];
            s[c] += u + v;
            q[c] += u * u + v * v;
        }
        if (++pending == block) {
            fold(s, q, first, second, channels, group);
            pending = 0;
        }
    }
    fold(s, q, first, second, channels, group);
    for (; done < rows; done++)
        for (int64_t c = 0; c < channels; c++) {
            double d = (double)source[done * channels + c] - origin[c];
            first[c] += d;
            second[c] += d * d;
        }
    free(far);
}

CLONES void orbit_normalisation_gradient_sums(
    const float *source, const float *gradient, const float *scale, const float *shift,
    const float *mean, double *first, double *second, int64_t rows, int64_t channels) {
    float scales[longest], shifts[longest], means[longest];
    int64_t group = group_of(channels, rows), width = group * channels, whole = width / 16 * 16;
    const float *a = repeated(scale, channels, group, scales);
    const float *b = repeated(shift, channels, group, shifts);
    const float *m = repeated(mean, channels, group, means);
    SUMS(width);
    int64_t done = 0, pending = 0;
    for (; done + 2 * group <= rows; done += 2 * group) {
        const float *x = source + done * channels, *g = gradient + done * channels;
        int64_t c = 0;
        for (; c < whole; c += 16) {
            vector u = LOAD(x + c), v = LOAD(x + width + c);
            vector k = LOAD(a + c), l = LOAD(b + c), n = LOAD(m + c);
            vector d = LOAD(g + c), e = LOAD(g + width + c);
            d = WHERE(u * k + l > 0, d);
            e = WHERE(v * k + l > 0, e);
            STORE(s + c, LOAD(s + c) + (d + e));
            STORE(q + c, LOAD(q + c) + (d * (u - n) + e * (v - n)));
        }
        for (; c < width; c++) {
            float d = x[c] * a[c] + b[c] > 0 ? g[c] : 0;
            float e = x[width + c] * a[c] + b[c] > 0 ? g[width + c] : 0;
            s[c] += d + e;
            q[c] += d * (x[c] - m[c]) + e * (x[width + c] - m[c]);
        }
        if (++pending == block) {
            fold(s, q, first, second, channels, group);
            pending = 0;
        }
    }
    fold(s, q, first, second, channels, group);
    for (; done < rows; done++)
        for (int64_t c = 0; c < channels; c++) {
            float x = source[done * channels + c];
            float d = x * scale[c] + shift[c] > 0 ? gradient[done * channels + c] : 0;
            first[c] += d;
            second[c] += (double)d * ((double)x - mean[c]);
        }
    free(far);
}

CLONES void orbit_normalisation_gradient(
    const float *source, const float *gradient, const float *scale, const float *shift,
    const float *factor, const float *slope, const float *intercept, float *destination,
    int64_t rows, int64_t channels) {
    float scales[longest], shifts[longest], factors[longest], slopes[longest], intercepts[longest];
    int64_t group = group_of(channels, rows), width = group * channels, whole = width / 16 * 16;
    const float *a = repeated(scale, channels, group, scales);
    const float *b = repeated(shift, channels, group, shifts);
    const float *f = repeated(factor, channels, group, factors);
    const float *p = repeated(slope, channels, group, slopes);
    const float *k = repeated(intercept, channels, group, intercepts);
    int64_t done = 0;
    for (; done + group <= rows; done += group) {
        const float *x = source + done * channels, *g = gradient + done * channels;
        float *y = destination + done * channels;
        int64_t c = 0;
        for (; c < whole; c += 16) {
            vector u = LOAD(x + c), d = LOAD(g + c);
            d = WHERE(u * LOAD(a + c) + LOAD(b + c) > 0, d);
            STORE(y + c, LOAD(f + c) * d + (u * LOAD(p + c) + LOAD(k + c)));
        }
        for (; c < width; c++) {
            float d = x[c] * a[c] + b[c] > 0 ? g[c] : 0;
            y[c] = f[c] * d + (x[c] * p[c] + k[c]);
        }
    }
    for (int64_t i = done * channels; i < rows * channels; i++) {
        int64_t c = i % channels;
        float d = source[i] * scale[c] + shift[c] > 0 ? gradient[i] : 0;
        destination[i] = factor[c] * d + (source[i] * slope[c] + intercept[c]);
    }
}

CLONES void orbit_add(float *target, const float *source, int64_t count) {
    int64_t i = 0;
    for (; i + 16 <= count; i += 16) STORE(target + i, LOAD(target + i) + LOAD(source + i));
    for (; i < count; i++) target[i] += source[i];
}
