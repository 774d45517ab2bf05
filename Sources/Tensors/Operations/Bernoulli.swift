import Compute

extension Tensor {
  /// The negative log-likelihood of targets under independent Bernoulli variables with these logits, in
  /// nats, summed over each example.
  ///
  /// Shapes: `[N, ...]` twice give `[N]`. With logits l and targets t from 0 to 1 it is
  /// `Σ softplus(l) − t l`, computed as `max(l, 0) − t l + log(1 + exp(−|l|))` in one pass, so that
  /// nothing overflows and nothing cancels. The derivative is `σ(l) − t`; the targets are constants.
  ///
  /// - Throws: `TensorError.shape` when the shapes differ or the batch is empty.
  public func bernoulliNegativeLogLikelihood(of targets: Tensor) throws(TensorError) -> Tensor {
    let operation = "bernoulliNegativeLogLikelihood"
    let width = try exampleWidth(operation, [targets])
    let (logits, t) = (detached, targets.detached)
    let output = exampleSums(width, t, t) { l, t, _ in
      let magnitude = l.magnitude
      return (l + magnitude) * 0.5 - t * l + (-magnitude).softplus
    }
    return try Tape.record(operation, [self], output: output) {
      (upstream, _) throws(TensorError) in
      // oneDNN's pass and one of ours: measured at a third of one fused pass of ours.
      let p = try logits.applying(.sigmoid, operation: operation)
      return [upstream.exampleGradients(width, p, t, t) { g, p, t, _ in g * (p - t) }]
    }
  }
}
