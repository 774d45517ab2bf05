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
    let (rows, shape) = (count / width, shape)
    let output = withExtendedLifetime((logits, t)) {
      Tensor.written([rows]) {
        LikelihoodSums.bernoulli(
          logits: logits.pointer, targets: t.pointer, into: $0, rows: rows, width: width)
      }
    }
    return try Tape.record(operation, [self], output: output) {
      (upstream, _) throws(TensorError) in
      [
        withExtendedLifetime((upstream, logits, t)) {
          .written(shape) {
            LikelihoodSums.bernoulliGradient(
              upstream.pointer, logits: logits.pointer, targets: t.pointer, into: $0, rows: rows,
              width: width)
          }
        }
      ]
    }
  }
}
