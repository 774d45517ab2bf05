import CCrashWords
import Glibc

/// Saves the last words of a crashing process.
///
/// While standard error is a pipe that the process itself reads, a message printed just before a crash
/// would die with it. On a fatal signal the pipes are emptied into the real standard error, which takes
/// its old place, and the `RunningRecord` is told; then the signal does what it always does.
enum CrashWords {
  /// Handles the fatal signals from here on.
  static func install(readers: (Int32, Int32), realStandardError: Int32) {
    orbit_handle_crashes(readers.0, readers.1, realStandardError)
  }

  /// Gives the calling thread a stack for signal handlers, so that a stack overflow can be reported.
  static func prepareThread() {
    let size = 64 << 10
    var stack = stack_t()
    stack.ss_sp = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
    stack.ss_size = size
    sigaltstack(&stack, nil)
  }
}
