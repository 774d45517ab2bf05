// Makes the system refuse what a kernel does to the files of its workspace.
//
// Put into a process by LD_PRELOAD. It counts every call that changes something below a folder named `.orbit`, its
// points, and refuses those that the control says. The control is a file that the test maps too, named by
// ORBIT_FAULTS: four 64-bit numbers.
//
//   points   how many there were so far
//   at       the point that the fault is at, from 1; 0 is none
//   mode     0 that point fails, 1 that and all after it fail, 2 of a write the first half happens and the process is
//            killed, 3 the process is killed before the call
//   code     what errno says
//
// Each point is written down, as a line `NUMBER CALL PATH`, in the file of the control's name with `.log`.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

struct control {
  _Atomic long points, at, mode, code;
};
enum { FAILS, FAILS_ON, TORN, KILLED };

static struct control none;
static struct control *control = &none;
static int journal = -1;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("ORBIT_FAULTS");
  if (!path) return;
  int descriptor = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
  if (descriptor < 0) return;
  void *mapped = mmap(NULL, sizeof none, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  syscall(SYS_close, descriptor);
  if (mapped == MAP_FAILED) return;
  control = mapped;
  char name[4096];
  snprintf(name, sizeof name, "%s.log", path);
  journal = (int)syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int is_inside(const char *path) {
  const char *found = path ? strstr(path, ".orbit") : NULL;
  return found && (found == path || found[-1] == '/') && (found[6] == '/' || !found[6]);
}

// Counts a point; what is to become of it, or -1 for nothing.
static int point(const char *call, const char *path) {
  if (control == &none || !is_inside(path)) return -1;
  int saved = errno;
  long number = atomic_fetch_add(&control->points, 1) + 1;
  long at = atomic_load(&control->at), mode = atomic_load(&control->mode);
  char line[4200];
  int length = snprintf(line, sizeof line, "%ld %s %s\n", number, call, path);
  if (journal >= 0) syscall(SYS_write, journal, line, (size_t)length);
  errno = saved;
  if (!at || (mode == FAILS_ON ? number < at : number != at)) return -1;
  if (mode == KILLED) syscall(SYS_kill, getpid(), SIGKILL);
  return (int)mode;
}

// The same for an open file.
static int point_of(const char *call, int descriptor) {
  if (control == &none) return -1;
  char link[64], path[4096];
  int saved = errno;
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, sizeof path - 1);
  errno = saved;
  if (length < 0) return -1;
  path[length] = 0;
  return point(call, path);
}

static int refused(int fate) {
  if (fate != FAILS && fate != FAILS_ON) return 0;
  errno = (int)atomic_load(&control->code);
  return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

// Of a torn write the first half is there, and nothing comes after it.
#define CHANGES(call, descriptor, half, ...)             \
  int fate = point_of(#call, descriptor);                \
  if (refused(fate)) return -1;                          \
  if (fate == TORN) {                                    \
    half;                                                \
    syscall(SYS_kill, getpid(), SIGKILL);                \
  }                                                      \
  static __typeof__(&call) real;                         \
  if (!real) real = REAL(call);                          \
  return real(__VA_ARGS__)

ssize_t write(int fd, const void *bytes, size_t count) {
  CHANGES(write, fd, syscall(SYS_write, fd, bytes, count / 2), fd, bytes, count);
}
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t place) {
  CHANGES(pwrite, fd, syscall(SYS_pwrite64, fd, bytes, count / 2, place), fd, bytes, count, place);
}
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t place) {
  CHANGES(pwrite64, fd, syscall(SYS_pwrite64, fd, bytes, count / 2, place), fd, bytes, count, place);
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
  CHANGES(writev, fd, syscall(SYS_writev, fd, parts, count / 2), fd, parts, count);
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t place) {
  CHANGES(pwritev, fd, syscall(SYS_pwritev, fd, parts, count / 2, place, 0), fd, parts, count, place);
}
int fsync(int fd) { CHANGES(fsync, fd, (void)0, fd); }
int fdatasync(int fd) { CHANGES(fdatasync, fd, (void)0, fd); }
int ftruncate(int fd, off_t size) { CHANGES(ftruncate, fd, (void)0, fd, size); }
int ftruncate64(int fd, off64_t size) { CHANGES(ftruncate64, fd, (void)0, fd, size); }
int posix_fallocate(int fd, off_t place, off_t size) {
  int fate = point_of("posix_fallocate", fd);
  if (refused(fate)) return errno;
  return REAL(posix_fallocate)(fd, place, size);
}

#define NAMES(call, path, ...)                           \
  int fate = point(#call, path);                         \
  if (refused(fate)) return -1;                          \
  if (fate == TORN) syscall(SYS_kill, getpid(), SIGKILL);\
  return REAL(call)(__VA_ARGS__)

int rename(const char *from, const char *to) { NAMES(rename, to, from, to); }
int unlink(const char *path) { NAMES(unlink, path, path); }
int mkdir(const char *path, mode_t mode) { NAMES(mkdir, path, path, mode); }

// What opens for reading changes nothing. A place that may not be written to (EROFS) refuses every other opening.
static int changes(int flags) {
  int writes = (flags & O_ACCMODE) != O_RDONLY;
  return (flags & O_CREAT) || (writes && atomic_load(&control->code) == EROFS);
}

#define OPENS(call, path, flags, ...)                       \
  mode_t mode = 0;                                          \
  if ((flags) & (O_CREAT | O_TMPFILE)) {                    \
    va_list rest;                                           \
    va_start(rest, flags);                                  \
    mode = va_arg(rest, mode_t);                            \
    va_end(rest);                                           \
  }                                                         \
  if (changes(flags)) {                                     \
    int fate = point(#call, path);                          \
    if (refused(fate)) return -1;                           \
    if (fate == TORN) syscall(SYS_kill, getpid(), SIGKILL); \
  }                                                         \
  return REAL(call)(__VA_ARGS__, mode)

int open(const char *path, int flags, ...) { OPENS(open, path, flags, path, flags); }
int open64(const char *path, int flags, ...) { OPENS(open64, path, flags, path, flags); }
int openat(int at, const char *path, int flags, ...) { OPENS(openat, path, flags, at, path, flags); }
int openat64(int at, const char *path, int flags, ...) { OPENS(openat64, path, flags, at, path, flags); }
