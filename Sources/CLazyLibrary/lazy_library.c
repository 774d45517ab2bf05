#include "CLazyLibrary.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static orbit_lazy_library *first;

/// Called before `main`, by one thread.
void orbit_lazy_register(orbit_lazy_library *library) {
  library->next = first;
  first = library;
}

orbit_lazy_library *orbit_lazy_libraries(void) { return first; }

char *orbit_lazy_load(orbit_lazy_library *library) {
  if (__atomic_load_n(&library->handle, __ATOMIC_ACQUIRE)) return NULL;
  char names[256];
  snprintf(names, sizeof names, "%s", library->files);
  char *reason = NULL, *rest = NULL;
  for (char *name = strtok_r(names, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
    // Two threads that come here at once get the same handle.
    void *handle = dlopen(name, RTLD_LAZY | RTLD_LOCAL);
    if (handle) {
      __atomic_store_n(&library->handle, handle, __ATOMIC_RELEASE);
      free(reason);
      return NULL;
    }
    // Of several names, the first is the one to be installed.
    const char *words = dlerror();
    if (!reason) reason = strdup(words ? words : name);
  }
  return reason ? reason : strdup("it has no name");
}

/// The address of a function, whose library is loaded for it. Where there is none the process ends: nothing
/// that was called can be given back. Whoever can do without asks `orbit_lazy_load` first.
__attribute__((used, visibility("hidden"))) void *orbit_lazy_address(orbit_lazy_function *function) {
  orbit_lazy_library *library = function->library;
  char *reason = orbit_lazy_load(library);
  // Another thread that came at once may be writing the same handle again.
  void *handle = __atomic_load_n(&library->handle, __ATOMIC_ACQUIRE);
  void *address = reason ? NULL : dlsym(handle, function->name);
  if (!address) {
    fprintf(
        stderr, "orbit: %s is needed (%s): %s. Install it: apt-get install %s\n", library->title,
        function->name, reason ? reason : "it has no such function", library->package);
    abort();
  }
  __atomic_store_n(&function->address, address, __ATOMIC_RELEASE);
  return address;
}

// `orbit_lazy_resolve` is where a function's jump leads first. The arguments of the call wait in registers
// while the library is loaded; then the call goes on as if nothing had been.
#if defined(__x86_64__)
// %rax says how many of the vector registers a function of varying arguments gets; the eight that arguments
// come in hold 16 bytes each for all functions that are declared.
__asm__(
    ".text\n.p2align 4\n.globl orbit_lazy_resolve\n.hidden orbit_lazy_resolve\n"
    ".type orbit_lazy_resolve, @function\norbit_lazy_resolve:\n.cfi_startproc\n"
    "pushq %rbp\n.cfi_def_cfa_offset 16\n.cfi_offset %rbp, -16\n"
    "movq %rsp, %rbp\n.cfi_def_cfa_register %rbp\n"
    "subq $192, %rsp\n"
    "movq %rdi, 0(%rsp)\nmovq %rsi, 8(%rsp)\nmovq %rdx, 16(%rsp)\nmovq %rcx, 24(%rsp)\n"
    "movq %r8, 32(%rsp)\nmovq %r9, 40(%rsp)\nmovq %rax, 48(%rsp)\n"
    "movups %xmm0, 64(%rsp)\nmovups %xmm1, 80(%rsp)\nmovups %xmm2, 96(%rsp)\n"
    "movups %xmm3, 112(%rsp)\nmovups %xmm4, 128(%rsp)\nmovups %xmm5, 144(%rsp)\n"
    "movups %xmm6, 160(%rsp)\nmovups %xmm7, 176(%rsp)\n"
    "movq %r11, %rdi\n"
    "call orbit_lazy_address\n"
    "movq %rax, %r11\n"
    "movq 0(%rsp), %rdi\nmovq 8(%rsp), %rsi\nmovq 16(%rsp), %rdx\nmovq 24(%rsp), %rcx\n"
    "movq 32(%rsp), %r8\nmovq 40(%rsp), %r9\nmovq 48(%rsp), %rax\n"
    "movups 64(%rsp), %xmm0\nmovups 80(%rsp), %xmm1\nmovups 96(%rsp), %xmm2\n"
    "movups 112(%rsp), %xmm3\nmovups 128(%rsp), %xmm4\nmovups 144(%rsp), %xmm5\n"
    "movups 160(%rsp), %xmm6\nmovups 176(%rsp), %xmm7\n"
    "leave\n.cfi_def_cfa %rsp, 8\n"
    "jmpq *%r11\n"
    ".cfi_endproc\n.size orbit_lazy_resolve, . - orbit_lazy_resolve\n");
#elif defined(__aarch64__)
// x8 says where a result of several words goes.
__asm__(
    ".text\n.p2align 4\n.globl orbit_lazy_resolve\n.hidden orbit_lazy_resolve\n"
    ".type orbit_lazy_resolve, %function\norbit_lazy_resolve:\n.cfi_startproc\n"
    "stp x29, x30, [sp, #-224]!\n.cfi_def_cfa_offset 224\n.cfi_offset x29, -224\n"
    ".cfi_offset x30, -216\n"
    "mov x29, sp\n.cfi_def_cfa_register x29\n"
    "stp x0, x1, [sp, #16]\nstp x2, x3, [sp, #32]\nstp x4, x5, [sp, #48]\nstp x6, x7, [sp, #64]\n"
    "str x8, [sp, #80]\n"
    "stp q0, q1, [sp, #96]\nstp q2, q3, [sp, #128]\nstp q4, q5, [sp, #160]\n"
    "stp q6, q7, [sp, #192]\n"
    "mov x0, x9\n"
    "bl orbit_lazy_address\n"
    "mov x10, x0\n"
    "ldp x0, x1, [sp, #16]\nldp x2, x3, [sp, #32]\nldp x4, x5, [sp, #48]\nldp x6, x7, [sp, #64]\n"
    "ldr x8, [sp, #80]\n"
    "ldp q0, q1, [sp, #96]\nldp q2, q3, [sp, #128]\nldp q4, q5, [sp, #160]\n"
    "ldp q6, q7, [sp, #192]\n"
    "ldp x29, x30, [sp], #224\n.cfi_def_cfa sp, 0\n.cfi_restore x29\n.cfi_restore x30\n"
    "br x10\n"
    ".cfi_endproc\n.size orbit_lazy_resolve, . - orbit_lazy_resolve\n");
#endif
