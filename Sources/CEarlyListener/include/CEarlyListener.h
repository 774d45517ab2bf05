#pragma once

// Listens at a kernel's addresses before the process is ready to be a kernel.
//
// A front end connects a few milliseconds after it has started the process. If nobody listens by then,
// ZeroMQ tries again only after 100 to 200 ms, which is several times what the whole start takes, and
// loading the numerical libraries alone can take longer than the few milliseconds. So the program opens
// its TCP sockets in the first function that the loader calls, before any library is initialised; a client
// that connects waits in the system's queue and is served as soon as the kernel is there.
//
// This is an optimisation and nothing depends on it: the connection file is only scanned here, and whatever
// is not understood is left for the kernel, which reads the file properly and listens itself.

/// Takes the listening socket for a port, or -1 if there is none. The caller owns the socket.
int orbit_take_early_listener(int port);

/// Closes the listening sockets that nobody has taken.
void orbit_close_early_listeners(void);
