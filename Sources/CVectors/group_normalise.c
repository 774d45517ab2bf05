#include "CVectors.h"
#include "elements.h"

// An image is a row of values, and the constants and sums of its channels are repeated side by side until they
// are whole vectors: 24 channels eight times are twelve of them. So channels need not fit the vectors, and an
// image's last pixels are a part of such a row. An image stays in cache from its sums to its result.

#define INLINED static inline __attribute__((always_inline))

enum {
    /// Rows whose sums are kept in single precision before they go to the totals.
    block = 64,
    /// Rows of constants and sums that an image needs.
    rows = 6,
    /// Values from which on a row is long enough.
    long_enough = 128,
};

/// The values of some pixels side by side.
static int64_t width_of(int64_t channels) {
    int64_t width = channels;
    if (channels <= 256)
        while (width % 16 || width < long_enough) width *= 2;
    return width;
}

int64_t orbit_group_scratch(int64_t channels) {
    // Two totals of each channel in double precision stand behind the rows.
    return rows * ((width_of(channels) + 15) / 16 * 16) + 4 * channels;
}

/// The memory that an image needs.
typedef struct {
    int64_t width;
    float *sums, *others, *means, *factors, *slopes, *offsets;
    double *first, *second;
} desk;

static desk laid_out(float *scratch, int64_t channels) {
    int64_t width = width_of(channels), stride = (width + 15) / 16 * 16;
    double *totals = (double *)(scratch + rows * stride);
    return (desk){
        width, scratch, scratch + stride, scratch + 2 * stride, scratch + 3 * stride,
        scratch + 4 * stride, scratch + 5 * stride, totals, totals + channels};
}

/// Repeats what a row has of each channel.
static void repeat(float *row, int64_t channels, int64_t width) {
    for (int64_t i = channels; i < width; i += channels)
        memcpy(row + i, row, channels * sizeof *row);
}

/// Adds a row of sums to the totals of the channels.
INLINED void fold(const float *sums, double *totals, int64_t channels, int64_t width) {
    for (int64_t i = 0; i < width; i += channels)
        for (int64_t c = 0; c < channels; c++) totals[c] += sums[i + c];
}

typedef enum {
    /// Σ x
    plain,
    /// Σ (x − mean)²
    squares,
    /// Σ g and Σ g · (x − mean)
    products,
} term;

#define ADD(place)                                          \
    do {                                                    \
        vector v = READ(x + (place));                       \
        if (term == plain) s += v;                          \
        if (term == squares) v -= m, s += v * v;            \
        if (term == products) {                             \
            vector w = READ(g + (place));                   \
            s += w;                                         \
            q += w * (v - m);                               \
        }                                                   \
    } while (0)

/// The sums of an image's channels.
INLINED void gather(
    const float *x, const float *g, const desk *on, int64_t values, int64_t channels,
    const term term) {
    const int64_t width = on->width;
    for (int64_t c = 0; c < channels; c++) on->first[c] = on->second[c] = 0;
    for (int64_t start = 0; start < values;) {
        int64_t end = start + block * width < values ? start + block * width : values;
        memset(on->sums, 0, width * sizeof *on->sums);
        if (term == products) memset(on->others, 0, width * sizeof *on->others);
#define ROWS(number, length)                                                       \
    ELEMENTS(length, {                                                             \
        vector s = READ(on->sums + i), q = {0}, m = {0};                           \
        if (term == products) q = READ(on->others + i);                            \
        if (term != plain) m = READ(on->means + i);                                \
        for (int64_t k = 0; k < number; k++) ADD(start + k * width + i);           \
        WRITE(on->sums + i, s);                                                    \
        if (term == products) WRITE(on->others + i, q);                            \
    })
        for (; start + 4 * width <= end; start += 4 * width) ROWS(4, width);
        for (; start < end; start += width) ROWS(1, end - start < width ? end - start : width);
        fold(on->sums, on->first, channels, width);
        if (term == products) fold(on->others, on->second, channels, width);
        if (start > end) start = end;
    }
}

/// A vector that is aligned may go to memory without the cache, which then need not read what it overwrites.
typedef float aligned_vector __attribute__((vector_size(64), aligned(64)));

#define SEND(p, v)                                                                     \
    do {                                                                               \
        vector sent_ = (v);                                                            \
        if (streams && lanes == 16)                                                    \
            __builtin_nontemporal_store((aligned_vector)sent_, (aligned_vector *)(p)); \
        else WRITE(p, sent_);                                                          \
    } while (0)

/// Whether a batch is large and every vector of it aligned.
static int can_stream(const float *target, const orbit_group_sizes *sizes, int64_t width) {
    return sizes->is_large && width % 16 == 0 && sizes->positions * sizes->channels % 16 == 0
           && (uintptr_t)target % 64 == 0;
}

/// The mean over a group's values, of which there are as many as `count` says for each channel.
static double mean_of(const double *totals, int64_t depth, double count) {
    double sum = 0;
    for (int64_t c = 0; c < depth; c++) sum += totals[c];
    return sum / (count * (double)depth);
}

CLONES void orbit_group_normalise(
    const float *source, const float *scale, const float *shift, float *target, float *mean,
    float *inverse_deviation, int64_t images, const orbit_group_sizes *sizes, float epsilon,
    float *scratch) {
    const int64_t channels = sizes->channels, groups = sizes->groups, depth = channels / groups;
    const int64_t values = sizes->positions * channels;
    const desk on = laid_out(scratch, channels);
    const int streams = can_stream(target, sizes, on.width);
    for (int64_t c = 0; c < channels; c++) on.offsets[c] = shift[c];
    repeat(on.offsets, channels, on.width);
    for (int64_t n = 0; n < images; n++) {
        const float *x = source + n * values;
        float *y = target + n * values;
        float *means = mean + n * groups, *inverses = inverse_deviation + n * groups;
        gather(x, x, &on, values, channels, plain);
        for (int64_t g = 0; g < groups; g++) {
            means[g] = (float)mean_of(on.first + g * depth, depth, sizes->positions);
            for (int64_t c = g * depth; c < (g + 1) * depth; c++) on.means[c] = means[g];
        }
        repeat(on.means, channels, on.width);
        gather(x, x, &on, values, channels, squares);
        for (int64_t g = 0; g < groups; g++) {
            double variance = mean_of(on.first + g * depth, depth, sizes->positions);
            inverses[g] = (float)(1 / __builtin_sqrt(variance + epsilon));
            for (int64_t c = g * depth; c < (g + 1) * depth; c++)
                on.factors[c] = inverses[g] * scale[c];
        }
        repeat(on.factors, channels, on.width);
        for (int64_t start = 0; start < values; start += on.width) {
            int64_t count = values - start < on.width ? values - start : on.width;
            ELEMENTS(count, {
                vector distance = READ(x + start + i) - READ(on.means + i);
                SEND(y + start + i, distance * READ(on.factors + i) + READ(on.offsets + i));
            });
        }
    }
    // What went past the cache is there for whoever waits for this.
    if (streams) __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

CLONES void orbit_group_normalise_gradient(
    const float *source, const float *mean, const float *inverse_deviation, const float *scale,
    const float *gradient, float *target, float *scale_gradient, float *shift_gradient,
    int64_t images, const orbit_group_sizes *sizes, float *scratch) {
    const int64_t channels = sizes->channels, groups = sizes->groups, depth = channels / groups;
    const int64_t values = sizes->positions * channels;
    const desk on = laid_out(scratch, channels);
    const int streams = can_stream(target, sizes, on.width);
    for (int64_t n = 0; n < images; n++) {
        const float *x = source + n * values, *g = gradient + n * values;
        float *y = target + n * values;
        for (int64_t c = 0; c < channels; c++) on.means[c] = mean[n * groups + c / depth];
        repeat(on.means, channels, on.width);
        gather(x, g, &on, values, channels, products);
        for (int64_t group = 0; group < groups; group++) {
            const double r = inverse_deviation[n * groups + group];
            double all = 0, along = 0;
            for (int64_t c = group * depth; c < (group + 1) * depth; c++) {
                all += scale[c] * on.first[c];
                along += scale[c] * on.second[c];
            }
            const double count = (double)sizes->positions * (double)depth;
            for (int64_t c = group * depth; c < (group + 1) * depth; c++) {
                shift_gradient[c] += (float)on.first[c];
                scale_gradient[c] += (float)(on.second[c] * r);
                on.factors[c] = (float)(r * scale[c]);
                on.offsets[c] = (float)(-r * all / count);
                on.slopes[c] = (float)(-r * r * r * along / count);
            }
        }
        repeat(on.factors, channels, on.width);
        repeat(on.offsets, channels, on.width);
        repeat(on.slopes, channels, on.width);
        for (int64_t start = 0; start < values; start += on.width) {
            int64_t count = values - start < on.width ? values - start : on.width;
            ELEMENTS(count, {
                vector distance = READ(x + start + i) - READ(on.means + i);
                vector own = READ(g + start + i) * READ(on.factors + i);
                SEND(y + start + i, own + (distance * READ(on.slopes + i) + READ(on.offsets + i)));
            });
        }
    }
    // What went past the cache is there for whoever waits for this.
    if (streams) __atomic_thread_fence(__ATOMIC_SEQ_CST);
}
