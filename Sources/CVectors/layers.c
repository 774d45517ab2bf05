#include "CVectors.h"
#include "elements.h"

// Rows that are normalised one by one stay in the nearest cache between their passes.

/// v, zero in the lanes behind the last value.
#define LIVE(v) (lanes == 16 ? (v) : WHERE(lane_numbers < (float)lanes, (v)))

static const vector lane_numbers = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

CLONES void orbit_layer_normalise(
    const float *source, const float *scale, const float *shift, float *target, float *mean,
    float *inverse_deviation, int64_t rows, int64_t width, float epsilon) {
    for (int64_t r = 0; r < rows; r++) {
        const float *x = source + r * width;
        float *y = target + r * width;
        vector sum = {0}, squares = {0};
        ELEMENTS(width, { sum += READ(x + i); });
        float m = total_of(&sum) / width;
        ELEMENTS(width, {
            vector d = LIVE(READ(x + i) - m);
            squares += d * d;
        });
        float factor = 1 / __builtin_elementwise_sqrt(total_of(&squares) / width + epsilon);
        ELEMENTS(width, {
            WRITE(y + i, (READ(x + i) - m) * (factor * READ(scale + i)) + READ(shift + i));
        });
        mean[r] = m;
        inverse_deviation[r] = factor;
    }
}

CLONES void orbit_layer_normalise_gradient(
    const float *source, const float *mean, const float *inverse_deviation, const float *scale,
    const float *gradient, float *target, float *scale_gradient, float *shift_gradient,
    int64_t rows, int64_t width) {
    for (int64_t r = 0; r < rows; r++) {
        const float *x = source + r * width, *g = gradient + r * width;
        float *y = target + r * width, m = mean[r], factor = inverse_deviation[r];
        vector all = {0}, along = {0};
        ELEMENTS(width, {
            vector s = READ(g + i) * READ(scale + i);
            all += s;
            along += s * (READ(x + i) - m);
        });
        float offset = -factor * (total_of(&all) / width);
        float slope = -factor * factor * factor * (total_of(&along) / width);
        ELEMENTS(width, {
            vector d = READ(x + i) - m, u = READ(g + i);
            WRITE(scale_gradient + i, READ(scale_gradient + i) + u * (factor * d));
            WRITE(shift_gradient + i, READ(shift_gradient + i) + u);
            WRITE(y + i, u * (factor * READ(scale + i)) + (d * slope + offset));
        });
    }
}
