import Compute

extension Tensor {
  /// The mean over all values of the squared difference from a target, a scalar.
  ///
  /// The target has the same shape and is a constant for the derivative.
  ///
  /// - Throws: `TensorError.shape` when the shapes differ or there are no values.
  public func meanSquaredError(_ target: Tensor) throws(TensorError) -> Tensor {
    guard target.shape == shape, count > 0 else {
      throw .shape(
        operation: "meanSquaredError", shapes: [shape, target.shape],
        fix: count > 0 ? "both must have one shape" : "there is no mean of no values")
    }
    let difference = zipped(target) { $0 - $1 }
    let count = Float(count)
    let loss = Tensor(difference.mapped { $0 * $0 }.total / count)
    return try Tape.record("meanSquaredError", [self], output: loss) {
      (upstream, _) throws(TensorError) in
      let factor = 2 * upstream.first / count
      return [difference.mapped { $0 * factor }]
    }
  }
}
