#pragma once
#include "COneDNN.h"

#include <dnnl.h>

// What the files of this folder share: a kernel and the few steps in which the two versions differ.

#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t descriptor;
typedef const_dnnl_memory_desc_t borrowed_descriptor;
#else
typedef dnnl_memory_desc_t *descriptor;
typedef const dnnl_memory_desc_t *borrowed_descriptor;
#endif

enum { maximum_arguments = 12 };

struct orbit_kernel {
    dnnl_primitive_t primitive;
    /// Brings weights into the layout that the primitive prefers, or out of it; null when they agree.
    dnnl_primitive_t reorder;
    descriptor weight_plain, weight_preferred;
    descriptor scratchpad, reorder_scratchpad;
    size_t scratchpad_size, reorder_size, workspace_size;
    char implementation[64];
    /// The layout of each argument of a run.
    int argument_count;
    int argument[maximum_arguments];
    descriptor layout[maximum_arguments];
};

/// A kernel under construction: everything in here is freed by `finish`.
typedef struct {
    orbit_kernel *kernel;
    dnnl_engine_t engine;
    dnnl_primitive_attr_t attributes;
    dnnl_primitive_desc_t forward, backward;
    descriptor made[16];
    int made_count;
    dnnl_status_t status;
    const char *step;
} construction;

/// Waits until no other thread has a kernel under construction; `finish` must follow.
construction begin_construction(void);
/// A layout of single precision with a name; null once anything failed.
descriptor tagged(construction *work, int rank, const dnnl_dims_t sizes, dnnl_format_tag_t tag);
/// The same for another type of numbers.
descriptor tagged_as(
    construction *work, int rank, const dnnl_dims_t sizes, dnnl_data_type_t type,
    dnnl_format_tag_t tag);
/// A layout with given strides; null once anything failed.
descriptor strided(
    construction *work, int rank, const dnnl_dims_t sizes, dnnl_data_type_t type,
    const dnnl_dims_t strides);
/// Notes the layout of an argument of a run.
void argument(construction *work, int name, borrowed_descriptor layout);
/// The layout that a primitive descriptor asks for.
borrowed_descriptor preferred(
    construction *work, const_dnnl_primitive_desc_t from, dnnl_query_t what);
/// Prepares the reorder between `plain` and `preferred`; `outward` is from the latter to the former.
void weights(construction *work, descriptor plain, borrowed_descriptor preferred, int outward);
/// Makes the primitive, frees what was needed on the way, lets the next construction begin, and hands the kernel
/// over.
orbit_status finish(
    construction *work, const_dnnl_primitive_desc_t description, orbit_kernel **kernel);

/// Runs the primitive; `data` is in the order in which the arguments were noted.
orbit_status run(const orbit_kernel *kernel, void *const *data, void *scratch, const char *step);

#define ATTEMPT(work, what, call)                       \
    do {                                                \
        if ((work)->status == dnnl_success) {           \
            (work)->step = (what);                      \
            (work)->status = (call);                    \
        }                                               \
    } while (0)
