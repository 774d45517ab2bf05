#pragma once
#include <stddef.h>
#include <stdint.h>

// oneDNN behind plain float pointers: its versions 2 and 3 differ in their C interface, and nothing
// above this header can tell which of them is installed.
//
// A kernel is one primitive for one shape. It is made once, never changes, and may run on several
// threads at the same time; all memory that a run needs is supplied by the caller. Images are
// [N, H, W, C]; convolution weights are [O, I/groups, H, W], and the caller keeps them in the layout
// that the primitive prefers, so that they are brought there once for many runs.

/// How a call ended; `code` is zero when all went well.
typedef struct {
    int code;
    /// What was being done, in words.
    const char *step;
    /// oneDNN's word for the reason.
    const char *reason;
} orbit_status;

typedef struct orbit_kernel orbit_kernel;

void orbit_kernel_destroy(orbit_kernel *kernel);
/// Bytes of scratch memory that a run needs, to be aligned to 64.
size_t orbit_kernel_scratch_size(const orbit_kernel *kernel);
/// Bytes that a forward run leaves for the backward run.
size_t orbit_kernel_workspace_size(const orbit_kernel *kernel);
/// oneDNN's name for the code it chose.
const char *orbit_kernel_implementation(const orbit_kernel *kernel);

/// The version of oneDNN at run time, as 10000 major + 100 minor + patch.
int orbit_onednn_version(void);

/// Whether the processor, as far as oneDNN may use it, multiplies numbers in bfloat16 itself.
int orbit_bfloat16_is_native(void);

typedef struct {
    int64_t batch, height, width, channels;
    int64_t outputs, output_height, output_width;
    int64_t window_height, window_width;
    int64_t stride, padding, dilation, groups;
    int has_bias;
    /// Whether both factors of every product are in bfloat16. Whoever calls brings activations and
    /// gradients there, weights get there on the way into the preferred layout; sums, bias and results
    /// are in single precision.
    int is_bfloat16;
} orbit_convolution_shape;

orbit_status orbit_convolution_forward_create(
    const orbit_convolution_shape *shape, orbit_kernel **kernel);
orbit_status orbit_convolution_backward_source_create(
    const orbit_convolution_shape *shape, orbit_kernel **kernel);
orbit_status orbit_convolution_backward_weight_create(
    const orbit_convolution_shape *shape, orbit_kernel **kernel);

/// Bytes of the weights in the layout that the kernel prefers.
size_t orbit_kernel_packed_size(const orbit_kernel *kernel);
/// Brings weights into that layout.
orbit_status orbit_kernel_pack(
    const orbit_kernel *kernel, const float *weight, void *packed, void *scratch);
/// Brings the gradient of weights out of that layout.
orbit_status orbit_kernel_unpack(
    const orbit_kernel *kernel, const float *packed, float *weight, void *scratch);
/// `bias` is read when the shape has one.
orbit_status orbit_convolution_forward_packed(
    const orbit_kernel *kernel, const void *source, const void *packed, const float *bias,
    float *destination, void *scratch);
orbit_status orbit_convolution_backward_source_packed(
    const orbit_kernel *kernel, const void *gradient, const void *packed, float *source_gradient,
    void *scratch);
/// `bias_gradient` is written when the shape has a bias.
orbit_status orbit_convolution_backward_weight_packed(
    const orbit_kernel *kernel, const void *source, const void *gradient, float *packed_gradient,
    float *bias_gradient, void *scratch);

/// c = alpha op(a) op(b) + beta c for row-major matrices, `op(a)` of [rows, inner]; a transposed operand
/// is stored the other way around. `c` is not read when beta is zero. The strides are between the starts of
/// stored rows.
orbit_status orbit_matrix_product(
    int transposing_left, int transposing_right, int64_t rows, int64_t columns, int64_t inner,
    float alpha, const float *a, int64_t a_stride, const float *b, int64_t b_stride, float beta,
    float *c, int64_t c_stride);

/// The product of matrices in bfloat16 with the sum in single precision.
typedef struct {
    int64_t rows, columns, inner;
    int transposing_left, transposing_right;
    int64_t a_stride, b_stride, c_stride;
    float alpha, beta;
} orbit_half_product_shape;

orbit_status orbit_half_product_create(const orbit_half_product_shape *shape, orbit_kernel **kernel);
/// As `orbit_matrix_product`, with `a` and `b` in bfloat16.
orbit_status orbit_half_product(
    const orbit_kernel *kernel, const void *a, const void *b, float *c, void *scratch);

enum { orbit_pooling_maximum, orbit_pooling_average, orbit_pooling_average_inside };

typedef struct {
    int64_t batch, height, width, channels, output_height, output_width;
    int64_t window, stride, padding;
    /// Maximum; average with the padding counted in the divisor; average without.
    int kind;
    int training;
} orbit_pooling_shape;

orbit_status orbit_pooling_forward_create(const orbit_pooling_shape *shape, orbit_kernel **kernel);
orbit_status orbit_pooling_backward_create(const orbit_pooling_shape *shape, orbit_kernel **kernel);
orbit_status orbit_pooling_forward(
    const orbit_kernel *kernel, const float *source, float *destination, void *workspace,
    void *scratch);
orbit_status orbit_pooling_backward(
    const orbit_kernel *kernel, const float *gradient, const void *workspace,
    float *source_gradient, void *scratch);

enum { orbit_function_tanh, orbit_function_exponential, orbit_function_logarithm,
       orbit_function_sigmoid };

orbit_status orbit_function_create(int function, int64_t count, orbit_kernel **kernel);
/// `destination` may be `source`.
orbit_status orbit_function_apply(
    const orbit_kernel *kernel, const float *source, float *destination, void *scratch);
