import Compute
import Foundation
import Testing

/// Numbers that look random and repeat.
func numbers(_ count: Int, seed: UInt64 = 1) -> [Float] {
  var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
  return (0..<count).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(Int32(truncatingIfNeeded: state >> 33)) / Float(1 << 30) - 1
  }
}

@Suite("Matrix products")
struct MatrixProductTests {
  struct Case: Sendable {
    let rows: Int
    let columns: Int
    let inner: Int
    let left: Bool
    let right: Bool
  }

  static let cases = [(1, 1, 1), (3, 5, 7), (17, 33, 16), (65, 2, 129)].flatMap { m, n, k in
    [(false, false), (false, true), (true, false), (true, true)].map {
      Case(rows: m, columns: n, inner: k, left: $0, right: $1)
    }
  }

  @Test("agree with loops in double precision", arguments: cases)
  func agree(_ c: Case) throws {
    let (a, b) = (numbers(c.rows * c.inner), numbers(c.inner * c.columns, seed: 2))
    let before = numbers(c.rows * c.columns, seed: 3)
    var result = before
    try MatrixProduct.multiply(
      rows: c.rows, columns: c.columns, inner: c.inner, a, b, transposingLeft: c.left,
      transposingRight: c.right, into: &result, alpha: 0.5, beta: 2)
    for i in 0..<c.rows {
      for j in 0..<c.columns {
        var sum = 0.0
        for k in 0..<c.inner {
          sum +=
            Double(a[c.left ? k * c.rows + i : i * c.inner + k])
            * Double(b[c.right ? j * c.inner + k : k * c.columns + j])
        }
        let expected = 0.5 * sum + 2 * Double(before[i * c.columns + j])
        #expect(abs(Double(result[i * c.columns + j]) - expected) < 2e-5)
      }
    }
  }

  @Test("ignore what was there when beta is zero, and sum nothing to zero")
  func overwrite() throws {
    var result = [Float.nan, .nan]
    try MatrixProduct.multiply(rows: 1, columns: 2, inner: 1, [3], [1, 2], into: &result)
    #expect(result == [3, 6])
    result = [.nan, .nan]
    try MatrixProduct.multiply(rows: 1, columns: 2, inner: 0, [], [], into: &result)
    #expect(result == [0, 0])
  }
}

@Suite("Reductions")
struct ReductionTests {
  @Test("sum in an order that does not depend on the number of threads")
  func threads() {
    let values = numbers(1_000_003)
    let threads = Parallel.threadCount
    defer { Parallel.setThreadCount(threads) }
    var results: [[Float]] = []
    for count in [1, 2, 3] {
      Parallel.setThreadCount(count)
      var columns = [Float](repeating: .nan, count: 17)
      Reduction.sumMiddle(values, outer: 1, reduced: 58_823, inner: 17, into: &columns)
      results.append([Reduction.sum(values, count: values.count)] + columns)
    }
    #expect(results[0] == results[1])
    #expect(results[0] == results[2])
  }

  @Test("are as exact as the numbers", arguments: [1, 15, 31, 32, 33, 4096, 4097, 1_000_003])
  func exact(count: Int) {
    let values = numbers(count).map { $0 + 1 }
    let expected = values.reduce(0.0) { $0 + Double($1) }
    let sum = Double(Reduction.sum(values, count: count))
    #expect(abs(sum - expected) <= 1e-6 * expected)
  }

  @Test(
    "and repetitions are each other's adjoint", arguments: [(1, 7, 5), (3, 300, 1), (4, 2, 17)])
  func adjoint(outer: Int, middle: Int, inner: Int) {
    let (x, y) = (numbers(outer * middle * inner), numbers(outer * inner, seed: 2))
    var sum = [Float](repeating: .nan, count: outer * inner)
    var repeated = [Float](repeating: .nan, count: outer * middle * inner)
    Reduction.sumMiddle(x, outer: outer, reduced: middle, inner: inner, factor: 0.5, into: &sum)
    Reduction.repeatMiddle(
      y, outer: outer, repeated: middle, inner: inner, factor: 0.5, into: &repeated)
    let left = zip(sum, y).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    let right = zip(x, repeated).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    #expect(abs(left - right) < 1e-4)
  }
}

@Suite("Work in parallel")
struct ParallelTests {
  @Test("covers every place once", arguments: [1, 2, 5, 64], [1, 3, 100])
  func cover(count: Int, grain: Int) {
    var visits = [Int32](repeating: 0, count: count)
    visits.withUnsafeMutableBufferPointer { visits in
      nonisolated(unsafe) let visits = visits
      Parallel.ranges(count, grain: grain) { range in
        for i in range { visits[i] += 1 }
      }
    }
    #expect(visits.allSatisfy { $0 == 1 })
  }

  @Test("has the only threads: convolutions and matrix products start none")
  func noOtherThreads() async {
    // A process of its own, where nobody else starts threads.
    await #expect(processExitsWith: .success) {
      func threads() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
      }
      Parallel.ranges(1000) { _ in }
      let team = try threads()
      let plan = try #require(
        Convolution(
          batch: 8, height: 16, width: 16, channels: 16, outputs: 32, windowHeight: 3,
          windowWidth: 3, padding: 1))
      let (source, weight) = (numbers(8 * 256 * 16), numbers(32 * 16 * 9))
      var result = [Float](repeating: 0, count: 8 * 256 * 32)
      var product = [Float](repeating: 0, count: 300 * 300)
      for _ in 0..<3 {
        try plan.forward(source: source, weight: weight, bias: nil, into: &result)
        try MatrixProduct.multiply(
          rows: 300, columns: 300, inner: 300, numbers(90_000), numbers(90_000), into: &product)
      }
      let after = try threads()
      precondition(after <= team, "\(after) threads, the team had \(team)")
    }
  }

  @Test("is not asked for where there is nothing to do")
  func nothing() {
    Parallel.ranges(0) { _ in Issue.record("called for nothing") }
  }
}

@Suite("oneDNN")
struct KernelTests {
  /// The reference code of oneDNN is a hundred times slower; to land on it is a mistake.
  @Test("takes vector code for the convolutions of the backbones")
  func fastPaths() throws {
    for (size, channels, outputs, window) in [(28, 32, 64, 3), (14, 96, 96, 1), (32, 3, 192, 5)] {
      let plan = try #require(
        Convolution(
          batch: 4, height: size, width: size, channels: channels, outputs: outputs,
          windowHeight: window, windowWidth: window, padding: window / 2))
      for name in try plan.implementations() { #expect(!name.contains("ref"), "\(name)") }
    }
  }

  @Test("runs one kernel from several threads at once")
  func concurrent() async throws {
    let plan = try #require(
      Convolution(
        batch: 2, height: 12, width: 12, channels: 8, outputs: 16, windowHeight: 3, windowWidth: 3,
        padding: 1))
    let (source, weight) = (numbers(2 * 144 * 8), numbers(16 * 8 * 9, seed: 2))
    @Sendable func run() throws -> [Float] {
      var result = [Float](repeating: .nan, count: 2 * 144 * 16)
      for _ in 0..<50 {
        try plan.forward(source: source, weight: weight, bias: nil, into: &result)
      }
      return result
    }
    let expected = try run()
    try await withThrowingTaskGroup(of: [Float].self) { group in
      for _ in 0..<4 { group.addTask { try run() } }
      for try await result in group { #expect(result == expected) }
    }
  }

  @Test("serves more shapes than it keeps")
  func manyShapes() throws {
    let values = numbers(1200)
    for count in stride(from: 1, through: values.count, by: 2) {
      var result = [Float](repeating: .nan, count: count)
      try ElementaryFunction.sigmoid.apply(values, into: &result, count: count)
      let last = Double(values[count - 1])
      #expect(abs(Double(result[count - 1]) - 1 / (1 + exp(-last))) < 1e-6)
    }
  }

  @Test("refuses sizes that make no operation")
  func refusals() {
    #expect(
      Convolution(
        batch: 1, height: 2, width: 2, channels: 1, outputs: 1, windowHeight: 3, windowWidth: 3)
        == nil)
    #expect(
      Pooling(
        .maximum, batch: 1, height: 2, width: 2, channels: 1, window: 2, stride: 1, padding: 2,
        training: false) == nil)
    #expect(
      BatchNormalisation(batch: 0, positions: 1, channels: 1, epsilon: 1e-5, rectify: false) == nil)
    #expect(
      BatchNormalisation(
        batch: 5, positions: 1, channels: 1, epsilon: 1e-5, rectify: false, branches: 2) == nil)
  }
}

@Suite("The pool")
struct BufferPoolTests {
  @Test("hands a block out again and counts what it holds")
  func reuse() async {
    await #expect(processExitsWith: .success) {
      let before = BufferPool.shared.statistics
      var address = 0
      for round in 0..<10 {
        let buffer = Buffer(count: 1000)
        precondition(Int(bitPattern: buffer.pointer) % 64 == 0)
        precondition(round == 0 || address == Int(bitPattern: buffer.pointer))
        address = Int(bitPattern: buffer.pointer)
        precondition(BufferPool.shared.statistics.bytesInUse > before.bytesInUse)
      }
      let after = BufferPool.shared.statistics
      precondition(after.systemAllocations == before.systemAllocations + 1)
      precondition(after.bytesInUse == before.bytesInUse)
      precondition((4000..<4600).contains(after.bytesHeld - before.bytesHeld))
      BufferPool.shared.trim()
      precondition(BufferPool.shared.statistics.bytesHeld == before.bytesInUse)
    }
  }
}
