import Compute

extension Tensor {
  /// The x of `self · x = right`, through the factorisation with pivoting.
  ///
  /// Shapes: `[n, n]` with a right side `[n, k]` gives `[n, k]`. Computed in double precision. With
  /// `h = self⁻ᵀ g` the derivatives are `−h xᵀ` for this matrix and `h` for the right side.
  ///
  /// - Throws: `TensorError.shape` when the shapes do not fit, a size is zero, or the matrix is singular;
  ///   `TensorError.notFinite` for values that are not finite.
  public func solved(_ right: Tensor) throws(TensorError) -> Tensor {
    try solve(right, operation: "solved", symmetric: false)
  }

  /// The x of `self · x = right` for a symmetric positive definite matrix, through Cholesky's
  /// factorisation.
  ///
  /// Shapes: `[n, n]` with a right side `[n, k]` gives `[n, k]`. The matrix used is the mean of this one
  /// and its transpose. Computed in double precision. With `h = self⁻¹ g` the derivatives are
  /// `−½ (h xᵀ + x hᵀ)` for this matrix and `h` for the right side.
  ///
  /// - Throws: `TensorError.shape` when the shapes do not fit, a size is zero, or the matrix is not
  ///   positive definite; `TensorError.notFinite` for values that are not finite.
  public func choleskySolved(_ right: Tensor) throws(TensorError) -> Tensor {
    try solve(right, operation: "choleskySolved", symmetric: true)
  }

  private func solve(
    _ right: Tensor, operation: String, symmetric: Bool
  ) throws(TensorError) -> Tensor {
    try checkSystem(right, operation: operation)
    guard shape[0] == shape[1] else {
      throw .shape(
        operation: operation, shapes: [shape, right.shape],
        fix: "the matrix must be square; leastSquares serves others")
    }
    let (size, sides) = (shape[0], right.shape[1])
    let factorisation = try computing(operation, [shape, right.shape]) {
      () throws(ComputeError) in
      try withExtendedLifetime(self) { () throws(ComputeError) in
        try symmetric
          ? Factorisation(symmetric: pointer, size: size) : Factorisation(pointer, size: size)
      }
    }
    let output = withExtendedLifetime(right) {
      Tensor.written([size, sides]) { target in
        factorisation.solve(right.pointer, right: sides, into: target)
      }
    }
    return try Tape.record(operation, [self, right], output: output) {
      (upstream, needed) throws(TensorError) in
      let side = withExtendedLifetime(upstream) {
        Tensor.written([size, sides]) { target in
          factorisation.solve(upstream.pointer, right: sides, transposing: true, into: target)
        }
      }
      guard needed[0] else { return [nil, side] }
      var matrix = try -side.matrixProduct(output, transposingRight: true)
      if symmetric { matrix = try (matrix + matrix.transposed()) * 0.5 }
      return [matrix, side]
    }
  }
}
