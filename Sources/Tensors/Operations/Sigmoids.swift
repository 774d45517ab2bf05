import Compute

extension Tensor {
  /// The hyperbolic tangent.
  public func tanh() throws(TensorError) -> Tensor {
    let output = try applying(.tanh, operation: "tanh")
    return try Tape.record("tanh", [self], output: output) {
      (upstream, _) throws(TensorError) in
      [upstream.zipped(output) { $0 * (1 - $1 * $1) }]
    }
  }

  /// The logistic function `1 / (1 + exp(−x))`.
  public func sigmoid() throws(TensorError) -> Tensor {
    let output = try applying(.sigmoid, operation: "sigmoid")
    return try Tape.record("sigmoid", [self], output: output) {
      (upstream, _) throws(TensorError) in
      [upstream.zipped(output) { $0 * $1 * (1 - $1) }]
    }
  }
}
