#pragma once
#include <sys/prctl.h>
#include <zmq.h>

// Swift cannot call C functions with variable arguments, and prctl is one.

/// Names the calling thread (15 bytes at most).
static inline int orbit_name_thread(const char *name) {
  return prctl(PR_SET_NAME, name, 0, 0, 0);
}

/// Asks the system to send a signal to this process when the thread that started it has ended.
static inline int orbit_signal_when_parent_ends(int signal) {
  return prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0);
}
