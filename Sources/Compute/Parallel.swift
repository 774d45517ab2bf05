private import COpenMP

/// Work spread over the cores, in parts that do not depend on which core does them.
public enum Parallel {
  /// The number of threads that work together.
  public static var threadCount: Int { Int(orbit_thread_count()) }

  /// Sets the number of threads for work started from the calling thread.
  public static func setThreadCount(_ count: Int) { orbit_set_thread_count(Int32(clamping: count)) }

  /// Cuts `0..<count` into ranges and calls `body` for each, possibly at the same time.
  ///
  /// There is at most one range a thread, and none is shorter than `grain`. `body` must write only what belongs to its range.
  public static func ranges(
    _ count: Int, grain: Int = 1, _ body: (Range<Int>) -> Void
  ) {
    guard count > 0 else { return }
    let parts = max(1, min(threadCount, count / max(1, grain)))
    guard parts > 1 else { return body(0..<count) }
    withoutActuallyEscaping(body) { body in
      var work = Work(count: count, parts: parts, body: body)
      withUnsafeMutablePointer(to: &work) { pointer in
        orbit_parallel(pointer, Int32(parts)) { context, part in
          guard let work = context?.assumingMemoryBound(to: Work.self).pointee else { return }
          let (part, parts) = (Int(part), work.parts)
          work.body(work.count * part / parts..<work.count * (part + 1) / parts)
        }
      }
    }
  }

  /// Calls `body` for task 0 ..< count; whichever thread is free takes the next one.
  ///
  /// What a task computes must not depend on its worker, a number below `threadCount` that says whose
  /// scratch memory it may use.
  public static func tasks(
    _ count: Int, _ body: (_ task: Int, _ worker: Int) -> Void
  ) {
    withoutActuallyEscaping(body) { body in
      var work = Tasks(body: body)
      withUnsafeMutablePointer(to: &work) { pointer in
        orbit_parallel_tasks(pointer, Int32(count)) { context, task, worker in
          context?.assumingMemoryBound(to: Tasks.self).pointee.body(Int(task), Int(worker))
        }
      }
    }
  }

  /// Runs `body` with a team of one, as inside of `tasks`: kernels are cut for that when they are made.
  static func alone<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let team = threadCount
    setThreadCount(1)
    defer { setThreadCount(team) }
    return try body()
  }

  private struct Tasks {
    let body: (Int, Int) -> Void
  }

  private struct Work {
    let count: Int
    let parts: Int
    let body: (Range<Int>) -> Void
  }
}
