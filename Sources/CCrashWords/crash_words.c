#define _GNU_SOURCE
#include "CCrashWords.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
  kFileSize = 256,
  kVersionSize = 64,
  kPause = 100,  // milliseconds between two writes of a step
};

struct orbit_running_record {
  // Closed by setting it to -1; the handler may look at any moment.
  atomic_int descriptor;
  atomic_long cell;
  atomic_long step;
  long session;
  long page_size;
  char version[kVersionSize];
  // Orders the writers among each other; the handler does not take it.
  pthread_mutex_t mutex;
  long written;
  // Made before this one. Records are never freed, and stay within reach.
  struct orbit_running_record *earlier;
};

static _Atomic(struct orbit_running_record *) current;
static _Atomic(struct orbit_running_record *) latest;
static int readers[2] = {-1, -1};
static int real_standard_error = -1;

// Text in a buffer of a fixed size; what does not fit is left out.

struct text {
  char *bytes;
  size_t size, count;
};

static void append(struct text *text, const char *words) {
  while (*words && text->count < text->size) text->bytes[text->count++] = *words++;
}

static void append_number(struct text *text, long number) {
  char digits[24];
  size_t place = sizeof digits;
  digits[--place] = 0;
  unsigned long rest = number < 0 ? 0ul - (unsigned long)number : (unsigned long)number;
  do {
    digits[--place] = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest);
  if (number < 0) digits[--place] = '-';
  append(text, digits + place);
}

static void append_field(struct text *text, const char *name, long number) {
  append(text, name);
  append_number(text, number);
  append(text, "\n");
}

/// The second number of `/proc/self/statm`, pages in memory, in bytes; 0 where there is no such file.
static long resident_bytes(long page_size) {
  const int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  char bytes[128];
  const ssize_t count = read(file, bytes, sizeof bytes);
  close(file);
  ssize_t place = 0;
  while (place < count && bytes[place] != ' ') place++;
  long pages = 0;
  for (place++; place < count && bytes[place] >= '0' && bytes[place] <= '9'; place++) {
    pages = pages * 10 + (bytes[place] - '0');
  }
  return pages * page_size;
}

static long milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/// Writes all there is to say in one piece, of a fixed size so that nothing older shows behind it.
static void write_record(struct orbit_running_record *record, int descriptor, int signal) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  char bytes[kFileSize];
  struct text text = {bytes, sizeof bytes, 0};
  append_field(&text, "session ", record->session);
  append_field(&text, "cell ", atomic_load(&record->cell));
  append_field(&text, "step ", atomic_load(&record->step));
  append_field(&text, "memory ", resident_bytes(record->page_size));
  append_field(&text, "time ", now.tv_sec);
  append_field(&text, "signal ", signal);
  append(&text, "version ");
  append(&text, record->version);
  while (text.count < text.size) append(&text, "\n");
  (void)!pwrite(descriptor, bytes, sizeof bytes, 0);
}

struct orbit_running_record *orbit_running_record_make(
    int descriptor, const char *version, long session) {
  struct orbit_running_record *record = calloc(1, sizeof *record);
  if (!record) return NULL;
  record->session = session;
  record->page_size = sysconf(_SC_PAGESIZE);
  strncpy(record->version, version, kVersionSize - 1);
  pthread_mutex_init(&record->mutex, NULL);
  atomic_store(&record->cell, 0);
  atomic_store(&record->step, -1);
  atomic_store(&record->descriptor, descriptor);
  record->earlier = atomic_load(&latest);
  while (!atomic_compare_exchange_weak(&latest, &record->earlier, record)) continue;
  atomic_store(&current, record);
  return record;
}

/// With the mutex held. An empty file says that nothing runs.
static void update(struct orbit_running_record *record) {
  const int descriptor = atomic_load(&record->descriptor);
  if (descriptor < 0) return;
  record->written = milliseconds();
  if (atomic_load(&record->cell) == 0 && atomic_load(&record->step) < 0) {
    (void)!ftruncate(descriptor, 0);
  } else {
    write_record(record, descriptor, 0);
  }
}

void orbit_running_record_cell(struct orbit_running_record *record, long cell) {
  pthread_mutex_lock(&record->mutex);
  atomic_store(&record->cell, cell);
  update(record);
  pthread_mutex_unlock(&record->mutex);
}

void orbit_running_record_step(struct orbit_running_record *record, long step) {
  pthread_mutex_lock(&record->mutex);
  const long before = atomic_exchange(&record->step, step);
  if (before < 0 || step < 0 || milliseconds() - record->written >= kPause) update(record);
  pthread_mutex_unlock(&record->mutex);
}

void orbit_running_record_close(struct orbit_running_record *record) {
  struct orbit_running_record *expected = record;
  atomic_compare_exchange_strong(&current, &expected, NULL);
  pthread_mutex_lock(&record->mutex);
  const int descriptor = atomic_exchange(&record->descriptor, -1);
  if (descriptor >= 0) close(descriptor);
  pthread_mutex_unlock(&record->mutex);
}

static const char *name_of(int signal) {
  switch (signal) {
    case SIGSEGV: return "SIGSEGV";
    case SIGBUS: return "SIGBUS";
    case SIGILL: return "SIGILL";
    case SIGTRAP: return "SIGTRAP";
    case SIGFPE: return "SIGFPE";
    case SIGABRT: return "SIGABRT";
    default: return "a signal";
  }
}

/// Writes to standard error, unless nobody has read it for a while: a crash must not wait for that.
static void tell(const char *bytes, size_t count) {
  struct pollfd polled = {.fd = real_standard_error, .events = POLLOUT};
  if (poll(&polled, 1, 200) == 1 && polled.revents & POLLOUT) {
    (void)!write(real_standard_error, bytes, count);
  }
}

static void tell_last_words(struct orbit_running_record *record, int signal) {
  char bytes[kFileSize];
  struct text text = {bytes, sizeof bytes, 0};
  append(&text, "\nOrbit's kernel crashed with ");
  append(&text, name_of(signal));
  const long cell = record ? atomic_load(&record->cell) : 0;
  const long step = record ? atomic_load(&record->step) : -1;
  if (cell > 0) {
    append(&text, " while cell ");
    append_number(&text, cell);
    append(&text, " ran");
  }
  if (step >= 0) {
    append(&text, cell > 0 ? ", after training step " : " after training step ");
    append_number(&text, step);
  }
  append(&text, ".\n");
  tell(bytes, text.count);
}

static void speak(int signal) {
  struct orbit_running_record *record = atomic_load(&current);
  if (record) {
    const int descriptor = atomic_load(&record->descriptor);
    if (descriptor >= 0) {
      write_record(record, descriptor, signal);
      // Once more behind the record: a thread that still trains may write its step over the first.
      char line[32];
      struct text text = {line, sizeof line, 0};
      append_field(&text, "signal ", signal);
      (void)!pwrite(descriptor, line, text.count, kFileSize);
    }
  }
  char bytes[4096];
  for (int index = 0; index < 2; index++) {
    ssize_t count;
    while ((count = read(readers[index], bytes, sizeof bytes)) > 0) tell(bytes, (size_t)count);
  }
  tell_last_words(record, signal);
  dup2(real_standard_error, STDERR_FILENO);
}

static void die(int signal) {
  struct sigaction action = {.sa_handler = SIG_DFL};
  sigaction(signal, &action, NULL);
  raise(signal);
}

static void handle(int signal) {
  static atomic_long speaker;
  const long self = syscall(SYS_gettid);
  long nobody = 0;
  if (atomic_compare_exchange_strong(&speaker, &nobody, self)) {
    speak(signal);
  } else if (nobody != self) {
    // Several threads often stumble over the same thing; the first of them ends the process.
    const struct timespec pause = {.tv_sec = 2};
    nanosleep(&pause, NULL);
  }
  die(signal);
}

void orbit_handle_crashes(int first_reader, int second_reader, int standard_error) {
  readers[0] = first_reader;
  readers[1] = second_reader;
  real_standard_error = standard_error;
  static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT};
  for (size_t index = 0; index < sizeof signals / sizeof *signals; index++) {
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_ONSTACK | SA_NODEFER};
    sigaction(signals[index], &action, NULL);
  }
}
