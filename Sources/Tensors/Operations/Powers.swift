import Compute

extension Tensor {
  /// The square of each value.
  public func squared() throws(TensorError) -> Tensor {
    let input = detached
    return try Tape.record("squared", [self], output: mapped { $0 * $0 }) {
      (upstream, _) throws(TensorError) in
      [upstream.zipped(input) { 2 * $0 * $1 }]
    }
  }

  /// The square root of each value; its derivative is infinite at zero.
  public func squareRoot() throws(TensorError) -> Tensor {
    let output = mapped { $0.squareRoot() }
    return try Tape.record("squareRoot", [self], output: output) {
      (upstream, _) throws(TensorError) in
      [upstream.zipped(output) { 0.5 * $0 / $1 }]
    }
  }

  /// The absolute value; its derivative at zero is zero.
  public func absolute() throws(TensorError) -> Tensor {
    let input = detached
    return try Tape.record("absolute", [self], output: mapped { $0.magnitude }) {
      (upstream, _) throws(TensorError) in
      [
        upstream.zipped(input) {
          $0.replacing(with: -$0, where: $1 .< 0).replacing(with: 0, where: $1 .== 0)
        }
      ]
    }
  }
}
