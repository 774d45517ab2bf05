import Compute

extension Tensor {
  /// The singular value decomposition `self = left · diag(values) · right`.
  ///
  /// Shapes: `[m, n]` gives, with r the lesser of the two, `left` `[m, r]` of orthonormal columns,
  /// `values` `[r]` in descending order, and `right` `[r, n]` of orthonormal rows. The component of
  /// greatest magnitude of each left vector is positive. Computed in double precision; off the tape.
  ///
  /// - Throws: `TensorError.shape` when it is no matrix or a size is zero; `TensorError.notFinite` for
  ///   values that are not finite.
  public func singularValueDecomposition() throws(TensorError) -> (
    left: Tensor, values: Tensor, right: Tensor
  ) {
    guard rank == 2, count > 0 else {
      throw .shape(
        operation: "singularValueDecomposition", shapes: [shape],
        fix: "it must be a matrix, and no size is zero")
    }
    guard isFinite else {
      throw .notFinite(
        path: "the matrix of singularValueDecomposition", fix: "check what it was made from")
    }
    let (rows, columns) = (shape[0], shape[1])
    let least = Swift.min(rows, columns)
    let (left, values) = (Buffer(count: rows * least), Buffer(count: least))
    let right = try computing("singularValueDecomposition", [shape]) { () throws(ComputeError) in
      try withExtendedLifetime(self) { () throws(ComputeError) in
        try Tensor.written([least, columns]) { (target) throws(ComputeError) in
          try SingularValues.decompose(
            pointer, rows: rows, columns: columns, left: left.pointer, values: values.pointer,
            right: target)
        }
      }
    }
    return (
      Tensor(shape: [rows, least], buffer: left, offset: 0),
      Tensor(shape: [least], buffer: values, offset: 0), right
    )
  }
}
