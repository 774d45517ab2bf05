#include "CVectors.h"

// Products and sums are rounded one by one: the same bits on every processor.
#pragma STDC FP_CONTRACT OFF

#include "elements.h"

#define INLINE static inline __attribute__((always_inline))

/// The share of red, green and blue in the grey image (ITU-R BT.601).
static const float shares[3] = {0.299f, 0.587f, 0.114f};

/// v between 0 and 1; what is not a number stays so. A macro, since a vector as an argument would depend on
/// what the processor passes it in.
#define CLAMPED(v) \
    ({ \
        vector clamped = (v); \
        const vector zero = {0}, one = zero + 1; \
        clamped = CHOOSE(clamped < zero, zero, clamped); \
        CHOOSE(clamped > one, one, clamped); \
    })

INLINE float clamped_value(float v) { return v < 0 ? 0 : v > 1 ? 1 : v; }

/// target = d + f (source - d) for colours, with their own grey as d.
INLINE void saturate(const float *source, float *target, int64_t pixels, float factor) {
    for (int64_t p = 0; p < pixels; p++) {
        const float *from = source + 3 * p;
        float grey = shares[0] * from[0] + shares[1] * from[1] + shares[2] * from[2];
        for (int c = 0; c < 3; c++)
            target[3 * p + c] = clamped_value(grey + factor * (from[c] - grey));
    }
}

/// The mean of the grey image; sums run in a fixed order.
INLINE float mean_grey(const float *source, int64_t pixels, int64_t channels) {
    double sums[4] = {0};
    if (channels == 3) {
        for (int64_t p = 0; p < pixels; p++)
            for (int c = 0; c < 3; c++) sums[c] += source[3 * p + c];
        return (shares[0] * sums[0] + shares[1] * sums[1] + shares[2] * sums[2]) / pixels;
    }
    int64_t count = pixels * channels, i = 0;
    for (; i + 4 <= count; i += 4)
        for (int k = 0; k < 4; k++) sums[k] += source[i + k];
    for (; i < count; i++) sums[0] += source[i];
    return ((sums[0] + sums[1]) + (sums[2] + sums[3])) / count;
}

/// target = d + f (source - d) with one d for all; it may be the source.
INLINE void blend(const float *source, float *target, int64_t count, float factor, float d) {
    ELEMENTS(count, WRITE(target + i, CLAMPED(d + factor * (READ(source + i) - d))););
}

/// target = d + f (source - d), where d is the source smoothed; the border's pixels stay.
INLINE void sharpen(
    const float *source, float *target, int64_t height, int64_t width, int64_t channels,
    float factor) {
    int64_t row = width * channels, inner = row - 2 * channels;
    memcpy(target, source, row * sizeof(float));
    for (int64_t y = 1; y + 1 < height; y++) {
        const float *line = source + y * row;
        float *result = target + y * row;
        memcpy(result, line, channels * sizeof(float));
        memcpy(result + row - channels, line + row - channels, channels * sizeof(float));
        ELEMENTS(inner, {
            vector sum = {0}, middle = READ(line + channels + i);
            for (int64_t dy = -1; dy <= 1; dy++)
                for (int64_t dx = 0; dx <= 2; dx++) sum += READ(line + dy * row + dx * channels + i);
            vector smooth = (sum + 4 * middle) * (1.0f / 13);
            WRITE(result + channels + i, CLAMPED(smooth + factor * (middle - smooth)));
        });
    }
    if (height > 1) memcpy(target + (height - 1) * row, source + (height - 1) * row, row * sizeof(float));
}

CLONES void orbit_recolour(
    const float *source, float *destination, int64_t height, int64_t width, int64_t channels,
    const orbit_color_factors *factors, float *scratch) {
    int64_t pixels = height * width, count = pixels * channels;
    int sharpens = factors->sharpness != 1 && height > 2 && width > 2;
    float *target = sharpens ? scratch : destination;
    const float *now = source;
    if (factors->saturation != 1 && channels == 3) {
        saturate(now, target, pixels, factors->saturation);
        now = target;
    }
    if (factors->contrast != 1) {
        blend(now, target, count, factors->contrast, mean_grey(now, pixels, channels));
        now = target;
    }
    if (factors->brightness != 1) {
        blend(now, target, count, factors->brightness, 0);
        now = target;
    }
    if (sharpens)
        sharpen(now, destination, height, width, channels, factors->sharpness);
    else if (now != destination)
        memcpy(destination, now, count * sizeof(float));
}
