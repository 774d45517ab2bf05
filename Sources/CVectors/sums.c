#include "CVectors.h"
#include "elements.h"

/// Four sums at a time, so that an addition need not wait for the one before it.
#define SUM(term)                                          \
    vector sums[4] = {{0}, {0}, {0}, {0}};                 \
    int64_t start = 0;                                     \
    for (; start + 64 <= count; start += 64)               \
        for (int k = 0; k < 4; k++) {                      \
            enum { lanes = 16 };                           \
            int64_t i = start + 16 * k;                    \
            sums[k] += (term);                             \
        }                                                  \
    source += start;                                       \
    ELEMENTS(count - start, { sums[0] += (term); });       \
    vector total = (sums[0] + sums[1]) + (sums[2] + sums[3])

CLONES float orbit_sum(const float *source, int64_t count) {
    SUM(READ(source + i));
    return total_of(&total);
}

CLONES float orbit_sum_of_squared_differences(
    const float *source, const float *other, int64_t count) {
    const float *first = source;
    SUM(({ vector v = READ(source + i) - READ(other + (source - first) + i); v * v; }));
    return total_of(&total);
}

CLONES float orbit_sum_of_squares(const float *source, int64_t count) {
    SUM(({ vector v = READ(source + i); v * v; }));
    return total_of(&total);
}

CLONES int orbit_all_finite(const float *source, int64_t count) {
    // Zero times a finite number is zero, and what is not a number stays in the sum.
    SUM(READ(source + i) * 0);
    return total_of(&total) == 0;
}

static inline __attribute__((always_inline)) void sum_rows(
    const float *source, float *target, int64_t rows, int64_t width) {
    int64_t c = 0;
    // Eight vectors at a time stay in registers while the rows go by.
    for (; c + 128 <= width; c += 128) {
        vector s[8] = {{0}};
        for (int64_t r = 0; r < rows; r++)
            for (int k = 0; k < 8; k++) s[k] += LOAD(source + r * width + c + 16 * k);
        for (int k = 0; k < 8; k++) STORE(target + c + 16 * k, s[k]);
    }
    for (; c < width; c += 16) {
        const int64_t lanes = width - c < 16 ? width - c : 16;
        vector s[4] = {{0}};
        int64_t r = 0;
        if (lanes == 16)
            for (; r + 4 <= rows; r += 4)
                for (int k = 0; k < 4; k++) s[k] += LOAD(source + (r + k) * width + c);
        for (; r < rows; r++) s[0] += READ(source + r * width + c);
        WRITE(target + c, (s[0] + s[1]) + (s[2] + s[3]));
    }
}

CLONES void orbit_sum_rows(const float *source, float *target, int64_t rows, int64_t width) {
    if (width >= 64 || width % 16 == 0 || rows < 16) {
        sum_rows(source, target, rows, width);
        return;
    }
    // Sixteen narrow rows are one row of whole vectors, folded at the end.
    float sums[16 * 64];
    int64_t groups = rows / 16, rest = rows % 16;
    sum_rows(source, sums, groups, 16 * width);
    sum_rows(source + groups * 16 * width, target, rest, width);
    for (int64_t r = 0; r < 16; r++)
        for (int64_t k = 0; k < width; k++) target[k] += sums[r * width + k];
}
