#pragma once
#include <stdint.h>

// Loops over rows of channels that no library has in this form. Each is compiled for several instruction
// sets, and the processor's best is chosen when the program is loaded.
//
// `rows` rows of `channels` values each, one after the other; sums run over the rows in a fixed order.

/// destination = scale · source + shift for each channel, negative results replaced by zero where
/// `rectify`; what is not a number stays so. `destination` may be `source`.
void orbit_scale_shift(
    const float *source, const float *scale, const float *shift, float *destination, int64_t rows,
    int64_t channels, int rectify);

/// Adds Σ (x − origin) and Σ (x − origin)² of each channel to `first` and `second`.
void orbit_moments(
    const float *source, const float *origin, double *first, double *second, int64_t rows,
    int64_t channels);

/// Adds Σ g and Σ g · (x − mean) of each channel to `first` and `second`, where g is the gradient at
/// the places where scale · x + shift is positive, and zero elsewhere.
void orbit_normalisation_gradient_sums(
    const float *source, const float *gradient, const float *scale, const float *shift,
    const float *mean, double *first, double *second, int64_t rows, int64_t channels);

/// destination = factor · g + slope · x + intercept for each channel, with g as above.
void orbit_normalisation_gradient(
    const float *source, const float *gradient, const float *scale, const float *shift,
    const float *factor, const float *slope, const float *intercept, float *destination,
    int64_t rows, int64_t channels);

/// target = target + source.
void orbit_add(float *target, const float *source, int64_t count);

/// Writes the windows of `count` images, [output height, output width, window, window, channels] each, with
/// zeros where a window lies outside.
void orbit_gather_patches(
    const float *images, float *patches, int64_t count, int64_t height, int64_t width,
    int64_t channels, int64_t window, int64_t stride, int64_t padding, int64_t output_height,
    int64_t output_width);

/// The adjoint: writes to each pixel the sum of what the windows have of it, in their order.
void orbit_scatter_patches(
    const float *patches, float *images, int64_t count, int64_t height, int64_t width,
    int64_t channels, int64_t window, int64_t stride, int64_t padding, int64_t output_height,
    int64_t output_width);

/// Rounds to bfloat16, the upper half of a float, to the nearest and in the middle to even; what is not a
/// number stays so.
void orbit_bfloat16(const float *source, uint16_t *destination, int64_t count);
