import Compute
import Glibc
import Layers
import Methods
import Tensors
import Testing
import Training

/// Ends a run after so many steps.
final class StepLimit: Observer {
  private let last: Int
  init(_ last: Int) { self.last = last }
  func observe(_ event: RunEvent) -> RunDirective {
    if case .stepped(let progress) = event, progress.step >= last { return .stop }
    return .proceed
  }
}

private struct Stock: BatchSource {
  let images: Tensor
  var count: Int { images.shape[0] }
  func images(at places: [Int]) throws -> Tensor { try images.gathered(rows: places) }
}

private func pageFaults() -> Int {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return usage.ru_minflt + usage.ru_majflt
}

/// The methods whose steps are looked at.
enum SteadyMethod: String, Sendable, CaseIterable, Codable {
  case aet, vqvae

  func make() throws -> any Method {
    let format = ImageFormat(shape: [28, 28, 1], mean: [0.5], deviation: [0.3], name: "noise")
    switch self {
    case .aet:
      var configuration = AET.Configuration()
      configuration.encoder = try .small([24, 48])
      return try AET(configuration, for: format, seed: 1)
    case .vqvae: return try VQVAE(VQVAE.Configuration(), for: format, seed: 1)
    }
  }

  /// Trains, and prints the fewest page faults and requests to the system that twenty steps took.
  func measure() throws {
    var generator = Generator(seed: 1)
    let images = Tensor.uniform([4 * 64, 28, 28, 1], in: 0...1, using: &generator)
    let run = try TrainingRun(
      make(), on: Stock(images: images),
      options: .init(epochs: 100, batch: 64, rate: 1e-3, schedule: .constant), optimiser: Adam())
    try run.advance(watchedBy: [StepLimit(20)])
    // What runs in a process for the first time may touch a page for the first time, also later than in the
    // first steps; once all is settled, twenty steps take none. So the best of some windows counts.
    var (least, asked) = (Int.max, Int.max)
    for window in 2...8 where least > 0 || asked > 0 {
      let (faults, pool) = (pageFaults(), BufferPool.shared.statistics)
      try run.advance(watchedBy: [StepLimit(20 * window)])
      let after = BufferPool.shared.statistics
      least = min(least, pageFaults() - faults)
      asked = min(asked, after.systemAllocations - pool.systemAllocations)
      precondition(run.step == 20 * window && pool.systemAllocations > 100)
    }
    print("\nfound", least, asked)
  }
}

@Suite("Training steps, once a few have been taken")
struct SteadyStateTests {
  /// A batch of several parts, and one thread, as many as most machines have, and more than it has.
  @Test(
    "ask the system for nothing and take no page fault", arguments: SteadyMethod.allCases,
    [1, 2, 4])
  func steady(method: SteadyMethod, threads: Int) async throws {
    // A process of its own: the counters belong to the whole process.
    let result = await #expect(
      processExitsWith: .success, observing: [\.standardOutputContent]
    ) { [method, threads] in
      Parallel.setThreadCount(threads)
      try method.measure()
    }
    let output = String(decoding: try #require(result).standardOutputContent, as: UTF8.self)
    let line = try #require(output.split(separator: "\n").first { $0.hasPrefix("found ") })
    let found = line.split(separator: " ").compactMap { Int($0) }
    #expect(found.count == 2 && found[1] == 0, "\(line)")
    #if !SANITIZE_ADDRESS && !SANITIZE_THREAD
      // A sanitizer keeps records of what a program does, in memory of its own. With several threads the scratch
      // memory of one that was put aside during the first steps is touched later, for the first time.
      if threads == 1 { #expect(found[0] == 0, "\(line)") }
    #endif
  }
}
