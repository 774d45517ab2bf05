#include "CVectors.h"
#include "elements.h"

CLONES void orbit_rectify(const float *source, float *target, int64_t count) {
    ELEMENTS(count, {
        vector v = READ(source + i);
        WRITE(target + i, WHERE(~(v < 0), v));
    });
}

CLONES void orbit_rectify_gradient(
    const float *gradient, const float *output, float *target, int64_t count) {
    ELEMENTS(count, { WRITE(target + i, WHERE(~(READ(output + i) <= 0), READ(gradient + i))); });
}

CLONES void orbit_combine(
    const float *left, const float *right, float *target, int64_t count,
    enum orbit_combination combination) {
    switch (combination) {
    case orbit_sum_of_both:
        ELEMENTS(count, { WRITE(target + i, READ(left + i) + READ(right + i)); });
        break;
    case orbit_difference_of_both:
        ELEMENTS(count, { WRITE(target + i, READ(left + i) - READ(right + i)); });
        break;
    case orbit_product_of_both:
        ELEMENTS(count, { WRITE(target + i, READ(left + i) * READ(right + i)); });
        break;
    case orbit_quotient_of_both:
        ELEMENTS(count, { WRITE(target + i, READ(left + i) / READ(right + i)); });
        break;
    }
}

CLONES void orbit_scale(const float *source, float factor, float *target, int64_t count) {
    ELEMENTS(count, { WRITE(target + i, factor * READ(source + i)); });
}

CLONES void orbit_scaled_difference(
    const float *left, const float *right, float factor, float *target, int64_t count) {
    ELEMENTS(count, { WRITE(target + i, (READ(left + i) - READ(right + i)) * factor); });
}

CLONES void orbit_add_row(
    const float *source, const float *row, float *target, int64_t rows, int64_t width) {
    float tile[16 * 256];
    // Some narrow rows are one row of whole vectors, long enough to be worth a loop.
    int64_t group = width > 256 ? 1 : width > 16 ? 16 : 16 * (16 / width);
    if (group > rows) group = rows;
    if (group > 1) {
        for (int64_t r = 0; r < group; r++) memcpy(tile + r * width, row, width * sizeof *row);
        row = tile;
    }
    for (int64_t r = 0; r < rows; r += group) {
        int64_t count = (rows - r < group ? rows - r : group) * width;
        const float *x = source + r * width;
        float *y = target + r * width;
        ELEMENTS(count, { WRITE(y + i, READ(x + i) + READ(row + i)); });
    }
}
