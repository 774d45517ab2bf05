import Glibc

/// Pauses of a thread.
enum Pause {
  /// Sleeps.
  static func milliseconds(_ count: Int) {
    usleep(UInt32(count * 1_000))
  }

  /// Does something later on another thread.
  static func afterwards(milliseconds count: Int, _ body: @escaping @Sendable () -> Void) {
    let work = Unmanaged.passRetained(Work(count, body))
    var thread: pthread_t = 0
    pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
        Pause.milliseconds(work.milliseconds)
        work.body()
        return nil
      }, work.toOpaque())
    pthread_detach(thread)
  }

  private final class Work {
    let milliseconds: Int
    let body: @Sendable () -> Void

    init(_ milliseconds: Int, _ body: @escaping @Sendable () -> Void) {
      self.milliseconds = milliseconds
      self.body = body
    }
  }
}
