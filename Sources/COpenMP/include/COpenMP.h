#pragma once
#include <stddef.h>

/// Calls `body(context, part)` for part 0 ..< parts, spread over the OpenMP team that oneDNN and
/// OpenBLAS use as well, so that the three never compete for cores. Part i always does the same work,
/// whatever thread runs it.
void orbit_parallel(void *context, int parts, void (*body)(void *context, int part));

/// Calls `body(context, task, worker)` for task 0 ..< count; whichever thread of the team is free takes
/// the next task, so that a thread the system has put aside holds up one task and not half of them.
/// `worker` is below the size of the team, and no two tasks of one worker run at the same time.
void orbit_parallel_tasks(
    void *context, int count, void (*body)(void *context, int task, int worker));

/// The size of the team.
int orbit_thread_count(void);

/// Sets the size of the team for the calling thread.
void orbit_set_thread_count(int count);
