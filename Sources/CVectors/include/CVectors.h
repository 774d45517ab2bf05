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

// Loops over `count` values. Results do not depend on where a range of values is cut.

/// target = source, zero where it is negative; what is not a number stays so. In place or not.
void orbit_rectify(const float *source, float *target, int64_t count);

/// target = gradient, zero where the output of the rectifier is not positive.
void orbit_rectify_gradient(
    const float *gradient, const float *output, float *target, int64_t count);

/// What is made of the values at one place.
enum orbit_combination {
    orbit_sum_of_both,
    orbit_difference_of_both,
    orbit_product_of_both,
    orbit_quotient_of_both,
};

/// target = left ∘ right; it may be one of them.
void orbit_combine(
    const float *left, const float *right, float *target, int64_t count,
    enum orbit_combination combination);

/// target = factor · source.
void orbit_scale(const float *source, float factor, float *target, int64_t count);

/// target = factor · (left − right).
void orbit_scaled_difference(
    const float *left, const float *right, float factor, float *target, int64_t count);

/// target = source + row for each of `rows` rows.
void orbit_add_row(
    const float *source, const float *row, float *target, int64_t rows, int64_t width);

// Sums in single precision in a fixed order, for some thousands of values at a time.

/// Σ x.
float orbit_sum(const float *source, int64_t count);

/// Σ x².
float orbit_sum_of_squares(const float *source, int64_t count);

/// Σ (x − y)².
float orbit_sum_of_squared_differences(const float *source, const float *other, int64_t count);

/// Whether no value is infinite or not a number.
int orbit_all_finite(const float *source, int64_t count);

/// target = the sum of `rows` rows of `width` values.
void orbit_sum_rows(const float *source, float *target, int64_t rows, int64_t width);

// Steps of optimisers, one pass each.

/// The constants of a step of Adam, the corrections of its moments included.
struct orbit_adam_constants {
    float beta1, beta2, epsilon;
    /// What is added to the gradient for each unit of the parameter, and the factor of the parameter.
    float decay, shrink;
    /// rate / (1 − β₁ᵗ) and 1 / √(1 − β₂ᵗ).
    float stride, root_correction;
};

/// With g = gradient + decay · parameter: m ← β₁ m + (1 − β₁) g, s ← β₂ s + (1 − β₂) g² and
/// parameter ← shrink · parameter − stride · m / (√s · root_correction + ε).
void orbit_adam(
    float *parameter, const float *gradient, float *first, float *second, int64_t count,
    struct orbit_adam_constants constants);

/// With d = gradient + decay · parameter: v ← momentum · v + d and parameter ← parameter − rate · v, or
/// rate · (d + momentum · v) with Nesterov's form.
void orbit_momentum(
    float *parameter, const float *gradient, float *velocity, int64_t count, float rate,
    float decay, float momentum, int nesterov);

/// v ← momentum · v + rate · (gradient + decay · parameter) and parameter ← parameter − v.
void orbit_scaled_momentum(
    float *parameter, const float *gradient, float *velocity, int64_t count, float rate,
    float decay, float momentum);

/// target ← target + share · (source − target), which leaves a target that has arrived as it is.
void orbit_approach(float *target, const float *source, int64_t count, float share);

// Likelihoods and divergences: the sum over `count` values, and the gradient at each times `upstream`.

/// Σ max(l, 0) − t l + log(1 + exp(−|l|)).
float orbit_bernoulli(const float *logits, const float *targets, int64_t count);

/// target = upstream · (σ(l) − t).
void orbit_bernoulli_gradient(
    const float *logits, const float *targets, float upstream, float *target, int64_t count);

/// ½ Σ μ² + e^s − 1 − s.
float orbit_gaussian_divergence(const float *mean, const float *log_variance, int64_t count);

/// target = ½ upstream · (e^s − 1).
void orbit_gaussian_divergence_gradient(
    const float *log_variance, float upstream, float *target, int64_t count);

/// target = μ + e^(s/2) · noise.
void orbit_reparameterise(
    const float *mean, const float *log_variance, const float *noise, float *target,
    int64_t count);

/// target = ½ gradient · e^(s/2) · noise.
void orbit_reparameterise_gradient(
    const float *gradient, const float *log_variance, const float *noise, float *target,
    int64_t count);

// Numbers from the words of Philox 4×32: block `counter` and those after it, `used` words of the first one
// left out. The same words give the same numbers wherever the stream is cut.

/// One number of the standard normal distribution from two words.
float orbit_normal(uint32_t first, uint32_t second);

/// Normal numbers with mean 0, two words each.
void orbit_normals(
    uint64_t key, uint64_t counter, int64_t used, float deviation, float *target, int64_t count);

/// low + width · u with u from [0, 1), a word each.
void orbit_uniforms(
    uint64_t key, uint64_t counter, int64_t used, float low, float width, float *target,
    int64_t count);

// Layer normalisation: each of `rows` rows of `width` values by its own mean and variance.

/// target = scale · (x − mean) / √(variance + ε) + shift, and the mean and 1 / √(variance + ε) of each row.
void orbit_layer_normalise(
    const float *source, const float *scale, const float *shift, float *target, float *mean,
    float *inverse_deviation, int64_t rows, int64_t width, float epsilon);

/// target = the gradient with respect to the source; adds the rows' gradients with respect to scale and
/// shift to what is there.
void orbit_layer_normalise_gradient(
    const float *source, const float *mean, const float *inverse_deviation, const float *scale,
    const float *gradient, float *target, float *scale_gradient, float *shift_gradient,
    int64_t rows, int64_t width);

// Group normalisation: the values of each image by mean and variance of the neighbouring channels that make a
// group, at all positions.

/// The sizes of an image, and the number of groups that its channels are cut into.
typedef struct {
    int64_t positions, channels, groups;
    /// Whether the whole batch is too large to be found in cache afterwards.
    int is_large;
} orbit_group_sizes;

/// The number of floats that the normalisation of images needs for itself.
int64_t orbit_group_scratch(int64_t channels);

/// target = scale · (x − mean) / √(variance + ε) + shift, and the mean and 1 / √(variance + ε) of each image
/// and group.
void orbit_group_normalise(
    const float *source, const float *scale, const float *shift, float *target, float *mean,
    float *inverse_deviation, int64_t images, const orbit_group_sizes *sizes, float epsilon,
    float *scratch);

/// target = the gradient with respect to the source; adds the images' gradients with respect to scale and
/// shift to what is there.
void orbit_group_normalise_gradient(
    const float *source, const float *mean, const float *inverse_deviation, const float *scale,
    const float *gradient, float *target, float *scale_gradient, float *shift_gradient,
    int64_t images, const orbit_group_sizes *sizes, float *scratch);

// Bilinear warps.

/// Input images of `height` × `width` pixels of `channels` values, and the sizes of the output.
typedef struct {
    int64_t height, width, channels, output_height, output_width;
} orbit_warp_sizes;

/// A homography from output to input pixel indices: (x, y) ↦ (u·p, v·p) / w·p with p = (x, y, 1).
typedef struct {
    float u[3], v[3], w[3];
} orbit_homography;

/// What a position beyond the image reads.
typedef enum {
    /// A value, blended with the pixels at the edge.
    orbit_constant_border,
    /// A value, with a hard edge half a pixel beyond the outermost pixel centres.
    orbit_hard_border,
    /// The image mirrored half a pixel beyond the outermost pixel centres.
    orbit_mirrored_border,
    /// The nearest pixel.
    orbit_clamped_border,
    /// What the background has at the output pixel, blended like a constant.
    orbit_background_border,
} orbit_border;

/// The number of floats that `orbit_warp` needs for itself.
int64_t orbit_warp_scratch(const orbit_warp_sizes *sizes);

/// Warps one image. An image with a border of three pixels has less than 2^23 values.
void orbit_warp(
    const float *source, float *destination, const orbit_warp_sizes *sizes,
    const orbit_homography *map, orbit_border border, float value, const float *background,
    float *scratch);

/// The factors f of out = d + f (image - d), in the order of application; 1 leaves a blend out.
typedef struct {
    float saturation, contrast, brightness, sharpness;
} orbit_color_factors;

/// Blends one image with its grey version (three channels only), the mean of that, black, and its
/// smoothed version, each result clamped to 0...1. `scratch` has the image's size.
void orbit_recolour(
    const float *source, float *destination, int64_t height, int64_t width, int64_t channels,
    const orbit_color_factors *factors, float *scratch);

/// Writes 1 where a map reads from beyond the image's frame and 0 elsewhere, a value for each output
/// pixel.
void orbit_warp_outside(
    float *destination, const orbit_warp_sizes *sizes, const orbit_homography *map);

// Bilinear reading at the positions of a grid, one image at a time: (x, y) in coordinates in which the frame is
// [-1, 1] × [-1, 1] and pixel i of W has its centre at (2i + 1)/W − 1.

/// The sizes of an image; a side has at most 2^20 pixels.
typedef struct {
    int64_t height, width, channels;
} orbit_grid_sizes;

/// What a position beyond the image reads.
typedef enum {
    /// A value, blended with the pixels at the edge.
    orbit_grid_constant,
    /// The nearest pixel.
    orbit_grid_clamped,
    /// The image mirrored half a pixel beyond the outermost pixel centres.
    orbit_grid_mirrored,
} orbit_grid_border;

/// target = what the positions read; `fill` is zero unless the border is a constant.
void orbit_grid_sample(
    const float *image, const float *grid, float *target, int64_t positions,
    const orbit_grid_sizes *sizes, orbit_grid_border border, float fill);

/// target = the gradient with respect to the grid, through the slopes of the interpolation.
void orbit_grid_sample_grid_gradient(
    const float *image, const float *grid, const float *gradient, float *target,
    int64_t positions, const orbit_grid_sizes *sizes, orbit_grid_border border, float fill);

/// target = the gradient with respect to the image: every position adds its gradient to the pixels that it read,
/// weighted as it read them.
void orbit_grid_sample_image_gradient(
    const float *grid, const float *gradient, float *target, int64_t positions,
    const orbit_grid_sizes *sizes, orbit_grid_border border);

/// Rounds to bfloat16, the upper half of a float, to the nearest and in the middle to even; what is not a
/// number stays so.
void orbit_bfloat16(const float *source, uint16_t *destination, int64_t count);

/// Writes the inner products of all rows of `left` with all of `right`, in double precision; rows have
/// `width` values, and rows of the target are `stride` apart. The bits of a product depend on its two
/// rows alone.
void orbit_row_products(
    const float *left, int64_t left_rows, const float *right, int64_t right_rows, int64_t width,
    double *target, int64_t stride);

/// The inner product in double precision.
double orbit_wide_product(const float *left, const double *right, int64_t count);

/// target = target + factor · source.
void orbit_add_widened(const float *source, double factor, double *target, int64_t count);

/// target = target + factor · source.
void orbit_add_multiple(const double *source, double factor, double *target, int64_t count);

// Neighbour embedding: one point among `count`, at `place`.

/// distances = the squared distances of all points from one; `coordinates` are [dimensions, count].
void orbit_squared_distances(
    const float *coordinates, int64_t place, float *distances, int64_t count,
    int64_t dimensions);

/// weights = exp(−precision · (distances − least)); `sums` gets Σ weights and Σ (distances − least) · weights.
void orbit_neighbour_weights(
    const float *distances, float least, float precision, float *weights, int64_t count,
    float *sums);

/// With d = own − other and w = 1 / (1 + |d|²): `sums` gets Σ p w d (x, y), Σ w² d (x, y), and Σ w over the
/// others.
void orbit_neighbour_forces(
    const float *affinities, const float *x, const float *y, int64_t place, int64_t count,
    float *sums);

/// Σ p · log(p · (1 + |d|²)).
float orbit_neighbour_divergence(
    const float *affinities, const float *x, const float *y, int64_t place, int64_t count);
