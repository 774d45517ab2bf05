import Glibc
import Synchronization
import Testing

@testable import Compute

@Suite("Kernels of both formats", .enabled(if: FactorFormat.bfloat16.isNative))
struct ConstructionTests {
  /// Convolutions that no other test makes: what oneDNN has made once it does not make again.
  private static let shapes: [Convolution] = (23..<103).flatMap { width in
    [1, 3, 17].compactMap { channels in
      Convolution(
        batch: 1, height: 7, width: width, channels: channels, outputs: 16, windowHeight: 5,
        windowWidth: 5, padding: 2)
    }
  }

  /// Numbers with so few bits that no product and no sum of them is rounded in either format.
  private func numbers(_ count: Int, _ step: Int) -> [Float] {
    (0..<count).map { Float(($0 * step) % 23 - 11) / 8 }
  }

  private func run(_ convolution: LaneConvolution) throws -> [Float] {
    let forward = try convolution.forward(weight: numbers(convolution.shape.weightCount, 5))
    let scratch = Buffer(count: forward.scratchCount)
    var output = [Float](repeating: .nan, count: convolution.outputCount)
    try forward(
      1, numbers(convolution.sourceCount, 7), into: &output, scratch: scratch.pointer)
    return output
  }

  /// oneDNN 2.6 mixed up two threads that looked for convolutions of different formats.
  @Test("are right when two threads make them at once")
  func atOnce() async throws {
    let formats = [FactorFormat.float32, .bfloat16]
    let made = Mutex([FactorFormat: [LaneConvolution]]())
    await TeamTests.onThread {
      let arrived = Atomic(0)
      TeamTests.threads(formats.count) { index in
        var own: [LaneConvolution] = []
        for (place, shape) in Self.shapes.enumerated() {
          // Only threads that begin within a microsecond meet: they wait awake, up to a point.
          arrived.add(1, ordering: .acquiringAndReleasing)
          var looks = 0
          while arrived.load(ordering: .acquiring) < formats.count * (place + 1) {
            looks += 1
            if looks > 2000 { sched_yield() }
          }
          if let one = try? LaneConvolution(shape.with(formats[index]), sizes: [1]) {
            own.append(one)
          }
        }
        made.withLock { $0[formats[index]] = own }
      }
    }
    let (single, half) = made.withLock { ($0[.float32] ?? [], $0[.bfloat16] ?? []) }
    try #require(single.count == Self.shapes.count && half.count == Self.shapes.count)
    for (one, other) in zip(single, half) {
      let same = try run(one) == run(other)
      #expect(same, "\(one.shape.channels) channels, \(one.shape.width) columns")
    }
  }
}

extension Convolution {
  fileprivate func with(_ factors: FactorFormat) -> Convolution {
    Convolution(
      batch: batch, height: height, width: width, channels: channels, outputs: outputs,
      windowHeight: windowHeight, windowWidth: windowWidth, padding: padding, factors: factors)
      ?? self
  }
}
