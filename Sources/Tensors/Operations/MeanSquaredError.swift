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
    let (values, target, count) = (detached, target.detached, count)
    let sum = withExtendedLifetime((values, target)) {
      Reduction.sumOfSquaredDifferences(values.pointer, target.pointer, count: count)
    }
    let loss = Tensor(sum / Float(count))
    return try Tape.record("meanSquaredError", [self], output: loss) {
      (upstream, _) throws(TensorError) in
      let factor = 2 * upstream.first / Float(count)
      return [
        withExtendedLifetime((values, target)) {
          .written(values.shape) {
            Elementwise.scaleDifference(
              values.pointer, target.pointer, by: factor, into: $0, count: count)
          }
        }
      ]
    }
  }
}
