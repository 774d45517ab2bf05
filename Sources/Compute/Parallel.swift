private import CTeam

/// Work spread over the cores, cut in a way that depends neither on which core does what nor on how many
/// there are.
///
/// The libraries below are held to one thread a call: what is worth sharing is cut here, by images, rows or
/// ranges.
public enum Parallel {
  /// The number of threads that work together; one inside of a task.
  public static var threadCount: Int { Int(orbit_team_size()) }

  /// Sets the number of threads for work started from the calling thread.
  public static func setThreadCount(_ count: Int) { orbit_team_limit(Int32(clamping: count)) }

  /// Whether the calling thread is inside of a task, where nothing is cut further.
  static var isInside: Bool { orbit_team_inside() != 0 }

  /// The number of ranges that work is cut into: more than most machines have cores, so that a core that
  /// does something else holds up little.
  static let most = 8

  /// Cuts `0..<count` into ranges and calls `body` for each, possibly at the same time.
  ///
  /// None is shorter than `grain` if it can be helped. `body` must write only what belongs to its range.
  public static func ranges(
    _ count: Int, grain: Int = 1, _ body: (Range<Int>) -> Void
  ) {
    let parts = parts(of: count, grain: grain)
    guard parts != 1 else { return body(0..<count) }
    tasks(parts) { part, _ in body(count * part / parts..<count * (part + 1) / parts) }
  }

  /// The number of ranges that work is cut into, which inside of a task is not cut further.
  private static func parts(of count: Int, grain: Int) -> Int {
    guard count > 0 else { return 0 }
    return isInside ? 1 : max(1, min(most, count / max(1, grain)))
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
        orbit_team_run(pointer, Int32(count)) { context, task, worker in
          context?.assumingMemoryBound(to: Tasks.self).pointee.body(Int(task), Int(worker))
        }
      }
    }
  }

  /// The same for parts of a batch that read the same weights, which must not change meanwhile: they are
  /// brought into the layouts of kernels once for all parts.
  public static func parts(_ count: Int, _ body: (_ part: Int) -> Void) {
    PackedWeights.sharing(count, body)
  }

  /// `ranges` with work that can fail; throws the error of the first range that did.
  public static func attemptRanges(
    _ count: Int, grain: Int = 1, _ body: (Range<Int>) throws(ComputeError) -> Void
  ) throws(ComputeError) {
    let parts = parts(of: count, grain: grain)
    guard parts != 1 else { return try body(0..<count) }
    try attempts(parts) { (part, _) throws(ComputeError) in
      try body(count * part / parts..<count * (part + 1) / parts)
    }
  }

  /// `tasks` that can fail; throws the error of the first of them that did.
  static func attempts(
    _ count: Int, _ body: (_ task: Int, _ worker: Int) throws(ComputeError) -> Void
  ) throws(ComputeError) {
    // Small products inside of tasks are many, and need no list.
    if count == 1, isInside { return try body(0, 0) }
    var failures = [ComputeError?](repeating: nil, count: count)
    failures.withUnsafeMutableBufferPointer { failures in
      nonisolated(unsafe) let failures = failures
      tasks(count) { task, worker in
        do throws(ComputeError) { try body(task, worker) } catch { failures[task] = error }
      }
    }
    for case let failure? in failures { throw failure }
  }

  private struct Tasks {
    let body: (Int, Int) -> Void
  }
}
