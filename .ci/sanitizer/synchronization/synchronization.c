// Tells ThreadSanitizer what happens before what in two libraries that are not instrumented. Without it
// every parallel region and every contended mutex would be reported as a race.
//
// Both wrappers stand in the test program, which the dynamic linker asks before the libraries. They add
// no order that is not there: parts of one region stay unordered among each other, so two parts that
// write the same place are still reported.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

extern void __tsan_acquire(void *address);
extern void __tsan_release(void *address);

// GNU's OpenMP: what was done before a region is seen by its threads, and what they did is seen after it.

struct region {
    void (*body)(void *);
    void *data;
    // Two places, lest a thread that ends early seem to come before one that starts late.
    char begin, end;
};

static void enter(void *data) {
    struct region *region = data;
    __tsan_acquire(&region->begin);
    region->body(region->data);
    __tsan_release(&region->end);
}

void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags) {
    void (*real)(void (*)(void *), void *, unsigned, unsigned);
    *(void **)&real = dlsym(RTLD_NEXT, "GOMP_parallel");
    struct region region = {body, data, 0, 0};
    __tsan_release(&region.begin);
    real(enter, &region, threads, flags);
    __tsan_acquire(&region.end);
}

// Swift's Mutex: the uncontended path is compiled into its users, and seen; the contended one is in
// libswiftSynchronization. `self` is the place of the mutex's one atomic word.

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
