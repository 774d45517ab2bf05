#include "CEarlyListener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { kListeners = 5, kFileSize = 4096 };

static struct {
  int port;
  int descriptor;
} listeners[kListeners];

/// The text behind `"key":`, or NULL.
static const char *value_of(const char *text, const char *quoted_key) {
  const char *found = strstr(text, quoted_key);
  if (!found) return NULL;
  found += strlen(quoted_key);
  found += strspn(found, " \t\r\n");
  if (*found != ':') return NULL;
  return found + 1 + strspn(found + 1, " \t\r\n");
}

/// The path that follows `-f` or `--connection-file` of the `kernel` command, or NULL.
static const char *connection_file(int count, char **arguments) {
  static const char name[] = "--connection-file";
  if (count < 3 || strcmp(arguments[1], "kernel") != 0) return NULL;
  for (int index = 2; index < count; index++) {
    const char *argument = arguments[index];
    if (strcmp(argument, "-f") == 0 || strcmp(argument, name) == 0) {
      return index + 1 < count ? arguments[index + 1] : NULL;
    }
    if (strncmp(argument, name, strlen(name)) == 0 && argument[strlen(name)] == '=') {
      return argument + strlen(name) + 1;
    }
  }
  return NULL;
}

static int listen_at(struct in_addr address, int port) {
  struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  place.sin_addr = address;
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -1;
  const int yes = 1;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(descriptor, (struct sockaddr *)&place, sizeof place) != 0 ||
      listen(descriptor, 100) != 0) {
    close(descriptor);
    return -1;
  }
  return descriptor;
}

/// Only plain system calls and string functions: no library, not even the C library's output, is
/// initialised yet.
static void listen_early(int count, char **arguments, char **environment) {
  (void)environment;
  static const char *const ports[kListeners] = {
      "\"shell_port\"", "\"control_port\"", "\"stdin_port\"", "\"iopub_port\"", "\"hb_port\""};
  const char *path = connection_file(count, arguments);
  if (!path) return;
  char text[kFileSize];
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  // The kernel will refuse a file that others can write; until it says so, nobody shall be let in.
  struct stat status;
  const int is_ours = fstat(file, &status) == 0 &&
                      (status.st_uid == geteuid() || status.st_uid == 0) &&
                      (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
  const ssize_t length = is_ours ? read(file, text, sizeof text - 1) : 0;
  close(file);
  if (length <= 0) return;
  text[length] = 0;

  // The kernel chooses its ports itself and tells the launcher.
  if (value_of(text, "\"registration_port\"") || value_of(text, "\"registration_ip\"")) return;
  const char *transport = value_of(text, "\"transport\"");
  if (transport && strncmp(transport, "\"tcp\"", 5) != 0) return;
  const char *ip = value_of(text, "\"ip\"");
  if (!ip || *ip != '"') return;
  char host[INET_ADDRSTRLEN] = "";
  const size_t size = strcspn(ip + 1, "\"");
  if (size >= sizeof host) return;
  memcpy(host, ip + 1, size);
  struct in_addr address;
  if (inet_pton(AF_INET, host, &address) != 1) return;

  for (int index = 0; index < kListeners; index++) {
    const char *digits = value_of(text, ports[index]);
    const long port = digits ? strtol(digits, NULL, 10) : 0;
    if (port <= 0 || port > 65535) continue;
    const int descriptor = listen_at(address, (int)port);
    if (descriptor < 0) continue;
    listeners[index].port = (int)port;
    listeners[index].descriptor = descriptor;
  }
}

__attribute__((section(".preinit_array"), used)) static void (*const first)(int, char **, char **) =
    listen_early;

int orbit_take_early_listener(int port) {
  for (int index = 0; index < kListeners; index++) {
    if (listeners[index].port != port) continue;
    listeners[index].port = 0;
    return listeners[index].descriptor;
  }
  return -1;
}

void orbit_close_early_listeners(void) {
  for (int index = 0; index < kListeners; index++) {
    if (listeners[index].port != 0) close(listeners[index].descriptor);
    listeners[index].port = 0;
  }
}
