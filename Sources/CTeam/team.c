#define _GNU_SOURCE
#include "CTeam.h"

#include <linux/futex.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    largest_team = 64,
    /// About fifty microseconds: as long as the pauses between the regions of a training step.
    patience = 3000,
    place_bits = 20,
    size_bits = 7,
};

static struct {
    pthread_mutex_t owner;
    /// The generation, the size of the team, the number of tasks and the next task in one word: whoever moves
    /// the last part on by one owns that task, and the description below stays as it is until the task is
    /// done. The size is part of the word because a member may come from a region of a larger team.
    ///
    /// It does no harm that generations repeat after 2^17 regions: who takes a task reads nothing of its
    /// description before, and knows of its region no more than this word.
    _Atomic uint64_t ticket;
    void *context;
    void (*body)(void *, int, int);
    _Atomic uint32_t unfinished;
    _Atomic uint32_t owner_sleeps;
    /// Moves with every region; idle members sleep on it.
    _Atomic uint32_t signal;
    _Atomic int sleepers;
    int members;
} team = {.owner = PTHREAD_MUTEX_INITIALIZER};

static _Thread_local int inside, limit;

static void futex_wait(_Atomic uint32_t *word, uint32_t value) {
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void futex_wake(_Atomic uint32_t *word) {
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

static void pause_briefly(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static int next_of(uint64_t ticket) { return (int)(ticket & ((1u << place_bits) - 1)); }
static int count_of(uint64_t ticket) { return (int)(ticket >> place_bits & ((1u << place_bits) - 1)); }
static int size_of(uint64_t ticket) { return (int)(ticket >> 2 * place_bits & ((1u << size_bits) - 1)); }

static uint64_t ticket_after(uint64_t ticket, int size, int count) {
    uint64_t generation = (ticket >> (2 * place_bits + size_bits)) + 1;
    return (generation << size_bits | (uint64_t)size) << 2 * place_bits | (uint64_t)count << place_bits;
}

/// Takes tasks until there are none, or the team of the region has no such worker.
static void work(int worker) {
    uint64_t ticket = atomic_load_explicit(&team.ticket, memory_order_acquire);
    while (next_of(ticket) < count_of(ticket) && worker < size_of(ticket)) {
        if (!atomic_compare_exchange_weak_explicit(
                &team.ticket, &ticket, ticket + 1, memory_order_acq_rel, memory_order_acquire))
            continue;
        team.body(team.context, next_of(ticket), worker);
        if (atomic_fetch_sub(&team.unfinished, 1) == 1 && atomic_load(&team.owner_sleeps))
            futex_wake(&team.unfinished);
        ticket = atomic_load_explicit(&team.ticket, memory_order_acquire);
    }
}

static void *member(void *argument) {
    int worker = (int)(intptr_t)argument;
    inside = 1;
    for (;;) {
        uint32_t seen = atomic_load(&team.signal);
        work(worker);
        int left = patience;
        while (left-- && atomic_load_explicit(&team.signal, memory_order_relaxed) == seen)
            pause_briefly();
        if (left >= 0) continue;
        atomic_fetch_add(&team.sleepers, 1);
        futex_wait(&team.signal, seen);
        atomic_fetch_sub(&team.sleepers, 1);
    }
    return NULL;
}

/// A child process has the thread that forked, and no member.
static void start_over(void) {
    pthread_mutex_init(&team.owner, NULL);
    team.members = 0;
    atomic_store(&team.sleepers, 0);
    atomic_store(&team.ticket, ticket_after(atomic_load(&team.ticket), 0, 0));
}

static void watch_forks(void) { pthread_atfork(NULL, NULL, start_over); }

/// Starts members until the team has a size; the caller owns the team.
static int grow(int size) {
    if (team.members + 1 >= size) return size;
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch_forks);
    sigset_t all, before;
    sigfillset(&all);
    // Signals are for the threads of the program.
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (; team.members + 1 < size; team.members++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, member, (void *)(intptr_t)(team.members + 1))) break;
        pthread_setname_np(thread, "orbit-team");
        pthread_detach(thread);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return team.members + 1 < size ? team.members + 1 : size;
}

static int clamped(int size) { return size < 1 ? 1 : size > largest_team ? largest_team : size; }

static int usual_size;

/// As many as there are processors to run on, or as the variable allows that other numerical programs
/// listen to as well.
static void find_usual_size(void) {
    cpu_set_t set;
    const char *allowed = getenv("OMP_NUM_THREADS");
    usual_size = allowed ? atoi(allowed) : 0;
    if (usual_size < 1) usual_size = sched_getaffinity(0, sizeof set, &set) ? 1 : CPU_COUNT(&set);
    usual_size = clamped(usual_size);
}

int orbit_team_capacity(void) { return largest_team; }
int orbit_team_inside(void) { return inside; }

int orbit_team_size(void) {
    if (inside) return 1;
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (!limit) {
        pthread_once(&once, find_usual_size);
        limit = usual_size;
    }
    return limit;
}

void orbit_team_limit(int size) {
    limit = clamped(size);
}

static void run_alone(void *context, int count, void (*body)(void *, int, int)) {
    int before = inside;
    inside = 1;
    for (int task = 0; task < count; task++) body(context, task, 0);
    inside = before;
}

void orbit_team_run(void *context, int count, void (*body)(void *, int, int)) {
    int size = orbit_team_size();
    if (size == 1 || count < 2 || count >> place_bits || pthread_mutex_trylock(&team.owner))
        return run_alone(context, count, body);
    size = grow(size);
    team.context = context;
    team.body = body;
    atomic_store(&team.unfinished, (uint32_t)count);
    atomic_store(&team.owner_sleeps, 0);
    atomic_store(&team.ticket, ticket_after(atomic_load(&team.ticket), size, count));
    atomic_fetch_add(&team.signal, 1);
    if (atomic_load(&team.sleepers)) futex_wake(&team.signal);
    inside = 1;
    work(0);
    inside = 0;
    for (int left = patience; left && atomic_load(&team.unfinished); left--) pause_briefly();
    uint32_t unfinished;
    while ((unfinished = atomic_load(&team.unfinished))) {
        atomic_store(&team.owner_sleeps, 1);
        futex_wait(&team.unfinished, unfinished);
    }
    pthread_mutex_unlock(&team.owner);
}
