import Compute

extension Tensor {
  /// The place of the greatest value along the last dimension, the first of equals, row by row.
  ///
  /// - Throws: `TensorError.shape` for a scalar or an empty last dimension.
  public func argumentOfMaximum() throws(TensorError) -> [Int] {
    guard rank > 0, let width = shape.last, width > 0 else {
      throw .shape(
        operation: "argumentOfMaximum", shapes: [shape],
        fix: "it works along a last dimension that is not empty")
    }
    return withUnsafeScalars { values in
      (0..<values.count / width).map { row in
        var best = 0
        for place in 1..<Swift.max(1, width)
        where values[row * width + place] > values[row * width + best] {
          best = place
        }
        return best
      }
    }
  }

  /// Whether no value is infinite or not a number.
  public var isFinite: Bool {
    withExtendedLifetime(self) { Reduction.allFinite(pointer, count: count) }
  }
}
