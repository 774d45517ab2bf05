#include "kernel.h"

typedef struct {
    // What is read is in the type of the factors; what is written, and the weights as they come, single.
    descriptor source, weight_any, destination;
    descriptor written_source, weight, written_weight_any, bias, written_destination;
    dnnl_dims_t strides, dilations, padding;
} layouts;

static layouts describe(construction *work, const orbit_convolution_shape *s) {
    layouts made = {0};
    dnnl_dims_t source = {s->batch, s->channels, s->height, s->width};
    dnnl_dims_t destination = {s->batch, s->outputs, s->output_height, s->output_width};
    dnnl_dims_t bias = {s->outputs};
    dnnl_dims_t plain = {s->outputs, s->channels, s->window_height, s->window_width};
    dnnl_dims_t grouped = {s->groups, s->outputs / s->groups, s->channels / s->groups,
                           s->window_height, s->window_width};
    int several = s->groups > 1;
    dnnl_data_type_t factors = s->is_bfloat16 ? dnnl_bf16 : dnnl_f32;
    made.source = tagged_as(work, 4, source, factors, dnnl_nhwc);
    made.destination = tagged_as(work, 4, destination, factors, dnnl_nhwc);
    made.written_source = tagged(work, 4, source, dnnl_nhwc);
    made.written_destination = tagged(work, 4, destination, dnnl_nhwc);
    made.weight = tagged(
        work, several ? 5 : 4, several ? grouped : plain, several ? dnnl_goihw : dnnl_oihw);
    made.weight_any = tagged_as(
        work, several ? 5 : 4, several ? grouped : plain, factors, dnnl_format_tag_any);
    made.written_weight_any =
        tagged(work, several ? 5 : 4, several ? grouped : plain, dnnl_format_tag_any);
    if (s->has_bias) made.bias = tagged(work, 1, bias, dnnl_x);
    for (int i = 0; i < 2; i++) {
        made.strides[i] = s->stride;
        made.dilations[i] = s->dilation - 1;
        made.padding[i] = s->padding;
    }
    return made;
}

static void describe_forward(construction *work, const layouts *with) {
#if DNNL_VERSION_MAJOR >= 3
    ATTEMPT(work, "describe a convolution",
            dnnl_convolution_forward_primitive_desc_create(
                &work->forward, work->engine, dnnl_forward_training, dnnl_convolution_direct,
                with->source, with->weight_any, with->bias, with->written_destination,
                with->strides, with->dilations, with->padding, with->padding, work->attributes));
#else
    dnnl_convolution_desc_t description;
    ATTEMPT(work, "describe a convolution",
            dnnl_dilated_convolution_forward_desc_init(
                &description, dnnl_forward_training, dnnl_convolution_direct, with->source,
                with->weight_any, with->bias, with->written_destination, with->strides,
                with->dilations, with->padding, with->padding));
    ATTEMPT(work, "find a convolution",
            dnnl_primitive_desc_create(
                &work->forward, &description, work->attributes, work->engine, NULL));
#endif
}

orbit_status orbit_convolution_forward_create(
    const orbit_convolution_shape *shape, orbit_kernel **kernel) {
    construction work = begin_construction();
    layouts with = describe(&work, shape);
    describe_forward(&work, &with);
    borrowed_descriptor weight = preferred(&work, work.forward, dnnl_query_weights_md);
    weights(&work, with.weight, weight, 0);
    argument(&work, DNNL_ARG_SRC, with.source);
    argument(&work, DNNL_ARG_WEIGHTS, weight);
    argument(&work, DNNL_ARG_DST, with.written_destination);
    if (shape->has_bias) argument(&work, DNNL_ARG_BIAS, with.bias);
    return finish(&work, work.forward, kernel);
}

orbit_status orbit_convolution_forward_packed(
    const orbit_kernel *kernel, const void *source, const void *packed, const float *bias,
    float *destination, void *scratch) {
    void *data[] = {(void *)source, (void *)packed, destination, (void *)bias};
    return run(kernel, data, scratch, "run a convolution");
}

orbit_status orbit_convolution_backward_source_create(
    const orbit_convolution_shape *shape, orbit_kernel **kernel) {
    construction work = begin_construction();
    layouts with = describe(&work, shape);
    describe_forward(&work, &with);
#if DNNL_VERSION_MAJOR >= 3
    ATTEMPT(&work, "describe a convolution's derivative by its source",
            dnnl_convolution_backward_data_primitive_desc_create(
                &work.backward, work.engine, dnnl_convolution_direct, with.written_source,
                with.weight_any, with.destination, with.strides, with.dilations, with.padding, with.padding,
                work.forward, work.attributes));
#else
    dnnl_convolution_desc_t description;
    ATTEMPT(&work, "describe a convolution's derivative by its source",
            dnnl_dilated_convolution_backward_data_desc_init(
                &description, dnnl_convolution_direct, with.written_source, with.weight_any,
                with.destination, with.strides, with.dilations, with.padding, with.padding));
    ATTEMPT(&work, "find a convolution's derivative by its source",
            dnnl_primitive_desc_create(
                &work.backward, &description, work.attributes, work.engine, work.forward));
#endif
    borrowed_descriptor weight = preferred(&work, work.backward, dnnl_query_weights_md);
    weights(&work, with.weight, weight, 0);
    argument(&work, DNNL_ARG_DIFF_DST, with.destination);
    argument(&work, DNNL_ARG_WEIGHTS, weight);
    argument(&work, DNNL_ARG_DIFF_SRC, with.written_source);
    return finish(&work, work.backward, kernel);
}

orbit_status orbit_convolution_backward_source_packed(
    const orbit_kernel *kernel, const void *gradient, const void *packed, float *source_gradient,
    void *scratch) {
    void *data[] = {(void *)gradient, (void *)packed, source_gradient};
    return run(kernel, data, scratch, "run a convolution's derivative by its source");
}

orbit_status orbit_convolution_backward_weight_create(
    const orbit_convolution_shape *shape, orbit_kernel **kernel) {
    construction work = begin_construction();
    layouts with = describe(&work, shape);
    describe_forward(&work, &with);
#if DNNL_VERSION_MAJOR >= 3
    ATTEMPT(&work, "describe a convolution's derivative by its weights",
            dnnl_convolution_backward_weights_primitive_desc_create(
                &work.backward, work.engine, dnnl_convolution_direct, with.source,
                with.written_weight_any, with.bias, with.destination, with.strides, with.dilations, with.padding,
                with.padding, work.forward, work.attributes));
#else
    dnnl_convolution_desc_t description;
    ATTEMPT(&work, "describe a convolution's derivative by its weights",
            dnnl_dilated_convolution_backward_weights_desc_init(
                &description, dnnl_convolution_direct, with.source, with.written_weight_any,
                with.bias, with.destination, with.strides, with.dilations, with.padding, with.padding));
    ATTEMPT(&work, "find a convolution's derivative by its weights",
            dnnl_primitive_desc_create(
                &work.backward, &description, work.attributes, work.engine, work.forward));
#endif
    borrowed_descriptor weight = preferred(&work, work.backward, dnnl_query_diff_weights_md);
    weights(&work, with.weight, weight, 1);
    argument(&work, DNNL_ARG_SRC, with.source);
    argument(&work, DNNL_ARG_DIFF_DST, with.destination);
    argument(&work, DNNL_ARG_DIFF_WEIGHTS, weight);
    if (shape->has_bias) argument(&work, DNNL_ARG_DIFF_BIAS, with.bias);
    return finish(&work, work.backward, kernel);
}

orbit_status orbit_convolution_backward_weight_packed(
    const orbit_kernel *kernel, const void *source, const void *gradient, float *packed_gradient,
    float *bias_gradient, void *scratch) {
    void *data[] = {(void *)source, (void *)gradient, packed_gradient, bias_gradient};
    return run(kernel, data, scratch, "run a convolution's derivative by its weights");
}
