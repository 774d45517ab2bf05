#pragma once
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <zmq.h>

// Swift cannot call C functions with variable arguments, as prctl and syscall are.

/// Names the calling thread (15 bytes at most).
static inline int orbit_name_thread(const char *name) {
  return prctl(PR_SET_NAME, name, 0, 0, 0);
}

/// Asks the system to send a signal to this process when the thread that started it has ended.
static inline int orbit_signal_when_parent_ends(int signal) {
  return prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0);
}

/// Opens a descriptor that turns readable when a process ends, or returns -1: before Linux 5.3 there is none.
static inline int orbit_open_process(int process) {
#ifdef SYS_pidfd_open
  return (int)syscall(SYS_pidfd_open, process, 0);
#else
  (void)process;
  return -1;
#endif
}
