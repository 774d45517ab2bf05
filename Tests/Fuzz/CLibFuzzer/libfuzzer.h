// The part of LLVM's libFuzzer and of the address sanitizer's runtime that the fuzz target calls; the
// compiler brings both libraries, but no header for them.

#ifndef ORBIT_LIBFUZZER_H
#define ORBIT_LIBFUZZER_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(int *count, char ***arguments, int (*examine)(const uint8_t *data, size_t size));

int __sanitizer_install_malloc_and_free_hooks(
    void (*taken)(const volatile void *place, size_t size), void (*given)(const volatile void *place));
size_t __sanitizer_get_allocated_size(const volatile void *place);

#endif
