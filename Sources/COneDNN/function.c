#include "kernel.h"

orbit_status orbit_function_create(int function, int64_t count, orbit_kernel **kernel) {
    construction work = begin_construction();
    dnnl_dims_t sizes = {count};
    descriptor data = tagged(&work, 1, sizes, dnnl_x);
    dnnl_alg_kind_t algorithm = dnnl_eltwise_tanh;
    switch (function) {
    case orbit_function_exponential: algorithm = dnnl_eltwise_exp; break;
    case orbit_function_logarithm: algorithm = dnnl_eltwise_log; break;
    case orbit_function_sigmoid: algorithm = dnnl_eltwise_logistic; break;
    default: break;
    }
#if DNNL_VERSION_MAJOR >= 3
    ATTEMPT(&work, "describe an elementwise function",
            dnnl_eltwise_forward_primitive_desc_create(
                &work.forward, work.engine, dnnl_forward_inference, algorithm, data, data, 0, 0,
                work.attributes));
#else
    dnnl_eltwise_desc_t description;
    ATTEMPT(&work, "describe an elementwise function",
            dnnl_eltwise_forward_desc_init(
                &description, dnnl_forward_inference, algorithm, data, 0, 0));
    ATTEMPT(&work, "find an elementwise function",
            dnnl_primitive_desc_create(
                &work.forward, &description, work.attributes, work.engine, NULL));
#endif
    argument(&work, DNNL_ARG_SRC, data);
    argument(&work, DNNL_ARG_DST, data);
    return finish(&work, work.forward, kernel);
}

orbit_status orbit_function_apply(
    const orbit_kernel *kernel, const float *source, float *destination, void *scratch) {
    void *data[] = {(void *)source, destination};
    return run(kernel, data, scratch, "run an elementwise function");
}
