#include "CVectors.h"

// Positions are taken in stretches: first where they read, sixteen at a time, then the reading.
//
// Products and sums are rounded one by one: the same bits on every processor.
#pragma STDC FP_CONTRACT OFF

#include "clones.h"
#include "grid_places.h"
#include "quads.h"

typedef float two __attribute__((vector_size(8), aligned(4)));
#define TWO(p) (*(const two *)(p))

/// The steps from the upper left pixel to its neighbours; none along a side of one pixel.
typedef struct {
    int64_t right, down;
} steps;

INLINE steps steps_in(const orbit_grid_sizes *sizes) {
    int64_t channels = sizes->channels;
    return (steps){
        sizes->width > 1 ? channels : 0, sizes->height > 1 ? sizes->width * channels : 0};
}

/// Calls `body` for each kind of border, which the compiler then knows.
#define FOR_BORDER(border, body)                                            \
    switch (border) {                                                       \
        case orbit_grid_constant: body(orbit_grid_constant); break;         \
        case orbit_grid_clamped: body(orbit_grid_clamped); break;           \
        case orbit_grid_mirrored: body(orbit_grid_mirrored); break;         \
    }

/// The four pixels of one value each that sixteen positions read.
#define CORNERS(image, p, stride, upper_left, upper_right, lower_left, lower_right)             \
    do {                                                                                        \
        const float *image_ = (image);                                                          \
        const int64_t *p_ = (p), stride_ = (stride);                                            \
        TAKE_APART(PAIRS, upper_left, upper_right, lower_left, lower_right);                    \
    } while (0)
#define PAIRS(k)                                                                                \
    __builtin_shufflevector(TWO(image_ + p_[k]), TWO(image_ + p_[k] + stride_), 0, 1, 2, 3)

/// Writes vectors of a stretch, and no more of the last one than there is.
#define PUT(target, i, count, v)                                            \
    do {                                                                    \
        vector put_ = (v);                                                  \
        if ((i) + 16 <= (count)) STORE((target) + (i), put_);               \
        else memcpy((target) + (i), &put_, ((count) - (i)) * sizeof(float)); \
    } while (0)

/// What the positions read besides the image's share, from the fill.
#define REST(from, i, fill)                                                                     \
    ((fill) * (1 - (LOAD((from)->across.near + (i)) + LOAD((from)->across.far + (i)))           \
                       * (LOAD((from)->along.near + (i)) + LOAD((from)->along.far + (i)))))

INLINE void read_values(
    const float *image, float *target, const readings *from, int64_t count, steps step,
    float fill) {
    for (int64_t i = 0; i < count; i += 16) {
        vector a, b, c, d;
        CORNERS(image, from->places + i, step.down, a, b, c, d);
        vector near = LOAD(from->across.near + i), far = LOAD(from->across.far + i);
        vector top = near * a + far * b, bottom = near * c + far * d;
        vector value = LOAD(from->along.near + i) * top + LOAD(from->along.far + i) * bottom;
        if (fill != 0) value += REST(from, i, fill);
        PUT(target, i, count, value);
    }
}

/// Three values a pixel: a pixel and the start of its neighbour are four, the last of it and the neighbour too.
INLINE void read_threes(
    const float *image, float *target, const readings *from, int64_t count, steps step,
    const float *rests) {
    for (int64_t i = 0; i < count; i++) {
        const float *upper = image + 3 * from->places[i], *lower = upper + step.down;
        float near = from->across.near[i], far = from->across.far[i];
        float upward = from->along.near[i], downward = from->along.far[i];
        // The lanes of the neighbours stand one further.
        four a = FOUR(upper), b = FOUR(upper + 2), c = FOUR(lower), d = FOUR(lower + 2);
        b = __builtin_shufflevector(b, b, 1, 2, 3, 3);
        d = __builtin_shufflevector(d, d, 1, 2, 3, 3);
        four top = near * a + far * b, bottom = near * c + far * d;
        four value = upward * top + downward * bottom + rests[i];
        if (i + 1 < count)
            *(four *)(target + 3 * i) = value;
        else
            memcpy(target + 3 * i, &value, 3 * sizeof *target);
    }
}

INLINE void read_pixels(
    const float *image, float *target, const readings *from, int64_t count, steps step,
    const float *rests, int64_t channels) {
    for (int64_t i = 0; i < count; i++) {
        const float *upper = image + channels * from->places[i], *lower = upper + step.down;
        float near = from->across.near[i], far = from->across.far[i];
        float upward = from->along.near[i], downward = from->along.far[i], rest = rests[i];
        float *pixel = target + channels * i;
        int64_t c = 0;
#define READ_PIXEL(LANES)                                                                       \
    (upward * (near * LANES(upper + c) + far * LANES(upper + step.right + c))                   \
     + downward * (near * LANES(lower + c) + far * LANES(lower + step.right + c)) + rest)
        for (; c + 16 <= channels; c += 16) STORE(pixel + c, READ_PIXEL(LOAD));
        for (; c + 4 <= channels; c += 4) *(four *)(pixel + c) = READ_PIXEL(FOUR);
        for (; c < channels; c++) pixel[c] = READ_PIXEL(*);
    }
}

CLONES void orbit_grid_sample(
    const float *image, const float *grid, float *target, int64_t positions,
    const orbit_grid_sizes *sizes, orbit_grid_border border, float fill) {
    readings at;
    float rests[longest];
    const steps step = steps_in(sizes);
    const int64_t channels = sizes->channels;
    for (int64_t done = 0; done < positions; done += longest) {
        int64_t count = positions - done < longest ? positions - done : longest;
#define FIND(border) find(&at, grid + 2 * done, count, sizes, border)
        FOR_BORDER(border, FIND);
        float *to = target + done * channels;
        if (channels == 1 && step.right) {
            read_values(image, to, &at, count, step, fill);
            continue;
        }
        memset(rests, 0, sizeof rests);
        if (fill != 0)
            for (int64_t i = 0; i < count; i += 16) STORE(rests + i, REST(&at, i, fill));
        if (channels == 3 && step.right)
            read_threes(image, to, &at, count, step, rests);
        else
            read_pixels(image, to, &at, count, step, rests, channels);
    }
}

/// The four products of a pixel's gradients and values, summed over the channels.
INLINE void product_of_pixels(
    const float *upper, const float *lower, int64_t right, const float *gradient,
    int64_t channels, four *products, float *total) {
    vector s[4] = {{0}, {0}, {0}, {0}}, all = {0};
    four t[4] = {{0}, {0}, {0}, {0}}, rest = {0};
    float u[4] = {0, 0, 0, 0}, last = 0;
    int64_t c = 0;
#define TAKE(LANES, sums, sum)                                                                  \
    {                                                                                           \
        __typeof__(sum) g = LANES(gradient + c);                                                \
        sums[0] += g * LANES(upper + c);                                                        \
        sums[1] += g * LANES(upper + right + c);                                                \
        sums[2] += g * LANES(lower + c);                                                        \
        sums[3] += g * LANES(lower + right + c);                                                \
        sum += g;                                                                               \
    }
    for (; c + 16 <= channels; c += 16) TAKE(LOAD, s, all);
    for (; c + 4 <= channels; c += 4) TAKE(FOUR, t, rest);
    for (; c < channels; c++) TAKE(*, u, last);
#define QUARTER(v, k) __builtin_shufflevector(v, v, k, k + 1, k + 2, k + 3)
#define FOLDED(v) ((QUARTER(v, 0) + QUARTER(v, 4)) + (QUARTER(v, 8) + QUARTER(v, 12)))
    if (channels >= 16) {
        for (int k = 0; k < 4; k++) t[k] += FOLDED(s[k]);
        rest += FOLDED(all);
    }
    // The sums of four vectors are the lanes of one.
    four ab = __builtin_shufflevector(t[0], t[1], 0, 4, 1, 5)
              + __builtin_shufflevector(t[0], t[1], 2, 6, 3, 7);
    four cd = __builtin_shufflevector(t[2], t[3], 0, 4, 1, 5)
              + __builtin_shufflevector(t[2], t[3], 2, 6, 3, 7);
    *products = __builtin_shufflevector(ab, cd, 0, 1, 4, 5)
                + __builtin_shufflevector(ab, cd, 2, 3, 6, 7) + (four){u[0], u[1], u[2], u[3]};
    *total = (rest[0] + rest[1]) + (rest[2] + rest[3]) + last;
}

INLINE void product_of_threes(
    const float *upper, const float *lower, const float *gradient, four *products,
    float *total) {
    four g = {gradient[0], gradient[1], gradient[2], 0};
    four h = {0, gradient[0], gradient[1], gradient[2]};
    four a = g * FOUR(upper), b = h * FOUR(upper + 2), c = g * FOUR(lower), d = h * FOUR(lower + 2);
    four ab = __builtin_shufflevector(a, b, 0, 5, 1, 6), cd = __builtin_shufflevector(c, d, 0, 5, 1, 6);
    four more = __builtin_shufflevector(a, b, 2, 7, 2, 7), most = __builtin_shufflevector(c, d, 2, 7, 2, 7);
    *products = __builtin_shufflevector(ab, cd, 0, 1, 4, 5)
                + __builtin_shufflevector(ab, cd, 2, 3, 6, 7)
                + __builtin_shufflevector(more, most, 0, 1, 4, 5);
    *total = gradient[0] + gradient[1] + gradient[2];
}

CLONES void orbit_grid_sample_grid_gradient(
    const float *image, const float *grid, const float *gradient, float *target,
    int64_t positions, const orbit_grid_sizes *sizes, orbit_grid_border border, float fill) {
    readings at;
    float products[4 * longest], totals[longest];
    const steps step = steps_in(sizes);
    const int64_t channels = sizes->channels;
    for (int64_t done = 0; done < positions; done += longest) {
        int64_t count = positions - done < longest ? positions - done : longest;
        FOR_BORDER(border, FIND);
        const float *g = gradient + done * channels;
        const int is_single = channels == 1 && step.right;
        if (!is_single)
            for (int64_t i = 0; i < count; i++) {
                const float *upper = image + channels * at.places[i], *lower = upper + step.down;
                four four_products;
                if (channels == 3 && step.right)
                    product_of_threes(upper, lower, g + 3 * i, &four_products, totals + i);
                else
                    product_of_pixels(
                        upper, lower, step.right, g + channels * i, channels, &four_products,
                        totals + i);
                *(four *)(products + 4 * i) = four_products;
            }
        for (int64_t i = 0; i < count; i += 16) {
            vector a, b, c, d, factor = ALL(1), total;
            if (is_single) {
                CORNERS(image, at.places + i, step.down, a, b, c, d);
                factor = ALL(0);
                if (i + 16 <= count) factor = LOAD(g + i);
                else memcpy(&factor, g + i, (count - i) * sizeof *g);
                total = ALL(1);
            } else {
#define PRODUCTS(k) FOUR(products + 4 * (i + k))
                TAKE_APART(PRODUCTS, a, b, c, d);
                total = LOAD(totals + i);
            }
            vector near = LOAD(at.across.near + i), far = LOAD(at.across.far + i);
            vector upward = LOAD(at.along.near + i), downward = LOAD(at.along.far + i);
            vector left = LOAD(at.across.near_slope + i), right = LOAD(at.across.far_slope + i);
            vector up = LOAD(at.along.near_slope + i), down = LOAD(at.along.far_slope + i);
            vector x = left * (upward * a + downward * c) + right * (upward * b + downward * d);
            vector y = up * (near * a + far * b) + down * (near * c + far * d);
            if (fill != 0) {
                // The fill's weight shrinks by as much as the others' together grow.
                x -= fill * total * ((left + right) * (upward + downward));
                y -= fill * total * ((up + down) * (near + far));
            }
            x *= factor;
            y *= factor;
            vector front = __builtin_shufflevector(
                x, y, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            vector back = __builtin_shufflevector(
                x, y, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
            float *to = target + 2 * (done + i);
            int64_t values = 2 * (count - i);
            PUT(to, 0, values, front);
            if (values > 16) PUT(to, 16, values, back);
        }
    }
}

CLONES void orbit_grid_sample_image_gradient(
    const float *grid, const float *gradient, float *target, int64_t positions,
    const orbit_grid_sizes *sizes, orbit_grid_border border) {
    readings at;
    float weights[4][longest];
    const steps step = steps_in(sizes);
    const int64_t channels = sizes->channels, right = step.right, down = step.down;
    memset(target, 0, sizes->height * sizes->width * channels * sizeof *target);
    for (int64_t done = 0; done < positions; done += longest) {
        int64_t count = positions - done < longest ? positions - done : longest;
        FOR_BORDER(border, FIND);
        const float *g = gradient + done * channels;
        for (int64_t i = 0; i < count; i += 16) {
            vector near = LOAD(at.across.near + i), far = LOAD(at.across.far + i);
            vector upward = LOAD(at.along.near + i), downward = LOAD(at.along.far + i);
            if (channels == 1) {
                vector own = ALL(0);
                if (i + 16 <= count) own = LOAD(g + i);
                else memcpy(&own, g + i, (count - i) * sizeof *g);
                upward *= own;
                downward *= own;
            }
            STORE(weights[0] + i, upward * near);
            STORE(weights[1] + i, upward * far);
            STORE(weights[2] + i, downward * near);
            STORE(weights[3] + i, downward * far);
        }
        // Neighbouring positions add to the same pixels, and each addition would wait for the one before it: the
        // four quarters of a stretch take turns.
        const int64_t quarter = (count + 3) / 4;
        for (int64_t start = 0; start < quarter; start++)
            for (int64_t i = start; i < count; i += quarter) {
                float *pixel = target + channels * at.places[i];
                const float a = weights[0][i], b = weights[1][i], c = weights[2][i], d = weights[3][i];
                if (channels == 1) {
                    pixel[0] += a;
                    pixel[right] += b;
                    pixel[down] += c;
                    pixel[down + right] += d;
                    continue;
                }
                const float *own = g + channels * i;
                int64_t k = 0;
#define GIVE(type, offset, weight) *(type *)(pixel + offset + k) += weight * *(const type *)(own + k)
#define GIVE_ALL(type)                                                                          \
    GIVE(type, 0, a);                                                                           \
    GIVE(type, right, b);                                                                       \
    GIVE(type, down, c);                                                                        \
    GIVE(type, down + right, d)
                for (; k + 16 <= channels; k += 16) {
                    GIVE_ALL(vector);
                }
                for (; k + 4 <= channels; k += 4) {
                    GIVE_ALL(four);
                }
                for (; k < channels; k++) {
                    GIVE_ALL(float);
                }
            }
    }
}
