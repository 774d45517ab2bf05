import Testing

@testable import Compute

@Suite("Optimiser steps")
struct OptimiserStepTests {
  /// Runs `step` on parts of these sizes, each with its own values, and gives what it did.
  private func run(
    _ counts: [Int], threads: Int, _ step: ([OptimiserPart]) -> Void
  ) -> [[Float]] {
    let before = Parallel.threadCount
    Parallel.setThreadCount(threads)
    defer { Parallel.setThreadCount(before) }
    let total = counts.reduce(0, +)
    var values = (0..<4).map { numbers(total, seed: UInt64(20 + $0)) }
    values[3] = values[3].map { $0 * $0 }
    let buffers = values.map { array in
      let buffer = Buffer(count: total)
      buffer.pointer.update(from: array, count: total)
      return buffer
    }
    var start = 0
    var parts: [OptimiserPart] = []
    for (index, count) in counts.enumerated() {
      let places = buffers.map { $0.pointer + start }
      parts.append(
        OptimiserPart(
          parameter: places[0], gradient: places[1], first: places[2], second: places[3],
          count: count, step: index + 1, rate: 0.01 * Float(index + 1), weightDecay: 0.1,
          isLayerwise: index % 2 == 0))
      start += count
    }
    step(parts)
    return buffers.map { Array(UnsafeBufferPointer(start: $0.pointer, count: total)) }
  }

  private static let steps: [@Sendable ([OptimiserPart]) -> Void] = [
    { sgdStep($0, momentum: 0.9, nesterov: true) }, { sgdStep($0, momentum: 0.5) },
    { adamStep($0) }, { adamStep($0, decoupled: true) },
    { larsStep($0, momentum: 0.9, trust: 0.01) },
  ]

  @Test("do the same bits on any number of threads", arguments: 0..<5)
  func threads(rule: Int) {
    let counts = [1, 16, 37, 70_001, 0, 3, 50_000, 4097]
    let want = run(counts, threads: 1, Self.steps[rule])
    for threads in [2, 3, 5] {
      #expect(run(counts, threads: threads, Self.steps[rule]) == want, "\(threads) threads")
    }
  }

  @Test("descend as the formulas say", arguments: [false, true])
  func sgd(nesterov: Bool) {
    let counts = [1, 37, 40_000]
    let old = run(counts, threads: 2) { _ in }
    let new = run(counts, threads: 2) { sgdStep($0, momentum: 0.9, nesterov: nesterov) }
    for i in old[0].indices {
      let rate = i < 1 ? 0.01 : i < 38 ? 0.02 : 0.03
      let d = Double(old[1][i]) + 0.1 * Double(old[0][i])
      let v = 0.9 * Double(old[2][i]) + d
      let p = Double(old[0][i]) - rate * (nesterov ? d + 0.9 * v : v)
      guard abs(Double(new[0][i]) - p) < 1e-6, abs(Double(new[2][i]) - v) < 1e-6 else {
        Issue.record("value \(i): \(new[0][i]), not \(p)")
        return
      }
    }
  }

  @Test("of Adam follow algorithm 1", arguments: [false, true])
  func adam(decoupled: Bool) {
    let counts = [1, 37, 40_000]
    let old = run(counts, threads: 2) { _ in }
    let new = run(counts, threads: 2) { adamStep($0, epsilon: 1e-3, decoupled: decoupled) }
    // The constants as single precision has them: 1 − β₂ is small.
    let (beta1, beta2) = (Double(Float(0.9)), Double(Float(0.999)))
    for i in old[0].indices {
      let step = i < 1 ? 1 : i < 38 ? 2 : 3
      let (rate, w) = (0.01 * Double(step), Double(old[0][i]))
      let g = Double(old[1][i]) + (decoupled ? 0 : 0.1 * w)
      let m = beta1 * Double(old[2][i]) + (1 - beta1) * g
      let s = beta2 * Double(old[3][i]) + (1 - beta2) * g * g
      func correction(_ beta: Double) -> Double {
        1 - (0..<step).reduce(1) { power, _ in power * beta }
      }
      let (c1, c2) = (correction(beta1), correction(beta2))
      let p =
        w * (decoupled ? 1 - rate * 0.1 : 1) - rate * (m / c1) / ((s / c2).squareRoot() + 1e-3)
      guard abs(Double(new[0][i]) - p) < 2e-6, abs(Double(new[3][i]) - s) < 1e-6 else {
        Issue.record("value \(i): \(new[0][i]), not \(p)")
        return
      }
    }
  }

  @Test("are preceded by a look that sees every value", arguments: [1, 15, 16, 17, 70_001])
  func magnitudesAreSeen(count: Int) {
    for bad in [Float.nan, .infinity, -.infinity, 1e20] {
      for place in Set([0, count / 2, count - 1]) {
        var array = numbers(count)
        let others = numbers(40)
        func stays() -> Bool {
          array.withUnsafeBufferPointer { array in
            others.withUnsafeBufferPointer { magnitudes([$0, array, $0], stayBelow: 1e15) }
          }
        }
        #expect(stays())
        array[place] = bad
        #expect(!stays(), "\(bad) at \(place) of \(count)")
      }
    }
  }

  @Test("move averages, which stay once they have arrived")
  func averages() {
    for count in [1, 16, 37, 70_001] {
      let (start, source) = (numbers(count), numbers(count, seed: 3))
      var target = start
      func move(_ share: Float) {
        target.withUnsafeMutableBufferPointer { target in
          source.withUnsafeBufferPointer { source in
            guard let first = target.baseAddress, let other = source.baseAddress else { return }
            moveAverages([AveragePart(target: first, source: other, count: count)], by: share)
          }
        }
      }
      move(0.25)
      for i in 0..<count { #expect(abs(target[i] - (0.75 * start[i] + 0.25 * source[i])) < 1e-6) }
      target = source
      move(0.1)
      #expect(target == source)
    }
  }
}
