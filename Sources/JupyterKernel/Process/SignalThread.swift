import CZeroMQ
import Glibc

/// Turns signals of the process into calls on one thread, and watches the parent process.
///
/// Signals are blocked in every thread and unblocked in none but this one; threads that a library
/// started before `main` may still receive one, and then the handler passes it on through the same pipe.
enum SignalThread {
  // Written once before a handler is installed, then only read; a signal handler cannot take a lock.
  private nonisolated(unsafe) static var pipe: Int32 = -1

  /// The signal that the system sends when the parent thread or process is gone.
  private static let parentGone = SIGUSR1

  /// Blocks the signals in the calling thread and in all threads that it starts.
  ///
  /// To be called first thing in `main`.
  static func block() {
    var set = signals()
    pthread_sigmask(SIG_BLOCK, &set, nil)
    signal(SIGPIPE, SIG_IGN)
    // A file at its largest is told to whoever writes it.
    signal(SIGXFSZ, SIG_IGN)
  }

  /// Starts the thread.
  ///
  /// - Parameters:
  ///   - interrupt: what SIGINT does.
  ///   - terminate: what SIGTERM, SIGHUP and the end of the parent process do; gets the reason.
  static func start(
    interrupt: @escaping @Sendable () -> Void,
    terminate: @escaping @Sendable (String) -> Void
  ) {
    guard let ends = Pipe.make() else { return }
    pipe = ends.writer
    let reader = ends.reader
    _ = fcntl(ends.writer, F_SETFL, O_NONBLOCK)
    for signal in [SIGINT, SIGTERM, SIGHUP, parentGone] {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { signal in SignalThread.pass(signal) }
      action.sa_flags = SA_RESTART
      sigaction(signal, &action, nil)
    }
    let parent = ParentProcess()
    // A descriptor of the parent, or the system's message, is quicker than looking every second; but the
    // message also comes when only the launcher's thread has ended. The look at the parent decides.
    let parentDescriptor = parent.openDescriptor()
    _ = orbit_signal_when_parent_ends(parentGone)
    KernelThread.start(name: "signals", stackSize: 256 << 10) {
      var set = signals()
      pthread_sigmask(SIG_UNBLOCK, &set, nil)
      // The system passes over negative descriptors.
      var polled = [reader, parentDescriptor ?? -1].map {
        pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
      }
      while true {
        poll(&polled, nfds_t(polled.count), 1_000)
        // It stays readable, and once is enough.
        if polled[1].revents != 0 { polled[1].fd = -1 }
        var byte: UInt8 = 0
        while read(reader, &byte, 1) == 1 {
          switch Int32(byte) {
          case SIGINT: interrupt()
          case SIGTERM: terminate("SIGTERM")
          case SIGHUP: terminate("SIGHUP")
          default: break
          }
        }
        if parent.isGone { terminate("the parent process has ended") }
      }
    }
  }

  private static func signals() -> sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in [SIGINT, SIGTERM, SIGHUP, parentGone] { sigaddset(&set, signal) }
    return set
  }

  /// Only `write`, which is allowed in a signal handler; `errno` is put back.
  private static func pass(_ signal: Int32) {
    let saved = errno
    var byte = UInt8(truncatingIfNeeded: signal)
    _ = write(pipe, &byte, 1)
    errno = saved
  }
}
