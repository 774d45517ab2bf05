#pragma once

// One function for each instruction set, chosen once by the dynamic linker. Under a sanitizer there is
// only one: the choice is made before the sanitizer's runtime has started.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ORBIT_SANITIZED 1
#endif
#endif
#if defined(__x86_64__) && defined(__linux__) && !defined(ORBIT_SANITIZED)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

/// Sixteen values: one register of AVX-512, two of AVX, four of SSE.
typedef float vector __attribute__((vector_size(64), aligned(4)));
typedef int32_t mask __attribute__((vector_size(64), aligned(4)));
