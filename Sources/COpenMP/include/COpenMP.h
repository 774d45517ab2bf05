#pragma once
#include <stddef.h>

/// Calls `body(context, part)` for part 0 ..< parts, spread over the OpenMP team that oneDNN and
/// OpenBLAS use as well, so that the three never compete for cores. Part i always does the same work,
/// whatever thread runs it.
void orbit_parallel(void *context, int parts, void (*body)(void *context, int part));

/// The size of the team.
int orbit_thread_count(void);

/// Sets the size of the team for the calling thread.
void orbit_set_thread_count(int count);
