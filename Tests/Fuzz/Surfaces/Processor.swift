import Glibc

/// The processor's time that one input takes, which unlike the time of the clock does not depend on what else
/// the machine does.
enum Processor {
  /// Inputs have a few thousand bytes; what takes longer is not linear any more.
  static let mostMilliseconds = 2_000

  /// The time that this thread has used.
  static var milliseconds: Int {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
  }
}
