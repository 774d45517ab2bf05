import Compute

extension Tensor {
  /// The Kullback-Leibler divergence of a normal distribution with these means from the standard normal
  /// distribution, in nats, summed over each example.
  ///
  /// Shapes: means μ and log-variances s `[N, ...]` give `[N]`: `½ Σ μ² + e^s − 1 − s`, in one pass.
  /// Its derivatives are `μ` and `½ (e^s − 1)` (Kingma and Welling, 2014, appendix B).
  ///
  /// - Throws: `TensorError.shape` when the shapes differ or the batch is empty.
  public func gaussianDivergence(logVariance: Tensor) throws(TensorError) -> Tensor {
    let operation = "gaussianDivergence"
    let width = try exampleWidth(operation, [logVariance])
    let (mean, s) = (detached, logVariance.detached)
    let (rows, shape) = (count / width, shape)
    let output = withExtendedLifetime((mean, s)) {
      Tensor.written([rows]) {
        LikelihoodSums.gaussianDivergence(
          mean: mean.pointer, logVariance: s.pointer, into: $0, rows: rows, width: width)
      }
    }
    return try Tape.record(operation, [self, logVariance], output: output) {
      (upstream, needed) throws(TensorError) in
      withExtendedLifetime((upstream, mean, s)) {
        [
          needed[0]
            ? .written(shape) {
              LikelihoodSums.scaleExamples(
                mean.pointer, by: upstream.pointer, into: $0, rows: rows, width: width)
            } : nil,
          needed[1]
            ? .written(shape) {
              LikelihoodSums.gaussianDivergenceGradient(
                upstream.pointer, logVariance: s.pointer, into: $0, rows: rows, width: width)
            } : nil,
        ]
      }
    }
  }

  /// The Kullback-Leibler divergence of a normal distribution with these means from another, both with
  /// independent components, in nats, summed over each example.
  ///
  /// Shapes: means μ, m and log-variances s, r `[N, ...]` give `[N]`:
  /// `½ Σ e^(s − r) − 1 − (s − r) + (μ − m)² e^(−r)`. All four get gradients.
  ///
  /// - Throws: `TensorError.shape` when the shapes differ or the batch is empty.
  public func gaussianDivergence(
    logVariance: Tensor, fromMean otherMean: Tensor, logVariance otherLogVariance: Tensor
  ) throws(TensorError) -> Tensor {
    let operation = "gaussianDivergence"
    let width = try exampleWidth(operation, [logVariance, otherMean, otherLogVariance])
    // It depends on two differences and on the other's log-variance alone.
    let difference = zipped(otherMean) { $0 - $1 }
    let excess = logVariance.zipped(otherLogVariance) { $0 - $1 }
    let r = otherLogVariance.detached
    let output = difference.exampleSums(width, excess, r) { d, e, r in
      (e.exponentialMinusOne - e + d * d * (-r).exponential) * 0.5
    }
    let inputs = [self, logVariance, otherMean, otherLogVariance]
    return try Tape.record(operation, inputs, output: output) {
      (upstream, needed) throws(TensorError) in
      let mean: Tensor? =
        !(needed[0] || needed[2])
        ? nil
        : upstream.exampleGradients(width, difference, excess, r) { g, d, _, r in
          g * d * (-r).exponential
        }
      let own: Tensor? =
        !needed[1]
        ? nil
        : upstream.exampleGradients(width, difference, excess, r) { g, _, e, _ in
          g * 0.5 * e.exponentialMinusOne
        }
      let other: Tensor? =
        !needed[3]
        ? nil
        : upstream.exampleGradients(width, difference, excess, r) { g, d, e, r in
          g * -0.5 * (e.exponentialMinusOne + d * d * (-r).exponential)
        }
      return [
        needed[0] ? mean : nil, own, needed[2] ? mean?.mapped { -$0 } : nil, other,
      ]
    }
  }
}
