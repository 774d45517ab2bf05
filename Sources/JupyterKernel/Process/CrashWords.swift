import Glibc

/// Saves the last words of a crashing process.
///
/// While standard error is a pipe that the process itself reads, a message printed just before a crash
/// would die with it. On a fatal signal the pipes are emptied into the real standard error, which takes
/// its old place; then the signal does what it always does.
enum CrashWords {
  // Written once before any signal is handled, then only read; a signal handler cannot take a lock.
  private nonisolated(unsafe) static var readers: (Int32, Int32) = (-1, -1)
  private nonisolated(unsafe) static var realStandardError: Int32 = -1

  /// Handles the fatal signals from here on.
  static func install(readers: (Int32, Int32), realStandardError: Int32) {
    self.readers = readers
    self.realStandardError = realStandardError
    for signal in [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT] {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { signal in CrashWords.handle(signal) }
      action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND)) | SA_ONSTACK | SA_NODEFER
      sigaction(signal, &action, nil)
    }
  }

  /// Gives the calling thread a stack for signal handlers, so that a stack overflow can be reported.
  static func prepareThread() {
    let size = 64 << 10
    var stack = stack_t()
    stack.ss_sp = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
    stack.ss_size = size
    sigaltstack(&stack, nil)
  }

  /// Only calls that are allowed in a signal handler: `read`, `write`, `dup2`, `raise`.
  private static func handle(_ signal: Int32) {
    withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 1) { buffer in
      for reader in [readers.0, readers.1] {
        while true {
          let count = read(reader, buffer.baseAddress, buffer.count)
          guard count > 0 else { break }
          _ = write(realStandardError, buffer.baseAddress, count)
        }
      }
    }
    dup2(realStandardError, STDERR_FILENO)
    raise(signal)
  }
}
