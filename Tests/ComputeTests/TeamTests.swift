import Foundation
import Glibc
import Synchronization
import Testing

@testable import Compute

@Suite("The team of threads")
struct TeamTests {
  /// Runs a body on so many threads of the system at once and waits for them.
  static func threads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let done = DispatchGroup()
    for index in 0..<count {
      done.enter()
      Thread {
        body(index)
        done.leave()
      }.start()
    }
    done.wait()
  }

  /// What a region saw: each task's visits, and whether a worker was out of bounds or had two tasks at once.
  static func isRight(tasks: Int) -> Bool {
    let size = Parallel.threadCount
    var visits = [UInt8](repeating: 0, count: tasks)
    let crowded = Atomic(false)
    let busy = (0..<64).map { _ in AtomicFlag() }
    visits.withUnsafeMutableBufferPointer { visits in
      nonisolated(unsafe) let visits = visits
      Parallel.tasks(tasks) { task, worker in
        guard worker < size, busy[worker].raise() else {
          return crowded.store(true, ordering: .relaxed)
        }
        visits[task] += 1
        busy[worker].lower()
      }
    }
    return visits.allSatisfy { $0 == 1 } && !crowded.load(ordering: .relaxed)
  }

  final class AtomicFlag: Sendable {
    private let raised = Atomic(false)
    /// Whether it was not raised before.
    func raise() -> Bool { !raised.exchange(true, ordering: .acquiring) }
    func lower() { raised.store(false, ordering: .releasing) }
  }

  @Test(
    "does each task once, and no worker has two at a time or is none of the team",
    arguments: [1, 2, 3, 5, 8])
  func regions(threads: Int) async {
    let right = await Self.onThread {
      Parallel.setThreadCount(threads)
      return (0..<2000).allSatisfy { Self.isRight(tasks: 1 + $0 % 19) }
    }
    #expect(right)
  }

  /// A member that still looks for a task of the last region must not take one of a region whose team has no
  /// place for it: there is no scratch memory of its own.
  @Test("lets regions of large and of small teams follow each other")
  func alternation() async {
    // A process of its own, where nobody else has the team.
    await #expect(processExitsWith: .success) {
      for round in 0..<20_000 {
        Parallel.setThreadCount(round % 2 == 0 ? 8 : 2)
        precondition(TeamTests.isRight(tasks: 4 + round % 7))
      }
    }
  }

  @Test("serves threads with teams of different sizes at once")
  func contention() async {
    let right = await Self.onThread {
      let wrong = Atomic(0)
      Self.threads(4) { index in
        Parallel.setThreadCount([8, 2, 5, 3][index])
        for round in 0..<3000 where !Self.isRight(tasks: 2 + (round + index) % 13) {
          wrong.add(1, ordering: .relaxed)
        }
      }
      return wrong.load(ordering: .relaxed) == 0
    }
    #expect(right)
  }

  @Test("gives everybody what they summed")
  func sums() async {
    let values = numbers(10_000)
    let expected = Reduction.sum(values, count: values.count)
    let wrong = Atomic(0)
    await Self.onThread {
      Self.threads(3) { index in
        Parallel.setThreadCount(index + 2)
        for _ in 0..<300 {
          if Reduction.sum(values, count: values.count) != expected {
            wrong.add(1, ordering: .relaxed)
          }
        }
      }
    }
    #expect(wrong.load(ordering: .relaxed) == 0)
  }

  @Test("does what is asked of it inside of a task one after the other, as one worker")
  func nested() async {
    let right = await Self.onThread {
      Parallel.setThreadCount(4)
      let wrong = Atomic(0)
      let total = Atomic(0)
      for _ in 0..<200 {
        Parallel.tasks(8) { _, _ in
          var order: [Int] = []
          Parallel.tasks(6) { task, worker in
            if worker != 0 || Parallel.threadCount != 1 { wrong.add(1, ordering: .relaxed) }
            order.append(task)
            Parallel.ranges(100) { total.add($0.count, ordering: .relaxed) }
          }
          if order != Array(0..<6) { wrong.add(1, ordering: .relaxed) }
        }
        if Parallel.threadCount != 4 { wrong.add(1, ordering: .relaxed) }
      }
      return wrong.load(ordering: .relaxed) == 0
        && total.load(ordering: .relaxed) == 200 * 8 * 6 * 100
    }
    #expect(right)
  }

  /// Whether two tasks that wait for each other both find the other: that needs two threads awake.
  static func meet() -> Bool {
    let here = Atomic(0)
    let met = Atomic(0)
    Parallel.tasks(2) { _, _ in
      here.add(1, ordering: .relaxed)
      for _ in 0..<10_000 where here.load(ordering: .relaxed) < 2 { usleep(100) }
      // Whoever gave up before the other came does not count.
      if here.load(ordering: .relaxed) == 2 { met.add(1, ordering: .relaxed) }
    }
    return met.load(ordering: .relaxed) == 2
  }

  /// Pauses of all lengths: shorter than a member's patience, about as long, and long enough to sleep.
  @Test("wakes whoever has fallen asleep")
  func sleep() async {
    // A process of its own, where nobody else has the team.
    await #expect(processExitsWith: .success) {
      Parallel.setThreadCount(3)
      for round in 0..<600 {
        usleep(UInt32(round % 30 * 10))
        precondition(TeamTests.meet())
      }
    }
  }

  @Test("waits for a slow task as long as it takes")
  func slow() async {
    let right = await Self.onThread {
      Parallel.setThreadCount(3)
      return (0..<20).allSatisfy { round in
        let done = Atomic(0)
        Parallel.tasks(3) { task, _ in
          if task == round % 3 { usleep(3000) }
          done.add(1, ordering: .relaxed)
        }
        return done.load(ordering: .relaxed) == 3
      }
    }
    #expect(right)
  }

  @Test("takes any number of tasks", arguments: [0, 1, 2, (1 << 20) - 1, 1 << 20, (1 << 20) + 3])
  func counts(tasks: Int) async {
    #expect(await Self.onThread { Self.isRight(tasks: tasks) })
  }

  @Test("throws the error of the first task that failed, after all of them")
  func failures() async {
    let found = await Self.onThread {
      (0..<200).map { _ in
        let done = Atomic(0)
        do throws(ComputeError) {
          try Parallel.attempts(9) { (task, _) throws(ComputeError) in
            done.add(1, ordering: .relaxed)
            if task % 4 == 3 { throw ComputeError("task \(task)") }
          }
          return "nothing"
        } catch {
          return "\(error), \(done.load(ordering: .relaxed)) done"
        }
      }
    }
    #expect(Set(found) == ["\(ComputeError("task 3")), 9 done"])
  }

  @Test("cuts ranges that can fail as those that cannot", arguments: [0, 1, 7, 100], [1, 30])
  func attemptedRanges(count: Int, grain: Int) async throws {
    @Sendable func cuts(failing: Bool) throws(ComputeError) -> [Range<Int>] {
      let found = Mutex<[Range<Int>]>([])
      if failing {
        try Parallel.attemptRanges(count, grain: grain) { (range) throws(ComputeError) in
          found.withLock { $0.append(range) }
        }
      } else {
        Parallel.ranges(count, grain: grain) { range in found.withLock { $0.append(range) } }
      }
      return found.withLock { $0.sorted { $0.lowerBound < $1.lowerBound } }
    }
    #expect(try cuts(failing: true) == cuts(failing: false))
    #expect(try cuts(failing: true).flatMap(Array.init) == Array(0..<count))
    guard count > 1 else { return }
    let error = #expect(throws: ComputeError.self) {
      try Parallel.attemptRanges(count) { (range) throws(ComputeError) in
        if range.upperBound > 1 { throw ComputeError("\(range)") }
      }
    }
    // The first range of 7 or 100 on eight parts that goes beyond 1.
    #expect(error?.description == "\(count == 7 ? 1..<2 : 0..<12)")
  }

  @Test("keeps the number of threads to the thread that set it, from one to all there can be")
  func limits() async {
    let sizes = await Self.onThread {
      [-1, 0, 1, 3, 64, 1000, .max].map {
        Parallel.setThreadCount($0)
        return Parallel.threadCount
      }
    }
    #expect(sizes == [1, 1, 1, 3, 64, 64, 64])
    // On one thread from first to last: after an `await`, a test may go on on another.
    let counts = await Self.onThread {
      Parallel.setThreadCount(3)
      Self.threads(1) { _ in Parallel.setThreadCount(2) }
      return Parallel.threadCount
    }
    #expect(counts == 3)
  }

  @Test("listens to OMP_NUM_THREADS, and does not have to be one")
  func environment() async {
    await #expect(processExitsWith: .success) {
      setenv("OMP_NUM_THREADS", "5", 1)
      precondition(Parallel.threadCount == 5)
      precondition((0..<100).allSatisfy { _ in TeamTests.isRight(tasks: 9) })
    }
    await #expect(processExitsWith: .success) {
      setenv("OMP_NUM_THREADS", "none", 1)
      precondition(Parallel.threadCount >= 1)
    }
  }

  @Test("lets the process end while it works")
  func exit() async {
    await #expect(processExitsWith: .exitCode(7)) {
      Parallel.setThreadCount(4)
      Thread {
        Parallel.setThreadCount(4)
        while true { _ = TeamTests.isRight(tasks: 12) }
      }.start()
      usleep(20_000)
      Glibc.exit(7)
    }
  }

  #if !SANITIZE_THREAD
    /// The thread sanitizer does not go into children of a process with several threads.
    @Test("starts anew in a child process")
    func fork() async {
      await #expect(processExitsWith: .success) {
        Parallel.setThreadCount(3)
        precondition(TeamTests.isRight(tasks: 12))
        let child = systemFork()
        if child == 0 {
          let right = (0..<100).allSatisfy { _ in TeamTests.meet() }
          _exit(right ? 0 : 1)
        }
        var status: Int32 = -1
        precondition(waitpid(child, &status, 0) == child && status == 0, "status \(status)")
      }
    }
  #endif

  /// Runs a body on a thread of its own, whose limit is nobody else's.
  static func onThread<Result: Sendable>(
    _ body: @escaping @Sendable () -> Result
  ) async -> Result {
    await withCheckedContinuation { continuation in
      Thread { continuation.resume(returning: body()) }.start()
    }
  }
}

/// Swift keeps the system's own from view, since it is seldom right in a process with threads.
@_silgen_name("fork") private func systemFork() -> Int32
