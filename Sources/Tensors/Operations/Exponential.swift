import Compute

extension Tensor {
  /// The power of e.
  public func exponential() throws(TensorError) -> Tensor {
    let output = try applying(.exponential, operation: "exponential")
    return try Tape.record("exponential", [self], output: output) {
      (upstream, _) throws(TensorError) in
      [upstream.zipped(output) { $0 * $1 }]
    }
  }

  /// The natural logarithm; minus infinity at zero, not a number below.
  public func logarithm() throws(TensorError) -> Tensor {
    let (output, input) = (try applying(.logarithm, operation: "logarithm"), detached)
    return try Tape.record("logarithm", [self], output: output) {
      (upstream, _) throws(TensorError) in
      [upstream.zipped(input) { $0 / $1 }]
    }
  }
}
