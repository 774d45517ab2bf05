import Compute

extension Tensor {
  /// The product of two matrices, each of them transposed first if so asked.
  ///
  /// Shapes: `[m, k]` and `[k, n]` give `[m, n]`; a transposed operand is stored as `[k, m]` or
  /// `[n, k]`.
  ///
  /// - Throws: `TensorError.shape` when the inner sizes differ or an operand is no matrix;
  ///   `TensorError.argument` for a precision that the processor does not have.
  public func matrixProduct(
    _ other: Tensor, transposingLeft: Bool = false, transposingRight: Bool = false,
    precision: Precision = .float32
  ) throws(TensorError) -> Tensor {
    try precision.check(for: "matrixProduct")
    guard rank == 2, other.rank == 2 else {
      throw .shape(
        operation: "matrixProduct", shapes: [shape, other.shape], fix: "both must be matrices")
    }
    let (rows, inner) = transposingLeft ? (shape[1], shape[0]) : (shape[0], shape[1])
    let (columns, otherInner) =
      transposingRight
      ? (other.shape[0], other.shape[1]) : (other.shape[1], other.shape[0])
    guard inner == otherInner else {
      throw .shape(
        operation: "matrixProduct", shapes: [shape, other.shape],
        fix: "the inner sizes are \(inner) and \(otherInner)"
          + (transposingLeft || transposingRight ? " after transposing" : "")
          + "; they must be equal")
    }
    let output = try computing("matrixProduct", [shape, other.shape]) { () throws(ComputeError) in
      try withExtendedLifetime((self, other)) { () throws(ComputeError) in
        try Tensor.written([rows, columns]) { (target) throws(ComputeError) in
          try MatrixProduct.multiply(
            rows: rows, columns: columns, inner: inner, pointer, other.pointer,
            transposingLeft: transposingLeft, transposingRight: transposingRight, into: target,
            factors: precision.factors)
        }
      }
    }
    let (a, b) = (detached, other.detached)
    return try Tape.record("matrixProduct", [self, other], output: output) {
      (upstream, needed) throws(TensorError) in
      let left: Tensor? =
        if !needed[0] {
          nil
        } else if transposingLeft {
          try b.matrixProduct(
            upstream, transposingLeft: transposingRight, transposingRight: true,
            precision: precision)
        } else {
          try upstream.matrixProduct(
            b, transposingRight: !transposingRight, precision: precision)
        }
      let right: Tensor? =
        if !needed[1] {
          nil
        } else if transposingRight {
          try upstream.matrixProduct(
            a, transposingLeft: true, transposingRight: transposingLeft, precision: precision)
        } else {
          try a.matrixProduct(
            upstream, transposingLeft: !transposingLeft, precision: precision)
        }
      return [left, right]
    }
  }
}
