#include "CLazyLibrary.h"

#include <dnnl_version.h>

// The headers are those of one major version, and its library is the only one that fits them. Here stand the
// functions of both: one that is not called costs nothing.

#define TEXT_OF(number) #number
#define TEXT(number) TEXT_OF(number)

ORBIT_LAZY_LIBRARY(
    onednn, "oneDNN", "libdnnl.so." TEXT(DNNL_VERSION_MAJOR), "libdnnl" TEXT(DNNL_VERSION_MAJOR))

ORBIT_LAZY_FUNCTION(onednn, dnnl_convolution_backward_data_primitive_desc_create);
ORBIT_LAZY_FUNCTION(onednn, dnnl_convolution_backward_weights_primitive_desc_create);
ORBIT_LAZY_FUNCTION(onednn, dnnl_convolution_forward_primitive_desc_create);
ORBIT_LAZY_FUNCTION(onednn, dnnl_dilated_convolution_backward_data_desc_init);
ORBIT_LAZY_FUNCTION(onednn, dnnl_dilated_convolution_backward_weights_desc_init);
ORBIT_LAZY_FUNCTION(onednn, dnnl_dilated_convolution_forward_desc_init);
ORBIT_LAZY_FUNCTION(onednn, dnnl_eltwise_forward_desc_init);
ORBIT_LAZY_FUNCTION(onednn, dnnl_eltwise_forward_primitive_desc_create);
ORBIT_LAZY_FUNCTION(onednn, dnnl_engine_create);
ORBIT_LAZY_FUNCTION(onednn, dnnl_get_effective_cpu_isa);
ORBIT_LAZY_FUNCTION(onednn, dnnl_matmul_desc_init);
ORBIT_LAZY_FUNCTION(onednn, dnnl_matmul_primitive_desc_create);
ORBIT_LAZY_FUNCTION(onednn, dnnl_memory_create);
ORBIT_LAZY_FUNCTION(onednn, dnnl_memory_desc_clone);
ORBIT_LAZY_FUNCTION(onednn, dnnl_memory_desc_create_with_strides);
ORBIT_LAZY_FUNCTION(onednn, dnnl_memory_desc_create_with_tag);
ORBIT_LAZY_FUNCTION(onednn, dnnl_memory_desc_destroy);
ORBIT_LAZY_FUNCTION(onednn, dnnl_memory_desc_equal);
ORBIT_LAZY_FUNCTION(onednn, dnnl_memory_desc_get_size);
ORBIT_LAZY_FUNCTION(onednn, dnnl_memory_desc_init_by_strides);
ORBIT_LAZY_FUNCTION(onednn, dnnl_memory_desc_init_by_tag);
ORBIT_LAZY_FUNCTION(onednn, dnnl_memory_destroy);
ORBIT_LAZY_FUNCTION(onednn, dnnl_pooling_backward_desc_init);
ORBIT_LAZY_FUNCTION(onednn, dnnl_pooling_backward_primitive_desc_create);
ORBIT_LAZY_FUNCTION(onednn, dnnl_pooling_forward_desc_init);
ORBIT_LAZY_FUNCTION(onednn, dnnl_pooling_forward_primitive_desc_create);
ORBIT_LAZY_FUNCTION(onednn, dnnl_post_ops_append_eltwise);
ORBIT_LAZY_FUNCTION(onednn, dnnl_post_ops_append_sum);
ORBIT_LAZY_FUNCTION(onednn, dnnl_post_ops_create);
ORBIT_LAZY_FUNCTION(onednn, dnnl_post_ops_destroy);
ORBIT_LAZY_FUNCTION(onednn, dnnl_primitive_attr_create);
ORBIT_LAZY_FUNCTION(onednn, dnnl_primitive_attr_destroy);
ORBIT_LAZY_FUNCTION(onednn, dnnl_primitive_attr_set_post_ops);
ORBIT_LAZY_FUNCTION(onednn, dnnl_primitive_attr_set_scratchpad_mode);
ORBIT_LAZY_FUNCTION(onednn, dnnl_primitive_create);
ORBIT_LAZY_FUNCTION(onednn, dnnl_primitive_desc_create);
ORBIT_LAZY_FUNCTION(onednn, dnnl_primitive_desc_destroy);
ORBIT_LAZY_FUNCTION(onednn, dnnl_primitive_desc_query);
ORBIT_LAZY_FUNCTION(onednn, dnnl_primitive_desc_query_md);
ORBIT_LAZY_FUNCTION(onednn, dnnl_primitive_destroy);
ORBIT_LAZY_FUNCTION(onednn, dnnl_primitive_execute);
ORBIT_LAZY_FUNCTION(onednn, dnnl_reorder_primitive_desc_create);
ORBIT_LAZY_FUNCTION(onednn, dnnl_sgemm);
ORBIT_LAZY_FUNCTION(onednn, dnnl_stream_create);
ORBIT_LAZY_FUNCTION(onednn, dnnl_stream_destroy);
ORBIT_LAZY_FUNCTION(onednn, dnnl_stream_wait);
ORBIT_LAZY_FUNCTION(onednn, dnnl_version);
