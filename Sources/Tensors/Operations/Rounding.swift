import Compute

// Steps that a quantiser takes: their slope is zero almost everywhere, so the gradient passes straight through
// (Bengio et al., 2013).

extension Tensor {
  /// Each value rounded to the nearest whole number, halves to the even one.
  ///
  /// The gradient passes straight through, as if the result were this tensor: the rounding of finite
  /// scalar quantisation (Mentzer et al., 2023). What is not a number stays so.
  public func rounded() throws(TensorError) -> Tensor {
    try Tape.record("rounded", [self], output: mapped { $0.rounded(.toNearestOrEven) }) {
      (upstream, _) throws(TensorError) in [upstream]
    }
  }

  /// −1 for each negative value, +1 for the others, zero among them.
  ///
  /// The gradient passes straight through, as if the result were this tensor: the two codes a
  /// dimension of look-up free quantisation (Yu et al., 2023). What is not a number stays so.
  public func signs() throws(TensorError) -> Tensor {
    let output = mapped { x in
      Elementwise.Vector(repeating: 1).replacing(with: -1, where: x .< 0)
        .replacing(with: x, where: x .!= x)
    }
    return try Tape.record("signs", [self], output: output) {
      (upstream, _) throws(TensorError) in [upstream]
    }
  }
}
