// Tells ThreadSanitizer what happens before what in Swift's Mutex, whose contended path is in a library that is
// not instrumented: every contended mutex would be reported as a race.
//
// The wrappers stand in the test program, which the dynamic linker asks before the library.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

extern void __tsan_acquire(void *address);
extern void __tsan_release(void *address);

// The uncontended path is compiled into the mutex's users, and seen. `self` is the place of its one atomic word.

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))

SWIFT void orbit_lock(uint32_t thread, SELF void *self) __asm__(LOCK);
SWIFT void orbit_unlock(SELF void *self) __asm__(UNLOCK);

SWIFT void orbit_lock(uint32_t thread, SELF void *self) {
    SWIFT void (*real)(uint32_t, SELF void *);
    *(void **)&real = dlsym(RTLD_NEXT, LOCK);
    real(thread, self);
    __tsan_acquire(self);
}

SWIFT void orbit_unlock(SELF void *self) {
    SWIFT void (*real)(SELF void *);
    *(void **)&real = dlsym(RTLD_NEXT, UNLOCK);
    __tsan_release(self);
    real(self);
}
