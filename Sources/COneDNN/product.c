#include "kernel.h"

// `dnnl_gemm_bf16bf16f32` is in the library but in no header of either version, so the product in
// bfloat16 is a primitive.

/// `alpha` and `beta` as work done on the sum before it is stored.
static void scale(construction *work, const orbit_half_product_shape *s) {
    if (s->alpha == 1 && s->beta == 0) return;
    dnnl_post_ops_t after = NULL;
    ATTEMPT(work, "describe what follows a product", dnnl_post_ops_create(&after));
    if (work->status != dnnl_success) return;
#if DNNL_VERSION_MAJOR >= 3
    if (s->alpha != 1)
        ATTEMPT(work, "scale a product",
                dnnl_post_ops_append_eltwise(after, dnnl_eltwise_linear, s->alpha, 0));
    if (s->beta != 0)
        ATTEMPT(work, "add to a product",
                dnnl_post_ops_append_sum(after, s->beta, 0, dnnl_data_type_undef));
#else
    if (s->alpha != 1)
        ATTEMPT(work, "scale a product",
                dnnl_post_ops_append_eltwise(after, 1, dnnl_eltwise_linear, s->alpha, 0));
    if (s->beta != 0) ATTEMPT(work, "add to a product", dnnl_post_ops_append_sum(after, s->beta));
#endif
    ATTEMPT(work, "describe what follows a product",
            dnnl_primitive_attr_set_post_ops(work->attributes, after));
    dnnl_post_ops_destroy(after);
}

orbit_status orbit_half_product_create(
    const orbit_half_product_shape *s, orbit_kernel **kernel) {
    construction work = begin_construction();
    dnnl_dims_t a_sizes = {s->rows, s->inner}, b_sizes = {s->inner, s->columns};
    dnnl_dims_t c_sizes = {s->rows, s->columns}, c_strides = {s->c_stride, 1};
    dnnl_dims_t a_strides = {s->transposing_left ? 1 : s->a_stride,
                             s->transposing_left ? s->a_stride : 1};
    dnnl_dims_t b_strides = {s->transposing_right ? 1 : s->b_stride,
                             s->transposing_right ? s->b_stride : 1};
    descriptor a = strided(&work, 2, a_sizes, dnnl_bf16, a_strides);
    descriptor b = strided(&work, 2, b_sizes, dnnl_bf16, b_strides);
    descriptor c = strided(&work, 2, c_sizes, dnnl_f32, c_strides);
    scale(&work, s);
#if DNNL_VERSION_MAJOR >= 3
    ATTEMPT(&work, "describe a product",
            dnnl_matmul_primitive_desc_create(
                &work.forward, work.engine, a, b, NULL, c, work.attributes));
#else
    dnnl_matmul_desc_t description;
    ATTEMPT(&work, "describe a product", dnnl_matmul_desc_init(&description, a, b, NULL, c));
    ATTEMPT(&work, "find a product",
            dnnl_primitive_desc_create(
                &work.forward, &description, work.attributes, work.engine, NULL));
#endif
    argument(&work, DNNL_ARG_SRC, a);
    argument(&work, DNNL_ARG_WEIGHTS, b);
    argument(&work, DNNL_ARG_DST, c);
    return finish(&work, work.forward, kernel);
}

orbit_status orbit_half_product(
    const orbit_kernel *kernel, const void *a, const void *b, float *c, void *scratch) {
    void *data[] = {(void *)a, (void *)b, c};
    return run(kernel, data, scratch, "multiply matrices in bfloat16");
}
