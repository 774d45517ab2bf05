#include "kernel.h"

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static dnnl_engine_t shared_engine;
static dnnl_status_t engine_status;
static pthread_once_t engine_once = PTHREAD_ONCE_INIT;

extern void omp_set_num_threads(int);

/// Matrix products ask the C library for a little memory at every call; given back to the system each
/// time, it would cost page faults in every step.
static void keep_memory(void) {
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
}

static pthread_once_t memory_once = PTHREAD_ONCE_INIT;

/// Holds the OpenMP team of the calling thread to one: Orbit shares out the work itself.
static void alone(void) {
    static _Thread_local int is_alone;
    if (is_alone) return;
    omp_set_num_threads(1);
    pthread_once(&memory_once, keep_memory);
    is_alone = 1;
}

static void create_engine(void) { engine_status = dnnl_engine_create(&shared_engine, dnnl_cpu, 0); }

static orbit_status success(void) { return (orbit_status){0, "", ""}; }

static orbit_status failure(dnnl_status_t status, const char *step) {
    const char *reason = "error";
    switch (status) {
    case dnnl_out_of_memory: reason = "out of memory"; break;
    case dnnl_invalid_arguments: reason = "invalid arguments"; break;
    case dnnl_unimplemented: reason = "not implemented by this version of oneDNN"; break;
    default: break;
    }
    return (orbit_status){(int)status == 0 ? 1 : (int)status, step, reason};
}

int orbit_onednn_version(void) {
    const dnnl_version_t *version = dnnl_version();
    return version->major * 10000 + version->minor * 100 + version->patch;
}

int orbit_bfloat16_is_native(void) {
#if defined(__x86_64__)
    // Each instruction set is the bits of those that it contains.
    int least = dnnl_cpu_isa_avx512_core_bf16;
    return ((int)dnnl_get_effective_cpu_isa() & least) == least;
#else
    return 0;
#endif
}

// Descriptors: version 2 has them by value, version 3 behind a pointer.

static dnnl_status_t descriptor_make(
    descriptor *made, int rank, const dnnl_dims_t sizes, dnnl_data_type_t type,
    dnnl_format_tag_t tag) {
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_memory_desc_create_with_tag(made, rank, sizes, type, tag);
#else
    *made = malloc(sizeof **made);
    if (!*made) return dnnl_out_of_memory;
    return dnnl_memory_desc_init_by_tag(*made, rank, sizes, type, tag);
#endif
}

static dnnl_status_t descriptor_make_strided(
    descriptor *made, int rank, const dnnl_dims_t sizes, dnnl_data_type_t type,
    const dnnl_dims_t strides) {
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_memory_desc_create_with_strides(made, rank, sizes, type, strides);
#else
    *made = malloc(sizeof **made);
    if (!*made) return dnnl_out_of_memory;
    return dnnl_memory_desc_init_by_strides(*made, rank, sizes, type, strides);
#endif
}

static dnnl_status_t descriptor_copy(descriptor *copy, borrowed_descriptor original) {
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_memory_desc_clone(copy, original);
#else
    *copy = malloc(sizeof **copy);
    if (!*copy) return dnnl_out_of_memory;
    **copy = *original;
    return dnnl_success;
#endif
}

static void descriptor_destroy(descriptor layout) {
    if (!layout) return;
#if DNNL_VERSION_MAJOR >= 3
    dnnl_memory_desc_destroy(layout);
#else
    free(layout);
#endif
}

static size_t rounded(size_t size) { return (size + 63) / 64 * 64; }

/// Held from the beginning of a construction to its end. Before 2.7.3, oneDNN keeps how many channels the
/// format at hand multiplies together in a variable of all threads while it looks for a convolution: of two
/// threads that want different formats, one gets a kernel that computes wrong numbers from then on.
static pthread_mutex_t under_construction = PTHREAD_MUTEX_INITIALIZER;

construction begin_construction(void) {
    alone();
    pthread_mutex_lock(&under_construction);
    construction work = {0};
    work.step = "start oneDNN";
    pthread_once(&engine_once, create_engine);
    work.status = engine_status;
    work.engine = shared_engine;
    work.kernel = calloc(1, sizeof *work.kernel);
    if (!work.kernel && work.status == dnnl_success) work.status = dnnl_out_of_memory;
    ATTEMPT(&work, "create attributes", dnnl_primitive_attr_create(&work.attributes));
    ATTEMPT(&work, "choose the caller's scratch memory",
            dnnl_primitive_attr_set_scratchpad_mode(work.attributes, dnnl_scratchpad_mode_user));
    return work;
}

descriptor tagged_as(
    construction *work, int rank, const dnnl_dims_t sizes, dnnl_data_type_t type,
    dnnl_format_tag_t tag) {
    descriptor made = NULL;
    ATTEMPT(work, "describe a layout", descriptor_make(&made, rank, sizes, type, tag));
    if (made) work->made[work->made_count++] = made;
    return made;
}

descriptor tagged(construction *work, int rank, const dnnl_dims_t sizes, dnnl_format_tag_t tag) {
    return tagged_as(work, rank, sizes, dnnl_f32, tag);
}

descriptor strided(
    construction *work, int rank, const dnnl_dims_t sizes, dnnl_data_type_t type,
    const dnnl_dims_t strides) {
    descriptor made = NULL;
    ATTEMPT(work, "describe a layout", descriptor_make_strided(&made, rank, sizes, type, strides));
    if (made) work->made[work->made_count++] = made;
    return made;
}

void argument(construction *work, int name, borrowed_descriptor layout) {
    if (work->status != dnnl_success) return;
    orbit_kernel *kernel = work->kernel;
    int place = kernel->argument_count;
    kernel->argument[place] = name;
    ATTEMPT(work, "keep a layout", descriptor_copy(&kernel->layout[place], layout));
    kernel->argument_count++;
}

borrowed_descriptor preferred(
    construction *work, const_dnnl_primitive_desc_t from, dnnl_query_t what) {
    if (work->status != dnnl_success) return NULL;
    borrowed_descriptor layout = dnnl_primitive_desc_query_md(from, what, 0);
    if (!layout) {
        work->step = "ask for a layout";
        work->status = dnnl_invalid_arguments;
    }
    return layout;
}

void weights(construction *work, descriptor plain, borrowed_descriptor preferred, int outward) {
    if (work->status != dnnl_success) return;
    orbit_kernel *kernel = work->kernel;
    ATTEMPT(work, "keep a layout", descriptor_copy(&kernel->weight_plain, plain));
    ATTEMPT(work, "keep a layout", descriptor_copy(&kernel->weight_preferred, preferred));
    if (work->status != dnnl_success || dnnl_memory_desc_equal(plain, preferred)) return;
    dnnl_primitive_desc_t description = NULL;
    borrowed_descriptor from = outward ? preferred : plain, to = outward ? plain : preferred;
    ATTEMPT(work, "describe the reordering of weights",
            dnnl_reorder_primitive_desc_create(
                &description, from, work->engine, to, work->engine, work->attributes));
    if (work->status != dnnl_success) return;
    borrowed_descriptor scratchpad =
        dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0);
    kernel->reorder_size = scratchpad ? rounded(dnnl_memory_desc_get_size(scratchpad)) : 0;
    if (kernel->reorder_size)
        ATTEMPT(work, "keep a layout", descriptor_copy(&kernel->reorder_scratchpad, scratchpad));
    ATTEMPT(work, "prepare the reordering of weights",
            dnnl_primitive_create(&kernel->reorder, description));
    dnnl_primitive_desc_destroy(description);
}

orbit_status finish(
    construction *work, const_dnnl_primitive_desc_t description, orbit_kernel **result) {
    orbit_kernel *kernel = work->kernel;
    if (work->status == dnnl_success) {
        borrowed_descriptor scratchpad =
            dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0);
        borrowed_descriptor workspace =
            dnnl_primitive_desc_query_md(description, dnnl_query_workspace_md, 0);
        kernel->scratchpad_size = scratchpad ? rounded(dnnl_memory_desc_get_size(scratchpad)) : 0;
        kernel->workspace_size = workspace ? rounded(dnnl_memory_desc_get_size(workspace)) : 0;
        if (kernel->scratchpad_size)
            ATTEMPT(work, "keep a layout", descriptor_copy(&kernel->scratchpad, scratchpad));
        // The workspace is the last argument of every run.
        if (kernel->workspace_size) argument(work, DNNL_ARG_WORKSPACE, workspace);
        const char *name = NULL;
        if (dnnl_primitive_desc_query(description, dnnl_query_impl_info_str, 0, &name)
                == dnnl_success && name)
            strncpy(kernel->implementation, name, sizeof kernel->implementation - 1);
        ATTEMPT(work, "prepare a primitive", dnnl_primitive_create(&kernel->primitive, description));
    }
    for (int i = 0; i < work->made_count; i++) descriptor_destroy(work->made[i]);
    if (work->backward) dnnl_primitive_desc_destroy(work->backward);
    if (work->forward) dnnl_primitive_desc_destroy(work->forward);
    if (work->attributes) dnnl_primitive_attr_destroy(work->attributes);
    pthread_mutex_unlock(&under_construction);
    if (work->status != dnnl_success) {
        orbit_kernel_destroy(kernel);
        *result = NULL;
        return failure(work->status, work->step);
    }
    *result = kernel;
    return success();
}

void orbit_kernel_destroy(orbit_kernel *kernel) {
    if (!kernel) return;
    if (kernel->primitive) dnnl_primitive_destroy(kernel->primitive);
    if (kernel->reorder) dnnl_primitive_destroy(kernel->reorder);
    descriptor_destroy(kernel->weight_plain);
    descriptor_destroy(kernel->weight_preferred);
    descriptor_destroy(kernel->scratchpad);
    descriptor_destroy(kernel->reorder_scratchpad);
    for (int i = 0; i < kernel->argument_count; i++) descriptor_destroy(kernel->layout[i]);
    free(kernel);
}

size_t orbit_kernel_scratch_size(const orbit_kernel *kernel) {
    return kernel->scratchpad_size > kernel->reorder_size ? kernel->scratchpad_size
                                                          : kernel->reorder_size;
}

size_t orbit_kernel_workspace_size(const orbit_kernel *kernel) { return kernel->workspace_size; }

const char *orbit_kernel_implementation(const orbit_kernel *kernel) {
    return kernel->implementation;
}

/// Runs a primitive on memory described by `layouts`. Streams are made for the run: they cost less
/// than a microsecond, and none is shared between threads.
static orbit_status execute(
    dnnl_primitive_t primitive, int count, const int *names, borrowed_descriptor const *layouts,
    void *const *data, const char *step) {
    alone();
    dnnl_exec_arg_t arguments[maximum_arguments + 1] = {{0}};
    dnnl_stream_t stream = NULL;
    int made = 0;
    dnnl_status_t status = dnnl_stream_create(&stream, shared_engine, dnnl_stream_default_flags);
    for (; made < count && status == dnnl_success; made++) {
        arguments[made].arg = names[made];
        status = dnnl_memory_create(
            &arguments[made].memory, layouts[made], shared_engine, data[made]);
        if (status != dnnl_success) break;
    }
    if (status == dnnl_success) status = dnnl_primitive_execute(primitive, stream, count, arguments);
    if (status == dnnl_success) status = dnnl_stream_wait(stream);
    for (int i = 0; i < made; i++) dnnl_memory_destroy(arguments[i].memory);
    if (stream) dnnl_stream_destroy(stream);
    return status == dnnl_success ? success() : failure(status, step);
}

orbit_status run(const orbit_kernel *kernel, void *const *data, void *scratch, const char *step) {
    int names[maximum_arguments + 1], count = 0;
    borrowed_descriptor layouts[maximum_arguments + 1];
    void *places[maximum_arguments + 1];
    for (; count < kernel->argument_count; count++) {
        names[count] = kernel->argument[count];
        layouts[count] = kernel->layout[count];
        places[count] = data[count];
    }
    if (kernel->scratchpad_size) {
        names[count] = DNNL_ARG_SCRATCHPAD;
        layouts[count] = kernel->scratchpad;
        places[count] = scratch;
        count++;
    }
    return execute(kernel->primitive, count, names, layouts, places, step);
}

static orbit_status reorder(
    const orbit_kernel *kernel, const void *from, void *to, int outward, void *scratch) {
    int names[3] = {DNNL_ARG_FROM, DNNL_ARG_TO, DNNL_ARG_SCRATCHPAD};
    borrowed_descriptor layouts[3] = {
        outward ? kernel->weight_preferred : kernel->weight_plain,
        outward ? kernel->weight_plain : kernel->weight_preferred, kernel->reorder_scratchpad};
    void *places[3] = {(void *)from, to, scratch};
    return execute(
        kernel->reorder, kernel->reorder_size ? 3 : 2, names, layouts, places, "reorder weights");
}

size_t orbit_kernel_packed_size(const orbit_kernel *kernel) {
    return kernel->weight_preferred ? rounded(dnnl_memory_desc_get_size(kernel->weight_preferred)) : 0;
}

orbit_status orbit_kernel_pack(
    const orbit_kernel *kernel, const float *weight, void *packed, void *scratch) {
    if (kernel->reorder) return reorder(kernel, weight, packed, 0, scratch);
    memcpy(packed, weight, dnnl_memory_desc_get_size(kernel->weight_preferred));
    return success();
}

orbit_status orbit_kernel_unpack(
    const orbit_kernel *kernel, const float *packed, float *weight, void *scratch) {
    if (kernel->reorder) return reorder(kernel, packed, weight, 1, scratch);
    memcpy(weight, packed, dnnl_memory_desc_get_size(kernel->weight_preferred));
    return success();
}

orbit_status orbit_matrix_product(
    int transposing_left, int transposing_right, int64_t rows, int64_t columns, int64_t inner,
    float alpha, const float *a, int64_t a_stride, const float *b, int64_t b_stride, float beta,
    float *c, int64_t c_stride) {
    alone();
    dnnl_status_t status = dnnl_sgemm(
        transposing_left ? 'T' : 'N', transposing_right ? 'T' : 'N', rows, columns, inner, alpha, a,
        a_stride, b, b_stride, beta, c, c_stride);
    return status == dnnl_success ? success() : failure(status, "multiply matrices");
}
