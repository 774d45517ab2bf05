import Compute
import Foundation
import Layers
import Tensors
import Training

// `EngineBenchmark WORKLOAD THREADS PRECISION` prints a line of JSON when ready, then one for each line
// `run SECONDS` on standard input, as Benchmarks/pytorch/serve.py does. `EngineBenchmark operations THREADS` times single
// operations, one line of JSON each, as Benchmarks/pytorch/operations.py does.

/// Counts steps and stops the run when its time is over.
final class Stopwatch: Observer {
  let end: ContinuousClock.Instant
  init(seconds: Double) { end = .now + .seconds(seconds) }
  func observe(_ event: RunEvent) -> RunDirective {
    if case .stepped = event { return ContinuousClock.now < end ? .proceed : .stop }
    return .proceed
  }
}

struct Ready: Encodable {
  let parameters: Int
  let images: Int
  let loss: Float
  let version: String
  let multiplyAdds: Int
}

struct Report: Encodable {
  let steps: Int
  let seconds: Double
  let loss: Float
  let peakBytes: Int
  let systemAllocations: Int
  let pageFaults: Int
}

func peakBytes() throws -> Int {
  let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
  let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") } ?? ""
  return (line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
}

func pageFaults() -> Int {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return usage.ru_minflt + usage.ru_majflt
}

func say(_ value: some Encodable) throws {
  FileHandle.standardOutput.write(try JSONEncoder().encode(value) + Data("\n".utf8))
}

func serve(_ name: String, threads: Int, precision: Precision) throws {
  Parallel.setThreadCount(threads)
  if name == "operations" { return try timeOperations { try say($0) } }
  if name == "warps" {
    return try say(
      Dictionary(uniqueKeysWithValues: warpOperations().map { ($0.name, $0.imagesPerSecond) }))
  }
  guard let workload = try Workload.named(name) else {
    print("unknown workload \(name); take one of \(Workload.names.joined(separator: ", "))")
    exit(2)
  }
  let run = try TrainingRun(
    workload.method, on: workload.source ?? Stock(images: workload.images),
    options: .init(
      epochs: 1_000_000, batch: workload.batch, rate: workload.rate, schedule: .constant,
      precision: precision),
    optimiser: workload.optimiser)
  try run.advance(watchedBy: [Stopwatch(seconds: 0)])
  let first = run.history["loss"]?.first ?? .nan
  for _ in 0..<3 { try run.advance(watchedBy: [Stopwatch(seconds: 0)]) }
  try say(
    Ready(
      parameters: workload.method.trainableCount, images: workload.batch, loss: first,
      version: "oneDNN \(Libraries.oneDNNVersion)", multiplyAdds: workload.multiplyAdds))
  while let line = readLine() {
    let seconds = line.split(separator: " ").last.flatMap { Double($0) } ?? 1
    let (steps, faults) = (run.step, pageFaults())
    let allocations = BufferPool.shared.statistics.systemAllocations
    let start = ContinuousClock.now
    try run.advance(watchedBy: [Stopwatch(seconds: seconds)])
    let spent = (ContinuousClock.now - start) / .seconds(1)
    try say(
      Report(
        steps: run.step - steps, seconds: spent, loss: run.history["loss"]?.last ?? .nan,
        peakBytes: try peakBytes(),
        systemAllocations: BufferPool.shared.statistics.systemAllocations - allocations,
        pageFaults: pageFaults() - faults))
  }
}

let arguments = CommandLine.arguments + ["", "", ""]
guard let precision = Precision(rawValue: arguments[3].isEmpty ? "float32" : arguments[3]) else {
  print("unknown precision \(arguments[3]); take float32 or bfloat16")
  exit(2)
}
do {
  try serve(arguments[1], threads: Int(arguments[2]) ?? 2, precision: precision)
} catch {
  print("\(error)")
  exit(1)
}
