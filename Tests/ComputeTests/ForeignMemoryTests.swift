import Testing

@testable import Compute

/// Fills what the pool has to give with one value, so that whoever reads what it did not write reads that.
private func litter(_ value: Float) {
  var held: [Buffer] = []
  var count = 16
  while count <= 1 << 18 {
    for _ in 0..<4 {
      let buffer = Buffer(count: count)
      for place in 0..<count { buffer.pointer[place] = value }
      held.append(buffer)
    }
    count = BufferPool.capacity(for: count + 1)
  }
}

@Suite("What lies in the memory that a convolution borrows", .serialized)
struct ForeignMemoryTests {
  @Test(
    "changes nothing",
    arguments: [FactorFormat.float32, .bfloat16].filter { $0.isNative || $0 == .float32 })
  func changesNothing(_ factors: FactorFormat) throws {
    for (channels, outputs, window, size) in [
      (1, 16, 5, 8), (1, 24, 5, 28), (3, 16, 3, 9), (3, 33, 1, 7), (5, 16, 3, 8), (16, 24, 3, 14),
      (17, 24, 3, 7), (24, 24, 1, 7), (64, 64, 3, 5), (1, 1, 3, 6),
    ] {
      let plan = try #require(
        Convolution(
          batch: 3, height: size, width: size, channels: channels, outputs: outputs,
          windowHeight: window, windowWidth: window, stride: 1, padding: (window - 1) / 2,
          factors: factors))
      func values(_ count: Int, _ step: Int) -> [Float] {
        (0..<count).map { Float(($0 * step) % 23 - 11) / 8 }
      }
      let source = values(3 * size * size * channels, 7)
      let weight = values(outputs * channels * window * window, 5)
      let gradient = values(3 * size * size * outputs, 3)
      func run(among litterValue: Float) throws -> [[Float]] {
        var forward = [Float](repeating: 0, count: gradient.count)
        var bySource = [Float](repeating: 0, count: source.count)
        var byWeight = [Float](repeating: 0, count: weight.count)
        litter(litterValue)
        try plan.forward(source: source, weight: weight, bias: nil, into: &forward)
        litter(litterValue)
        try plan.backwardSource(gradient: gradient, weight: weight, into: &bySource)
        litter(litterValue)
        try plan.backwardWeight(source: source, gradient: gradient, into: &byWeight, bias: nil)
        return [forward, bySource, byWeight]
      }
      let clean = try run(among: 0)
      // No number, nor are its halves one.
      let among = try run(among: Float(bitPattern: 0x7fc0_7fc0))
      let names = ["forward", "backward source", "backward weight"]
      for place in names.indices {
        #expect(
          clean[place].map(\.bitPattern) == among[place].map(\.bitPattern),
          "\(names[place]) of \(channels)→\(outputs), \(window)×\(window), \(size)×\(size)")
      }
    }
  }
}
