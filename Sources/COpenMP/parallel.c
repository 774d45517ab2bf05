#include "COpenMP.h"

#include <stdatomic.h>

// clang lowers `#pragma omp` to calls of LLVM's runtime; the team to share is GNU's, whose entry
// points are these.
extern void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags);
extern int omp_get_thread_num(void);
extern int omp_get_num_threads(void);
extern int omp_get_max_threads(void);
extern int omp_in_parallel(void);
extern void omp_set_num_threads(int);

struct work {
    void *context;
    int parts;
    void (*body)(void *, int);
};

static void run(void *data) {
    const struct work *work = data;
    int threads = omp_get_num_threads();
    for (int part = omp_get_thread_num(); part < work->parts; part += threads)
        work->body(work->context, part);
}

void orbit_parallel(void *context, int parts, void (*body)(void *, int)) {
    if (parts <= 1) {
        if (parts == 1) body(context, 0);
        return;
    }
    struct work work = {context, parts, body};
    int threads = omp_get_max_threads();
    GOMP_parallel(run, &work, (unsigned)(parts < threads ? parts : threads), 0);
}

struct tasks {
    void *context;
    int count;
    atomic_int next;
    void (*body)(void *, int, int);
};

static void take(void *data) {
    struct tasks *tasks = data;
    int worker = omp_get_thread_num();
    // Inside of a task everything is done by its own thread; kernels made there are cut for one.
    if (omp_in_parallel()) omp_set_num_threads(1);
    for (;;) {
        int task = atomic_fetch_add_explicit(&tasks->next, 1, memory_order_relaxed);
        if (task >= tasks->count) return;
        tasks->body(tasks->context, task, worker);
    }
}

void orbit_parallel_tasks(void *context, int count, void (*body)(void *, int, int)) {
    struct tasks tasks = {context, count, 0, body};
    int threads = omp_get_max_threads();
    if (count <= 1 || threads <= 1) return take(&tasks);
    GOMP_parallel(take, &tasks, (unsigned)(count < threads ? count : threads), 0);
}

int orbit_thread_count(void) { return omp_get_max_threads(); }
void orbit_set_thread_count(int count) { omp_set_num_threads(count > 0 ? count : 1); }
