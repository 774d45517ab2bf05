// Tells ThreadSanitizer what happens before what in Swift's own libraries, which are not instrumented: contended
// mutexes, and values that threads share until one of them has them alone, would be reported as races.
//
// The wrappers stand in the test program, which the dynamic linker asks before the library.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

extern void __tsan_acquire(void *address);
extern void __tsan_release(void *address);

// Mutex: the uncontended path is compiled into the mutex's users, and seen. `self` is the place of its one atomic word.

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

// Reference counts: who finds a value to be its own changes it in place, after all who shared it have let go. The
// counts are in a library that is not instrumented either, so what the others read before would be reported.
// A last release needs no word, since nobody is left who could change the object.

// Libraries release objects before a constructor of the program runs, so each is looked up when it is first needed.
#define REAL(result, name, ...)                                                 \
    static void *place_##name;                                                  \
    void *found_##name = __atomic_load_n(&place_##name, __ATOMIC_RELAXED);      \
    if (!found_##name) {                                                        \
        found_##name = dlsym(RTLD_NEXT, #name);                                 \
        __atomic_store_n(&place_##name, found_##name, __ATOMIC_RELAXED);        \
    }                                                                           \
    result (*real_##name)(__VA_ARGS__) = (result (*)(__VA_ARGS__))found_##name

static _Bool isUnique(void *object) {
    REAL(_Bool, swift_isUniquelyReferenced_nonNull_native, void *);
    return real_swift_isUniquelyReferenced_nonNull_native(object);
}

void swift_release(void *object) {
    REAL(void, swift_release, void *);
    if (object && !isUnique(object)) __tsan_release(object);
    real_swift_release(object);
}

void swift_release_n(void *object, uint32_t count) {
    REAL(void, swift_release_n, void *, uint32_t);
    if (object) __tsan_release(object);
    real_swift_release_n(object, count);
}

_Bool swift_isUniquelyReferenced_nonNull_native(void *object) {
    if (!isUnique(object)) return 0;
    __tsan_acquire(object);
    return 1;
}

_Bool swift_isUniquelyReferenced_native(void *object) {
    return object && swift_isUniquelyReferenced_nonNull_native(object);
}
