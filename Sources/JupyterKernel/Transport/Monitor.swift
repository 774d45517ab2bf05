import Glibc

/// State behind a lock, with threads that wait until it changes.
///
/// `Synchronization.Mutex` has no condition to wait on, which every queue of the kernel needs.
/// `@unchecked Sendable`: the state is touched only while the lock is held, and the two pthread objects
/// are made for use from all threads.
public final class Monitor<State>: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var state: State

  /// Begins with a state.
  public init(_ state: sending State) {
    self.state = state
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Reads or changes the state without waking anyone.
  public func withLock<Result>(_ body: (inout State) -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body(&state)
  }

  /// Changes the state and wakes every thread that waits.
  public func change<Result>(_ body: (inout State) -> Result) -> Result {
    // Only after the lock is free: who is woken under it would sleep again at once, until it is.
    defer { pthread_cond_broadcast(condition) }
    return withLock(body)
  }

  /// Waits until the body finds what it looks for, or the time has come.
  ///
  /// - Parameter deadline: a moment of `MonotonicClock` in milliseconds, or `nil` to wait without end.
  public func wait<Result>(until deadline: Int? = nil, for body: (inout State) -> Result?)
    -> Result?
  {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while true {
      if let result = body(&state) { return result }
      guard let deadline else {
        pthread_cond_wait(condition, mutex)
        continue
      }
      var time = timespec(tv_sec: deadline / 1_000, tv_nsec: deadline % 1_000 * 1_000_000)
      if pthread_cond_timedwait(condition, mutex, &time) == ETIMEDOUT { return body(&state) }
    }
  }
}

/// Time that only moves forward.
public enum MonotonicClock {
  /// Milliseconds since some moment in the past.
  public static var milliseconds: Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
  }

  /// Seconds since the same moment.
  public static var seconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
