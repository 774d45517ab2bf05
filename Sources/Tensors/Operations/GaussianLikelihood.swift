import Compute
import Glibc

extension Tensor {
  /// The negative log-likelihood of targets under independent normal variables with these means, in
  /// nats, summed over each example.
  ///
  /// Shapes: `[N, ...]` three times give `[N]`. With means μ, log-variances s and targets t it is
  /// `½ Σ s + (t − μ)² e^(−s) + log 2π`; its derivatives are `(μ − t) e^(−s)` and
  /// `½ (1 − (μ − t)² e^(−s))`. The targets are constants. It grows without bound as s does to either
  /// side: clamp s to −7...7, say, where a network predicts it.
  ///
  /// - Throws: `TensorError.shape` when the shapes differ or the batch is empty.
  public func gaussianNegativeLogLikelihood(
    of targets: Tensor, logVariance: Tensor
  ) throws(TensorError) -> Tensor {
    let operation = "gaussianNegativeLogLikelihood"
    let width = try exampleWidth(operation, [targets, logVariance])
    let (mean, t, s) = (detached, targets.detached, logVariance.detached)
    let constant = logf(2 * .pi)
    let output = exampleSums(width, t, s) { mean, t, s in
      let difference = mean - t
      return (s + constant + difference * difference * (-s).exponential) * 0.5
    }
    return try Tape.record(operation, [self, logVariance], output: output) {
      (upstream, needed) throws(TensorError) in
      let (first, second) = upstream.exampleGradientPairs(width, mean, t, s) { g, mean, t, s in
        let difference = mean - t
        let scaled = difference * (-s).exponential
        return (g * scaled, g * 0.5 * (1 - difference * scaled))
      }
      return [needed[0] ? first : nil, needed[1] ? second : nil]
    }
  }

  /// The same for one known standard deviation σ: `Σ ½ ((t − μ) / σ)² + log σ + ½ log 2π`.
  ///
  /// - Throws: `TensorError.shape` when the shapes differ or the batch is empty;
  ///   `TensorError.argument` for a deviation that is not positive.
  public func gaussianNegativeLogLikelihood(
    of targets: Tensor, deviation: Float
  ) throws(TensorError) -> Tensor {
    let operation = "gaussianNegativeLogLikelihood"
    guard deviation > 0, deviation.isFinite else {
      throw .argument(
        operation: operation, name: "deviation", value: "\(deviation)",
        fix: "it must be positive")
    }
    let width = try exampleWidth(operation, [targets])
    let (mean, t) = (detached, targets.detached)
    let (constant, precision) = (logf(deviation) + 0.5 * logf(2 * .pi), 1 / deviation)
    let output = exampleSums(width, t, t) { mean, t, _ in
      let score = (mean - t) * precision
      return score * score * 0.5 + constant
    }
    return try Tape.record(operation, [self], output: output) {
      (upstream, _) throws(TensorError) in
      [
        upstream.exampleGradients(width, mean, t, t) { g, mean, t, _ in
          g * ((mean - t) * precision * precision)
        }
      ]
    }
  }
}
