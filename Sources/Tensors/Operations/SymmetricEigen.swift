import Compute

extension Tensor {
  /// The eigenvalues and eigenvectors of a symmetric matrix.
  ///
  /// Shapes: `[n, n]` gives `values` `[n]`, in ascending order, and `vectors` `[n, n]`, whose column
  /// `i` belongs to value `i`: `self · vectors = vectors · diag(values)`. The vectors are orthonormal,
  /// and the component of greatest magnitude of each is positive. Off the tape.
  ///
  /// - Throws: `TensorError.shape` when the matrix is not square; `TensorError.notFinite` when it has
  ///   values that are not finite.
  public func symmetricEigen() throws(TensorError) -> (values: Tensor, vectors: Tensor) {
    guard rank == 2, shape[0] == shape[1] else {
      throw .shape(operation: "symmetricEigen", shapes: [shape], fix: "the matrix must be square")
    }
    guard isFinite else {
      throw .notFinite(path: "the matrix of symmetricEigen", fix: "check what it was made from")
    }
    let size = shape[0]
    let values = Buffer(count: size)
    let vectors = try computing("symmetricEigen", [shape]) { () throws(ComputeError) in
      try Tensor.written(shape) { (target) throws(ComputeError) in
        target.update(from: pointer, count: count)
        try SymmetricEigen.decompose(target, size: size, values: values.pointer)
      }
    }
    return (Tensor(shape: [size], buffer: values, offset: 0), try vectors.transposed())
  }
}
