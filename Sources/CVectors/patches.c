#include <string.h>

#include "CVectors.h"
#include "clones.h"

// Windows of images with few channels. A row of a window is contiguous, and most windows lie inside the image.

static inline void range_inside(
    int64_t first, int64_t window, int64_t side, int64_t *from, int64_t *to) {
    *from = first < 0 ? -first : 0;
    *to = first + window > side ? side - first : window;
}

CLONES void orbit_gather_patches(
    const float *images, float *patches, int64_t count, int64_t height, int64_t width,
    int64_t channels, int64_t window, int64_t stride, int64_t padding, int64_t output_height,
    int64_t output_width) {
    int64_t row = window * channels;
    for (int64_t n = 0; n < count; n++, images += height * width * channels)
        for (int64_t y = 0; y < output_height; y++)
            for (int64_t x = 0; x < output_width; x++)
                for (int64_t i = 0; i < window; i++, patches += row) {
                    int64_t v = y * stride - padding + i, u = x * stride - padding, from, to;
                    range_inside(u, window, width, &from, &to);
                    if (v < 0 || v >= height || from >= to) {
                        memset(patches, 0, row * sizeof *patches);
                        continue;
                    }
                    const float *source = images + (v * width + u) * channels;
                    if (from == 0 && to == window) {
                        for (int64_t k = 0; k < row; k++) patches[k] = source[k];
                        continue;
                    }
                    for (int64_t k = 0; k < row; k++)
                        patches[k] = k >= from * channels && k < to * channels ? source[k] : 0;
                }
}

CLONES void orbit_scatter_patches(
    const float *patches, float *images, int64_t count, int64_t height, int64_t width,
    int64_t channels, int64_t window, int64_t stride, int64_t padding, int64_t output_height,
    int64_t output_width) {
    int64_t row = window * channels;
    memset(images, 0, count * height * width * channels * sizeof *images);
    for (int64_t n = 0; n < count; n++, images += height * width * channels)
        for (int64_t y = 0; y < output_height; y++)
            for (int64_t x = 0; x < output_width; x++)
                for (int64_t i = 0; i < window; i++, patches += row) {
                    int64_t v = y * stride - padding + i, u = x * stride - padding, from, to;
                    range_inside(u, window, width, &from, &to);
                    if (v < 0 || v >= height) continue;
                    float *target = images + (v * width + u) * channels;
                    for (int64_t k = from * channels; k < to * channels; k++)
                        target[k] += patches[k];
                }
}
