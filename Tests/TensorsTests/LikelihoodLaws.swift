import Glibc
import Tensors

private let batches = [[4, 5], [1, 1], [3, 17], [2, 3, 2, 3], [2, 1100], [3]]

extension Naive {
  /// Sums over everything but the leading dimension.
  fileprivate var perExample: Naive { sum(Array(shape.indices.dropFirst())) }
}

/// Numbers from 0 to 1 that belong to a shape.
private func targets(_ shape: [Int]) -> Tensor {
  var generator = Generator(seed: 77)
  return .uniform(shape, in: 0...1, using: &generator)
}

private func soft(_ row: [Double]) -> [Double] {
  let total = row.reduce(0.0) { $0 + exp($1) }
  return row.map { exp($0) / total }
}

/// The logarithm of the sum of the exponentials that are kept, over a dimension.
private func reduced(_ input: Naive, _ axis: Int, _ kept: ([Int]) -> Bool) -> Naive {
  var shape = input.shape
  let size = shape.remove(at: axis)
  return Naive(shape) { place in
    log(
      (0..<size).reduce(0.0) { sum, k in
        var whole = place
        whole.insert(k, at: axis)
        return kept(whole) ? sum + exp(input[whole]) : sum
      })
  }
}

extension Law {
  static let logSumExps: [Law] = {
    var laws: [Law] = []
    let cases: [([Int], Int)] = [
      ([4, 5], 1), ([4, 5], 0), ([1], 0), ([3, 17], 1), ([2, 3, 5], 1), ([2, 33], 1), ([2, 16], 1),
    ]
    for (shape, axis) in cases {
      laws.append(
        Law(
          name: "logSumExp along \(axis)", shapes: [shape], range: -6...6,
          operation: { try $0[0].logSumExp(axis: axis) }
        ) { reduced($0[0], axis) { _ in true } })
      // Keeps the places whose indices' sum is no multiple of three, and the first of each row.
      let kept: @Sendable ([Int]) -> Bool = {
        $0.reduce(0, +) % 3 != 0 || $0[axis] == 0
      }
      let values = Naive.places(shape).map { Float(kept($0) ? 1 : 0) }
      laws.append(
        Law(
          name: "masked logSumExp along \(axis)", shapes: [shape], range: -6...6,
          operation: {
            try $0[0].logSumExp(axis: axis, mask: Tensor(values, shape: shape))
          }
        ) { reduced($0[0], axis, kept) })
      guard axis == shape.count - 1 else { continue }
      laws.append(
        Law(
          name: "masked softmax", shapes: [shape], range: -6...6,
          operation: { try $0[0].softmax(mask: Tensor(values, shape: shape)) }
        ) { input in
          let sums = reduced(input[0], axis, kept)
          return Naive(shape) {
            kept($0) ? exp(input[0][$0] - sums[$0.dropLast()]) : 0
          }
        })
    }
    // One mask of [T, T] serves every leading place, as causal attention wants it.
    let triangle: [Float] = [1, 0, 0, 1, 1, 0, 1, 1, 1]
    laws.append(
      Law(
        name: "softmax with a shared mask", shapes: [[2, 4, 3, 3]],
        operation: { try $0[0].softmax(mask: Tensor(triangle, shape: [3, 3])) }
      ) { input in
        Naive([2, 4, 3, 3]) { place in
          let row = (0...place[2]).map { input[0][place.dropLast() + [$0]] }
          return place[3] <= place[2] ? soft(row)[place[3]] : 0
        }
      })
    laws.append(
      Law(
        name: "logSumExp with a shared mask", shapes: [[2, 3, 4]],
        operation: {
          try $0[0].logSumExp(
            axis: 1, mask: Tensor([1, 0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 1], shape: [3, 4]))
        }
      ) { input in
        let kept = [1, 0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 1]
        return reduced(input[0], 1) { kept[$0[1] * 4 + $0[2]] == 1 }
      })
    return laws
  }()

  static let categoricals: [Law] = {
    var laws: [Law] = []
    for shape in [[4, 5], [1, 1], [3, 17], [2, 2, 3], [6]] {
      laws.append(
        Law(name: "entropy", shapes: [shape], operation: { try $0[0].entropy() }) {
          $0[0].rows { soft($0).map { -$0 * log($0) } }.sum([shape.count - 1])
        })
      laws.append(
        Law(
          name: "categoricalDivergence", shapes: [shape, shape],
          operation: { try $0[0].categoricalDivergence(fromLogits: $0[1]) }
        ) {
          $0[0].rows(soft).with($0[1].rows(soft)) { $0 * log($0 / $1) }.sum([shape.count - 1])
        })
      laws.append(
        Law(
          name: "divergence of targets", shapes: [shape],
          operation: { try $0[0].divergence(ofTargets: targets(shape)) }
        ) {
          Naive(targets(shape)).with($0[0].rows(soft)) { $0 * log($0 / $1) }.sum([shape.count - 1])
        })
    }
    for (shape, prior) in [([4, 5], nil), ([1, 1], nil), ([3, 17], -2)] as [([Int], Float?)] {
      laws.append(
        Law(
          name: "marginalBound", shapes: [shape, shape],
          operation: {
            try $0[0].marginalBound(
              of: $0[1], logPrior: prior.map { .filled($0, shape: [shape[1]]) })
          }
        ) {
          let logPrior = prior.map(Double.init) ?? -log(Double(shape[1]))
          return $0[0].rows(soft).with($0[1]) { q, bound in q * (bound - log(q) + logPrior) }
            .perExample
        })
    }
    return laws
  }()

  static let likelihoods: [Law] = {
    var laws: [Law] = []
    for shape in batches {
      laws.append(
        Law(
          name: "bernoulliNegativeLogLikelihood", shapes: [shape], range: -5...5,
          operation: { try $0[0].bernoulliNegativeLogLikelihood(of: targets(shape)) }
        ) {
          $0[0].with(Naive(targets(shape))) { l, t in
            let p = 1 / (1 + exp(-l))
            return -t * log(p) - (1 - t) * log(1 - p)
          }.perExample
        })
      laws.append(
        Law(
          name: "gaussianNegativeLogLikelihood", shapes: [shape, shape],
          operation: {
            try $0[0].gaussianNegativeLogLikelihood(of: targets(shape), logVariance: $0[1])
          }
        ) { input in
          let t = Naive(targets(shape))
          return Naive(shape) { place in
            let variance = exp(input[1][place])
            let difference = t[place] - input[0][place]
            return difference * difference / (2 * variance) + 0.5 * log(2 * .pi * variance)
          }.perExample
        })
      laws.append(
        Law(
          name: "gaussianNegativeLogLikelihood of deviation 0.3", shapes: [shape],
          operation: {
            try $0[0].gaussianNegativeLogLikelihood(of: targets(shape), deviation: 0.3)
          }
        ) {
          let deviation = Double(Float(0.3))
          return $0[0].with(Naive(targets(shape))) { mean, t in
            let score = (t - mean) / deviation
            return score * score / 2 + log(deviation * (2 * Double.pi).squareRoot())
          }.perExample
        })
    }
    return laws
  }()

  static let divergences: [Law] = {
    var laws: [Law] = []
    for shape in batches {
      laws.append(
        Law(
          name: "gaussianDivergence", shapes: [shape, shape],
          operation: { try $0[0].gaussianDivergence(logVariance: $0[1]) }
        ) {
          $0[0].with($0[1]) { 0.5 * ($0 * $0 + exp($1) - 1 - $1) }.perExample
        })
      laws.append(
        Law(
          name: "gaussianDivergence from another", shapes: [shape, shape, shape, shape],
          range: -1...1,
          operation: {
            try $0[0].gaussianDivergence(logVariance: $0[1], fromMean: $0[2], logVariance: $0[3])
          }
        ) { input in
          Naive(shape) { place in
            let (mean, s, other, r) = (
              input[0][place], input[1][place], input[2][place], input[3][place]
            )
            let square = (mean - other) * (mean - other)
            return 0.5 * (r - s + (exp(s) + square) / exp(r) - 1)
          }.perExample
        })
      laws.append(
        Law(
          name: "reparameterised", shapes: [shape, shape],
          operation: { try $0[0].reparameterised(logVariance: $0[1], noise: targets(shape)) }
        ) { input in
          let noise = Naive(targets(shape))
          return Naive(shape) { input[0][$0] + exp(input[1][$0] / 2) * noise[$0] }
        })
    }
    return laws
  }()

  static let logistics: [Law] =
    batches.flatMap { shape in
      [256, 2, 9].map { levels in
        let steps = Float(levels - 1)
        let t = targets(shape)
        let quantised = t.scalars.enumerated().map { i, value in
          // Both edge bins occur.
          i % 5 == 0 ? 0 : i % 5 == 1 ? 1 : (value * steps).rounded() / steps
        }
        return Law(
          name: "discretisedLogisticNegativeLogLikelihood with \(levels) levels",
          shapes: [shape, shape], range: -1.5...1.5,
          operation: {
            try $0[0].discretisedLogisticNegativeLogLikelihood(
              of: Tensor(quantised, shape: shape), logScale: $0[1], levels: levels)
          }
        ) { input in
          let targets = Naive(shape, quantised.map(Double.init))
          let half = 0.5 / Double(steps)
          return Naive(shape) { place in
            let (x, scale) = (targets[place], exp(input[1][place]))
            func below(_ edge: Double) -> Double {
              1 / (1 + exp(-(edge - input[0][place]) / scale))
            }
            let upper = x > 0.999 ? 1 : below(x + half)
            let lower = x < 0.001 ? 0 : below(x - half)
            return -log(upper - lower)
          }.perExample
        }
      }
    }
}
