import Compute

extension Tensor {
  /// The negative log-likelihood of quantised targets under a logistic distribution with these means,
  /// cut into bins, in nats, summed over each example (Salimans et al., 2017, equation 2).
  ///
  /// Shapes: means μ, log-scales s and targets t `[N, ...]` give `[N]`. Targets are `k / (levels − 1)`
  /// for k from 0 to `levels − 1`, and a bin reaches half a step to both sides; the first and the last
  /// reach to infinity. With `a` and `b` the upper and the lower edge, less μ, over the scale e^s,
  /// `log(σ(a) − σ(b)) = −softplus(−a) − softplus(b) + log(1 − e^(b − a))`, which is exact however far
  /// the target lies out; the edge bins leave out what they do not have. The targets are constants.
  ///
  /// - Throws: `TensorError.shape` when the shapes differ or the batch is empty;
  ///   `TensorError.argument` for fewer than two levels.
  public func discretisedLogisticNegativeLogLikelihood(
    of targets: Tensor, logScale: Tensor, levels: Int = 256
  ) throws(TensorError) -> Tensor {
    let operation = "discretisedLogisticNegativeLogLikelihood"
    guard levels >= 2 else {
      throw .argument(
        operation: operation, name: "levels", value: "\(levels)", fix: "there are at least two")
    }
    let width = try exampleWidth(operation, [targets, logScale])
    let (mean, t, s) = (detached, targets.detached, logScale.detached)
    let half = 0.5 / Float(levels - 1)
    let output = exampleSums(width, t, s) { mean, t, s in
      let bin = Bin(mean, t, s, half)
      let upper = bin.withoutLast((-bin.a).softplus)
      let lower = bin.withoutFirst(bin.b.softplus)
      let inside = (-(-bin.width).exponentialMinusOne).naturalLogarithm
      return upper + lower - bin.withoutFirst(bin.withoutLast(inside))
    }
    return try Tape.record(operation, [self, logScale], output: output) {
      (upstream, needed) throws(TensorError) in
      let (first, second) = upstream.exampleGradientPairs(width, mean, t, s) { g, mean, t, s in
        let bin = Bin(mean, t, s, half)
        let upper = bin.withoutLast((-bin.a).logistic)
        let lower = bin.withoutFirst(bin.b.logistic)
        // δ / (e^δ − 1), whose numerator must not overflow.
        let delta = bin.width.clampedKeepingNaN(to: 0, 80)
        let lessThanOne = (-delta).exponentialMinusOne
        let inside = bin.withoutFirst(bin.withoutLast(delta * (1 + lessThanOne) / -lessThanOne))
        return (
          g * (upper - lower) * bin.inverseScale, g * (bin.a * upper - bin.b * lower + inside)
        )
      }
      return [needed[0] ? first : nil, needed[1] ? second : nil]
    }
  }
}

/// The bins of sixteen targets, in units of their scales around their means.
private struct Bin {
  let a: Elementwise.Vector
  let b: Elementwise.Vector
  /// `a − b`, which the difference would lose far out.
  let width: Elementwise.Vector
  let inverseScale: Elementwise.Vector
  let isFirst: SIMDMask<SIMD16<Int32>>
  let isLast: SIMDMask<SIMD16<Int32>>

  @inline(__always)
  init(
    _ mean: Elementwise.Vector, _ target: Elementwise.Vector, _ logScale: Elementwise.Vector,
    _ half: Float
  ) {
    inverseScale = (-logScale).exponential
    let difference = target - mean
    a = (difference + half) * inverseScale
    b = (difference - half) * inverseScale
    width = inverseScale * (2 * half)
    isFirst = target .< Elementwise.Vector(repeating: half)
    isLast = target .> Elementwise.Vector(repeating: 1 - half)
  }

  @inline(__always)
  func withoutFirst(_ value: Elementwise.Vector) -> Elementwise.Vector {
    value.replacing(with: 0, where: isFirst)
  }

  @inline(__always)
  func withoutLast(_ value: Elementwise.Vector) -> Elementwise.Vector {
    value.replacing(with: 0, where: isLast)
  }
}
