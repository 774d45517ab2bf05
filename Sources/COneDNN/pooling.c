#include "kernel.h"

typedef struct {
    descriptor source, destination;
    dnnl_dims_t window, strides, dilations, padding;
    dnnl_alg_kind_t algorithm;
} layouts;

static layouts describe(construction *work, const orbit_pooling_shape *s) {
    layouts made = {0};
    dnnl_dims_t source = {s->batch, s->channels, s->height, s->width};
    dnnl_dims_t destination = {s->batch, s->channels, s->output_height, s->output_width};
    made.source = tagged(work, 4, source, dnnl_nhwc);
    made.destination = tagged(work, 4, destination, dnnl_nhwc);
    for (int i = 0; i < 2; i++) {
        made.window[i] = s->window;
        made.strides[i] = s->stride;
        made.padding[i] = s->padding;
    }
    switch (s->kind) {
    case orbit_pooling_average: made.algorithm = dnnl_pooling_avg_include_padding; break;
    case orbit_pooling_average_inside: made.algorithm = dnnl_pooling_avg_exclude_padding; break;
    default: made.algorithm = dnnl_pooling_max; break;
    }
    return made;
}

static void describe_forward(construction *work, const orbit_pooling_shape *s, const layouts *with) {
    dnnl_prop_kind_t kind = s->training ? dnnl_forward_training : dnnl_forward_inference;
#if DNNL_VERSION_MAJOR >= 3
    ATTEMPT(work, "describe a pooling",
            dnnl_pooling_forward_primitive_desc_create(
                &work->forward, work->engine, kind, with->algorithm, with->source,
                with->destination, with->strides, with->window, with->dilations, with->padding,
                with->padding, work->attributes));
#else
    dnnl_pooling_desc_t description;
    ATTEMPT(work, "describe a pooling",
            dnnl_pooling_forward_desc_init(
                &description, kind, with->algorithm, with->source, with->destination, with->strides,
                with->window, with->padding, with->padding));
    ATTEMPT(work, "find a pooling",
            dnnl_primitive_desc_create(
                &work->forward, &description, work->attributes, work->engine, NULL));
#endif
}

orbit_status orbit_pooling_forward_create(const orbit_pooling_shape *shape, orbit_kernel **kernel) {
    construction work = begin_construction();
    layouts with = describe(&work, shape);
    describe_forward(&work, shape, &with);
    argument(&work, DNNL_ARG_SRC, with.source);
    argument(&work, DNNL_ARG_DST, with.destination);
    return finish(&work, work.forward, kernel);
}

orbit_status orbit_pooling_forward(
    const orbit_kernel *kernel, const float *source, float *destination, void *workspace,
    void *scratch) {
    void *data[] = {(void *)source, destination, workspace};
    return run(kernel, data, scratch, "run a pooling");
}

orbit_status orbit_pooling_backward_create(const orbit_pooling_shape *shape, orbit_kernel **kernel) {
    construction work = begin_construction();
    layouts with = describe(&work, shape);
    describe_forward(&work, shape, &with);
#if DNNL_VERSION_MAJOR >= 3
    ATTEMPT(&work, "describe a pooling's derivative",
            dnnl_pooling_backward_primitive_desc_create(
                &work.backward, work.engine, with.algorithm, with.source, with.destination,
                with.strides, with.window, with.dilations, with.padding, with.padding, work.forward,
                work.attributes));
#else
    dnnl_pooling_desc_t description;
    ATTEMPT(&work, "describe a pooling's derivative",
            dnnl_pooling_backward_desc_init(
                &description, with.algorithm, with.source, with.destination, with.strides,
                with.window, with.padding, with.padding));
    ATTEMPT(&work, "find a pooling's derivative",
            dnnl_primitive_desc_create(
                &work.backward, &description, work.attributes, work.engine, work.forward));
#endif
    argument(&work, DNNL_ARG_DIFF_DST, with.destination);
    argument(&work, DNNL_ARG_DIFF_SRC, with.source);
    return finish(&work, work.backward, kernel);
}

orbit_status orbit_pooling_backward(
    const orbit_kernel *kernel, const float *gradient, const void *workspace,
    float *source_gradient, void *scratch) {
    void *data[] = {(void *)gradient, source_gradient, (void *)workspace};
    return run(kernel, data, scratch, "run a pooling's derivative");
}
