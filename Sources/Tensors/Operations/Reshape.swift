import Compute

extension Tensor {
  /// The same values in another shape, without a copy.
  ///
  /// - Throws: `TensorError.shape` when the number of values differs.
  public func reshaped(_ shape: [Int]) throws(TensorError) -> Tensor {
    guard shape.allSatisfy({ $0 >= 0 }), shape.product == count else {
      throw .shape(
        operation: "reshaped", shapes: [self.shape, shape],
        fix: "the new sizes must multiply to \(count)")
    }
    let old = self.shape
    let output = Tensor(shape: shape, buffer: buffer, offset: offset)
    return try Tape.record("reshaped", [self], output: output) {
      (upstream, _) throws(TensorError) in
      [Tensor(shape: old, buffer: upstream.buffer, offset: upstream.offset)]
    }
  }

  /// The transpose of a matrix.
  ///
  /// - Throws: `TensorError.shape` unless the rank is 2.
  public func transposed() throws(TensorError) -> Tensor {
    guard rank == 2 else {
      throw .shape(
        operation: "transposed", shapes: [shape], fix: "only a matrix [rows, columns] has one")
    }
    let (rows, columns) = (shape[0], shape[1])
    let output = withExtendedLifetime(self) {
      Tensor.written([columns, rows]) { target in
        let source = pointer
        Parallel.ranges(columns, grain: Swift.max(1, Elementwise.grain / Swift.max(1, rows))) {
          range in
          // Strips of rows keep the lines that are read in the cache.
          for strip in stride(from: 0, to: rows, by: 32) {
            for c in range {
              for r in strip..<Swift.min(rows, strip + 32) {
                target[c &* rows &+ r] = source[r &* columns &+ c]
              }
            }
          }
        }
      }
    }
    return try Tape.record("transposed", [self], output: output) {
      (upstream, _) throws(TensorError) in [try upstream.transposed()]
    }
  }
}
