#pragma once

// A team of threads that works through tasks and does not wait for a member that has none.
//
// OpenMP's team ends every region by waiting, busily, until each of its threads has arrived. On a machine that
// does anything else at the same time, a thread that the system has put aside then holds up all the others at
// every single region: training fell to a tenth of its speed beside one busy process. Here a region ends when
// its tasks are done, whoever did them, and who waits longer than a moment sleeps.

/// Calls `body(context, task, worker)` for task 0 ..< count; whichever thread of the team is free takes the
/// next one. `worker` is below the size of the team, and no two tasks of one worker run at the same time.
///
/// Inside of a task, while another thread uses the team, and where there are 2^20 or more, the tasks run one
/// after the other on the calling thread, as worker 0. No task may fork the process.
void orbit_team_run(void *context, int count, void (*body)(void *context, int task, int worker));

/// The size of the team for the calling thread: as many as it has processors, or as the environment's
/// OMP_NUM_THREADS says, unless limited; one inside of a task.
int orbit_team_size(void);

/// The most workers that any task can see.
int orbit_team_capacity(void);

/// Limits the size of the team for regions of the calling thread.
void orbit_team_limit(int size);

/// Whether the calling thread is inside of a task.
int orbit_team_inside(void);
