#include "kernel.h"

typedef struct {
    descriptor data, channel;
    unsigned flags;
} layouts;

static layouts describe(construction *work, const orbit_normalisation_shape *s) {
    layouts made = {0};
    dnnl_dims_t data = {s->batch, s->channels, 1, s->positions};
    dnnl_dims_t channel = {s->channels};
    made.data = tagged(work, 4, data, dnnl_nhwc);
    made.channel = tagged(work, 1, channel, dnnl_x);
    made.flags = dnnl_use_scale | dnnl_use_shift;
    if (s->given_statistics) made.flags |= dnnl_use_global_stats;
    if (s->rectify) made.flags |= dnnl_fuse_norm_relu;
    return made;
}

static void describe_forward(
    construction *work, const orbit_normalisation_shape *s, const layouts *with) {
    dnnl_prop_kind_t kind = s->training ? dnnl_forward_training : dnnl_forward_inference;
#if DNNL_VERSION_MAJOR >= 3
    ATTEMPT(work, "describe a normalisation",
            dnnl_batch_normalization_forward_primitive_desc_create(
                &work->forward, work->engine, kind, with->data, with->data, s->epsilon, with->flags,
                work->attributes));
#else
    dnnl_batch_normalization_desc_t description;
    ATTEMPT(work, "describe a normalisation",
            dnnl_batch_normalization_forward_desc_init(
                &description, kind, with->data, s->epsilon, with->flags));
    ATTEMPT(work, "find a normalisation",
            dnnl_primitive_desc_create(
                &work->forward, &description, work->attributes, work->engine, NULL));
#endif
}

orbit_status orbit_normalisation_forward_create(
    const orbit_normalisation_shape *shape, orbit_kernel **kernel) {
    construction work = begin_construction();
    layouts with = describe(&work, shape);
    describe_forward(&work, shape, &with);
    argument(&work, DNNL_ARG_SRC, with.data);
    argument(&work, DNNL_ARG_MEAN, with.channel);
    argument(&work, DNNL_ARG_VARIANCE, with.channel);
    argument(&work, DNNL_ARG_SCALE, with.channel);
    argument(&work, DNNL_ARG_SHIFT, with.channel);
    argument(&work, DNNL_ARG_DST, with.data);
    return finish(&work, work.forward, kernel);
}

orbit_status orbit_normalisation_forward(
    const orbit_kernel *kernel, const float *source, float *mean, float *variance,
    const float *scale, const float *shift, float *destination, void *workspace, void *scratch) {
    void *data[] = {(void *)source, mean,        variance, (void *)scale,
                    (void *)shift,  destination, workspace};
    return run(kernel, data, scratch, "run a normalisation");
}

orbit_status orbit_normalisation_backward_create(
    const orbit_normalisation_shape *shape, orbit_kernel **kernel) {
    construction work = begin_construction();
    layouts with = describe(&work, shape);
    describe_forward(&work, shape, &with);
#if DNNL_VERSION_MAJOR >= 3
    ATTEMPT(&work, "describe a normalisation's derivative",
            dnnl_batch_normalization_backward_primitive_desc_create(
                &work.backward, work.engine, dnnl_backward, with.data, with.data, with.data,
                shape->epsilon, with.flags, work.forward, work.attributes));
#else
    dnnl_batch_normalization_desc_t description;
    ATTEMPT(&work, "describe a normalisation's derivative",
            dnnl_batch_normalization_backward_desc_init(
                &description, dnnl_backward, with.data, with.data, shape->epsilon, with.flags));
    ATTEMPT(&work, "find a normalisation's derivative",
            dnnl_primitive_desc_create(
                &work.backward, &description, work.attributes, work.engine, work.forward));
#endif
    argument(&work, DNNL_ARG_SRC, with.data);
    argument(&work, DNNL_ARG_MEAN, with.channel);
    argument(&work, DNNL_ARG_VARIANCE, with.channel);
    argument(&work, DNNL_ARG_SCALE, with.channel);
#if DNNL_VERSION_MAJOR < 3
    // Version 2 counts the shift among the arguments, though the derivative does not depend on it.
    argument(&work, DNNL_ARG_SHIFT, with.channel);
#endif
    argument(&work, DNNL_ARG_DIFF_DST, with.data);
    argument(&work, DNNL_ARG_DIFF_SRC, with.data);
    argument(&work, DNNL_ARG_DIFF_SCALE, with.channel);
    argument(&work, DNNL_ARG_DIFF_SHIFT, with.channel);
    return finish(&work, work.backward, kernel);
}

orbit_status orbit_normalisation_backward(
    const orbit_kernel *kernel, const float *source, const float *mean, const float *variance,
    const float *scale, const float *gradient, const void *workspace, float *source_gradient,
    float *scale_gradient, float *shift_gradient, void *scratch) {
    void *data[] = {(void *)source,
                    (void *)mean,
                    (void *)variance,
                    (void *)scale,
#if DNNL_VERSION_MAJOR < 3
                    (void *)scale,
#endif
                    (void *)gradient,
                    source_gradient,
                    scale_gradient,
                    shift_gradient,
                    (void *)workspace};
    return run(kernel, data, scratch, "run a normalisation's derivative");
}
