#include "CVectors.h"

#include <string.h>

#include "clones.h"

// Solvers need double precision, and their data are floats: each is widened on its way into a register.

/// Eight doubles, and the floats they are made of.
typedef double wide __attribute__((vector_size(64), aligned(8)));
typedef float narrow __attribute__((vector_size(32), aligned(4)));

#define WIDE(p) __builtin_convertvector(*(const narrow *)(p), wide)

/// The sum of the lanes, always in the same order.
static inline double total(const wide *v) {
    double s[8];
    memcpy(s, v, sizeof s);
    for (int width = 4; width; width /= 2)
        for (int k = 0; k < width; k++) s[k] += s[k + width];
    return s[0];
}

/// Adds the products of `height` rows with `width` rows; how a value is summed depends on neither.
static inline __attribute__((always_inline)) void add_tile(
    const float *left, const float *right, int64_t count, int64_t stride, double *target,
    int64_t target_stride, const int height, const int width) {
    wide sums[4][4] = {{{0}}};
    int64_t i = 0;
    for (; i + 8 <= count; i += 8) {
        wide b[4];
        for (int c = 0; c < width; c++) b[c] = WIDE(right + c * stride + i);
        for (int r = 0; r < height; r++) {
            wide a = WIDE(left + r * stride + i);
            for (int c = 0; c < width; c++) sums[r][c] += a * b[c];
        }
    }
    for (int r = 0; r < height; r++)
        for (int c = 0; c < width; c++) {
            double sum = total(&sums[r][c]);
            for (int64_t k = i; k < count; k++)
                sum += (double)left[r * stride + k] * (double)right[c * stride + k];
            target[r * target_stride + c] += sum;
        }
}

CLONES void orbit_row_products(
    const float *left, int64_t left_rows, const float *right, int64_t right_rows, int64_t width,
    double *target, int64_t stride) {
    for (int64_t r = 0; r < left_rows; r++)
        memset(target + r * stride, 0, right_rows * sizeof(double));
    // Long rows are cut, so that those of one side stay in cache while the other's go by.
    for (int64_t start = 0; start < width; start += 1024) {
        const int64_t count = width - start < 1024 ? width - start : 1024;
        for (int64_t c = 0; c < right_rows;) {
            const int wide_enough = c + 4 <= right_rows;
            const float *b = right + c * width + start;
            for (int64_t r = 0; r < left_rows;) {
                const float *a = left + r * width + start;
                double *t = target + r * stride + c;
                const int high_enough = r + 4 <= left_rows;
                if (high_enough && wide_enough) add_tile(a, b, count, width, t, stride, 4, 4);
                else if (high_enough) add_tile(a, b, count, width, t, stride, 4, 1);
                else if (wide_enough) add_tile(a, b, count, width, t, stride, 1, 4);
                else add_tile(a, b, count, width, t, stride, 1, 1);
                r += high_enough ? 4 : 1;
            }
            c += wide_enough ? 4 : 1;
        }
    }
}

CLONES double orbit_wide_product(const float *left, const double *right, int64_t count) {
    // Four sums at a time, so that an addition need not wait for the one before it.
    wide sums[4] = {{0}};
    int64_t i = 0;
    for (; i + 32 <= count; i += 32)
        for (int k = 0; k < 4; k++)
            sums[k] += WIDE(left + i + 8 * k) * *(const wide *)(right + i + 8 * k);
    const wide all = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    double sum = total(&all);
    for (; i < count; i++) sum += (double)left[i] * right[i];
    return sum;
}

CLONES void orbit_add_widened(const float *source, double factor, double *target, int64_t count) {
    int64_t i = 0;
    for (; i + 8 <= count; i += 8) *(wide *)(target + i) += factor * WIDE(source + i);
    for (; i < count; i++) target[i] += factor * (double)source[i];
}

CLONES void orbit_add_multiple(const double *source, double factor, double *target, int64_t count) {
    int64_t i = 0;
    for (; i + 8 <= count; i += 8)
        *(wide *)(target + i) += factor * *(const wide *)(source + i);
    for (; i < count; i++) target[i] += factor * source[i];
}
