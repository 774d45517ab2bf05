#pragma once
#include <stddef.h>

// Libraries that are loaded when one of their functions is called for the first time.
//
// A kernel has to answer before it computes, draws or reads an archive. Linked, the libraries for that and the
// fifty others that these need cost every start more than half of its time and a third of its memory, and the
// ports of the connection file opened only after a front end had tried them in vain.
//
// A library is declared in one C file of its target: ORBIT_LAZY_LIBRARY names it, ORBIT_LAZY_FUNCTION defines a
// function of that name for each one that is used, and callers see the library's own header. A function that is
// used and not declared is an error of the linker. The definition is a jump through an address, as it is in a
// call of a linked library, and first leads to the loader below. The names are hidden, so that the library
// does not take them for its own.

/// A library, as it is declared; loaded or not.
typedef struct orbit_lazy_library {
  /// What it is called in words.
  const char *title;
  /// Its file, by the names that it may have, separated by spaces; the first that can be loaded is taken.
  const char *files;
  /// Debian's package.
  const char *package;
  /// The loader's handle, or null.
  void *handle;
  /// The next one that the program has.
  struct orbit_lazy_library *next;
} orbit_lazy_library;

/// Loads a library, unless it is loaded.
///
/// - Returns: null, or the loader's word for what is wrong, to be freed.
char *orbit_lazy_load(orbit_lazy_library *library);

/// The first of all libraries that the program has; `next` leads to the others.
orbit_lazy_library *orbit_lazy_libraries(void);

// What the declarations below use.

typedef struct {
  orbit_lazy_library *library;
  const char *name;
  void *address;
} orbit_lazy_function;

void orbit_lazy_register(orbit_lazy_library *library);
void orbit_lazy_resolve(void);

/// Declares a library, and defines `orbit_load_NAME`, which is `orbit_lazy_load` for it.
#define ORBIT_LAZY_LIBRARY(short_name, title, files, package)                                     \
  static orbit_lazy_library orbit_library_##short_name = {title, files, package, NULL, NULL};     \
  __attribute__((constructor)) static void orbit_register_##short_name(void) {                    \
    orbit_lazy_register(&orbit_library_##short_name);                                             \
  }                                                                                               \
  char *orbit_load_##short_name(void);                                                            \
  char *orbit_load_##short_name(void) { return orbit_lazy_load(&orbit_library_##short_name); }

/// Defines a function of a library that this file declares.
#define ORBIT_LAZY_FUNCTION(short_name, function)                                                 \
  __attribute__((used)) static orbit_lazy_function orbit_lazy_##function = {                      \
      &orbit_library_##short_name, #function, (void *)orbit_lazy_resolve};                        \
  ORBIT_LAZY_JUMP(#function)

// Sixteen bytes behind the start of an `orbit_lazy_function` stands the address.
#if defined(__x86_64__)
// %r11 carries nothing between a caller and a function.
#define ORBIT_LAZY_JUMP(function)                                                                 \
  __asm__(                                                                                        \
      ".pushsection .text\n.p2align 4\n.globl " function "\n.hidden " function "\n"               \
      ".type " function ", @function\n" function ":\n.cfi_startproc\n"                            \
      "leaq orbit_lazy_" function "(%rip), %r11\n"                                                \
      "jmpq *16(%r11)\n"                                                                          \
      ".cfi_endproc\n.size " function ", . - " function "\n.popsection\n")
#elif defined(__aarch64__)
// x9 carries nothing between a caller and a function.
#define ORBIT_LAZY_JUMP(function)                                                                 \
  __asm__(                                                                                        \
      ".pushsection .text\n.p2align 4\n.globl " function "\n.hidden " function "\n"               \
      ".type " function ", %function\n" function ":\n.cfi_startproc\n"                            \
      "adrp x9, orbit_lazy_" function "\n"                                                        \
      "add x9, x9, :lo12:orbit_lazy_" function "\n"                                               \
      "ldr x10, [x9, #16]\n"                                                                      \
      "br x10\n"                                                                                  \
      ".cfi_endproc\n.size " function ", . - " function "\n.popsection\n")
#else
#error "Write the jump of a function of a lazily loaded library for this processor."
#endif
