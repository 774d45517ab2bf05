import Foundation
import Testing

@testable import Compute

/// Sizes around one and four vectors, and enough for several threads.
private let sizes = [1, 3, 15, 16, 17, 31, 63, 64, 65, 127, 129, 70_001]

@Suite("Loops over values")
struct ValueLoopTests {
  /// What `body` writes for these arrays, on one thread and on several: the same bits.
  private func written(
    _ count: Int, _ arrays: [Float]...,
    body: ([UnsafePointer<Float>], UnsafeMutablePointer<Float>) -> Void
  ) -> [Float] {
    let buffers = arrays.map { array in
      let buffer = Buffer(count: array.count)
      buffer.pointer.update(from: array, count: array.count)
      return buffer
    }
    let before = Parallel.threadCount
    defer { Parallel.setThreadCount(before) }
    let results = [1, 3].map { threads in
      Parallel.setThreadCount(threads)
      let target = Buffer(count: count + 1)
      target.pointer.update(repeating: -77, count: count + 1)
      body(buffers.map { UnsafePointer($0.pointer) }, target.pointer)
      #expect(target.pointer[count] == -77, "something was written behind the last value")
      return (0..<count).map { target.pointer[$0] }
    }
    #expect(results[0].map(\.bitPattern) == results[1].map(\.bitPattern))
    return results[0]
  }

  @Test("rectify, and let through what is not a number", arguments: sizes)
  func rectifier(count: Int) {
    var x = numbers(count)
    x[count / 2] = .nan
    let y = written(count, x) { Elementwise.rectify($0[0], into: $1, count: count) }
    let g = numbers(count, seed: 5)
    let d = written(count, g, y) {
      Elementwise.rectifyGradient($0[0], output: $0[1], into: $1, count: count)
    }
    for i in 0..<count {
      #expect(i == count / 2 ? y[i].isNaN && d[i] == g[i] : y[i] == max(x[i], 0))
      if i != count / 2 { #expect(d[i] == (x[i] > 0 ? g[i] : 0)) }
    }
  }

  @Test("combine two arrays", arguments: sizes)
  func combinations(count: Int) {
    let (a, b) = (numbers(count), numbers(count, seed: 4).map { $0 + 3 })
    let rules: [(Elementwise.Combination, (Float, Float) -> Float)] = [
      (.sum, { $0 + $1 }), (.difference, { $0 - $1 }), (.product, { $0 * $1 }),
      (.quotient, { $0 / $1 }),
    ]
    for (combination, rule) in rules {
      let y = written(count, a, b) {
        Elementwise.combine($0[0], $0[1], by: combination, into: $1, count: count)
      }
      #expect(y == zip(a, b).map(rule))
    }
    #expect(
      written(count, a) { Elementwise.scale($0[0], by: 1.7, into: $1, count: count) }
        == a.map { 1.7 * $0 })
    #expect(
      written(count, a, b) {
        Elementwise.scaleDifference($0[0], $0[1], by: 1.7, into: $1, count: count)
      } == zip(a, b).map { ($0 - $1) * 1.7 })
  }

  @Test(
    "add a row to every row and sum rows",
    arguments: [1, 2, 7, 10, 15, 16, 17, 24, 48, 63, 64, 100, 130, 256, 300])
  func rows(width: Int) {
    for rows in [1, 5, 16, 17, 33, 600] {
      let (x, row) = (numbers(rows * width), numbers(width, seed: 9))
      let y = written(rows * width, x, row) {
        Elementwise.addRow($0[0], $0[1], into: $1, rows: rows, width: width)
      }
      #expect(y == x.indices.map { x[$0] + row[$0 % width] })
      let sums = written(width, x) {
        Reduction.sumMiddle($0[0], outer: 1, reduced: rows, inner: width, into: $1)
      }
      for c in 0..<width {
        let want = (0..<rows).reduce(0.0) { $0 + Double(x[$1 * width + c]) }
        #expect(abs(Double(sums[c]) - want) < 1e-6 * Double(rows))
      }
    }
  }

  @Test("sum in blocks", arguments: sizes)
  func sums(count: Int) {
    let (x, y) = (numbers(count), numbers(count, seed: 8))
    let s = written(1, x) { $1[0] = Reduction.sum($0[0], count: count) }
    let q = written(1, x, y) {
      $1[0] = Reduction.sumOfSquaredDifferences($0[0], $0[1], count: count)
    }
    let sum = x.reduce(0.0) { $0 + Double($1) }
    let squares = zip(x, y).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
    #expect(abs(Double(s[0]) - sum) < 1e-6 * Double(count))
    #expect(abs(Double(q[0]) - squares) < 1e-6 * squares)
    #expect(Reduction.allFinite(x, count: count))
    for place in [0, count / 2, count - 1] {
      for bad in [Float.nan, .infinity, -.infinity] {
        var spoilt = x
        spoilt[place] = bad
        #expect(!Reduction.allFinite(spoilt, count: count))
        #expect(!Reduction.sum(spoilt, count: count).isFinite)
      }
    }
  }

  @Test("follow the likelihoods' formulas", arguments: [1, 15, 16, 33, 784, 1024, 1025, 2500])
  func likelihoods(width: Int) {
    let rows = 3
    let (l, t) = (numbers(rows * width).map { 8 * $0 }, numbers(rows * width, seed: 3))
    let g: [Float] = [1, -2, 0.5]
    let bernoulli = written(rows, l, t) {
      LikelihoodSums.bernoulli(
        logits: $0[0], targets: $0[1], into: $1, rows: rows, width: width)
    }
    let bernoulliGradient = written(rows * width, g, l, t) {
      LikelihoodSums.bernoulliGradient(
        $0[0], logits: $0[1], targets: $0[2], into: $1, rows: rows, width: width)
    }
    let divergence = written(rows, t, l) {
      LikelihoodSums.gaussianDivergence(
        mean: $0[0], logVariance: $0[1], into: $1, rows: rows, width: width)
    }
    let divergenceGradient = written(rows * width, g, l) {
      LikelihoodSums.gaussianDivergenceGradient(
        $0[0], logVariance: $0[1], into: $1, rows: rows, width: width)
    }
    let draw = written(rows * width, t, l, t) {
      NormalDraw.forward(
        mean: $0[0], logVariance: $0[1], noise: $0[2], into: $1, count: rows * width)
    }
    func near(_ value: Float, _ want: Double) -> Bool {
      abs(Double(value) - want) <= 2e-6 * max(1, abs(want))
    }
    for row in 0..<rows {
      var (sum, kl) = (0.0, 0.0)
      for i in row * width..<(row + 1) * width {
        let (l, t, g) = (Double(l[i]), Double(t[i]), Double(g[row]))
        let e = exp(l)
        sum += max(l, 0) - t * l + log(1 + exp(-abs(l)))
        kl += 0.5 * (t * t + e - 1 - l)
        #expect(near(bernoulliGradient[i], g * (1 / (1 + exp(-l)) - t)))
        #expect(near(divergenceGradient[i], 0.5 * g * (e - 1)))
        #expect(near(draw[i], t + exp(l / 2) * t))
      }
      #expect(near(bernoulli[row], sum))
      #expect(near(divergence[row], kl))
    }
    var spoilt = l
    spoilt[0] = .nan
    let sums = written(rows, spoilt, t) {
      LikelihoodSums.bernoulli(
        logits: $0[0], targets: $0[1], into: $1, rows: rows, width: width)
    }
    #expect(sums[0].isNaN && sums[1] == bernoulli[1])
  }
}
