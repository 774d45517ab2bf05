#include "CVectors.h"
#include "functions.h"

/// Zeros for the lanes behind the last value.
#define KEPT(v)                                                                            \
    ({                                                                                     \
        vector kept_ = (v);                                                                \
        if (lanes != 16) {                                                                 \
            const vector numbers_ = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}; \
            kept_ = WHERE(numbers_ < (float)lanes, kept_);                                 \
        }                                                                                  \
        kept_;                                                                             \
    })

CLONES void orbit_squared_distances(
    const float *coordinates, int64_t place, float *distances, int64_t count,
    int64_t dimensions) {
    for (int64_t d = 0; d < dimensions; d++) {
        const float *values = coordinates + d * count;
        const float own = values[place];
        ELEMENTS(count, {
            vector difference = READ(values + i) - own;
            vector sum = {0};
            if (d > 0) sum = READ(distances + i);
            WRITE(distances + i, sum + difference * difference);
        });
    }
}

CLONES void orbit_neighbour_weights(
    const float *distances, float least, float precision, float *weights, int64_t count,
    float *sums) {
    vector total = {0}, weighted = {0};
    ELEMENTS(count, {
        vector excess = READ(distances + i) - least;
        vector argument = -precision * excess, weight;
        exponential(&argument, &weight);
        weight = KEPT(weight);
        total += weight;
        weighted += excess * weight;
        WRITE(weights + i, weight);
    });
    sums[0] = total_of(&total);
    sums[1] = total_of(&weighted);
}

CLONES void orbit_neighbour_forces(
    const float *affinities, const float *x, const float *y, int64_t place, int64_t count,
    float *sums) {
    const float own_x = x[place], own_y = y[place];
    vector attraction_x = {0}, attraction_y = {0}, repulsion_x = {0}, repulsion_y = {0};
    vector total = {0};
    ELEMENTS(count, {
        vector dx = own_x - READ(x + i), dy = own_y - READ(y + i);
        vector weight = KEPT(1 / (1 + (dx * dx + dy * dy)));
        vector pull = READ(affinities + i) * weight, push = weight * weight;
        attraction_x += pull * dx;
        attraction_y += pull * dy;
        repulsion_x += push * dx;
        repulsion_y += push * dy;
        total += weight;
    });
    sums[0] = total_of(&attraction_x);
    sums[1] = total_of(&attraction_y);
    sums[2] = total_of(&repulsion_x);
    sums[3] = total_of(&repulsion_y);
    // A point repels itself with weight 1 and no force.
    sums[4] = total_of(&total) - 1;
}

CLONES float orbit_neighbour_divergence(
    const float *affinities, const float *x, const float *y, int64_t place, int64_t count) {
    const float own_x = x[place], own_y = y[place];
    const vector least = (vector){0} + 1e-37f;
    vector total = {0};
    ELEMENTS(count, {
        vector dx = own_x - READ(x + i), dy = own_y - READ(y + i);
        vector p = READ(affinities + i);
        vector argument = CHOOSE(p < least, least, p) * (1 + (dx * dx + dy * dy)), logarithm;
        natural_logarithm(&argument, &logarithm);
        total += p * logarithm;
    });
    return total_of(&total);
}
