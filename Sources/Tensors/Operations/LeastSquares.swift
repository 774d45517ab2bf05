import Compute

extension Tensor {
  /// The x of least norm among those that make `‖self · x − right‖` least, and the rank of this matrix.
  ///
  /// Shapes: `[m, n]` with a right side `[m, k]` gives `[n, k]`. Singular values below `cutoff` times the
  /// greatest count as zero, so columns may depend on each other; rounding to single precision leaves
  /// about a tenth of the default. Computed in double precision; off the tape.
  ///
  /// - Throws: `TensorError.shape` when the shapes do not fit or a size is zero; `TensorError.notFinite`
  ///   for values that are not finite.
  public func leastSquares(
    _ right: Tensor, cutoff: Double = 1e-6
  ) throws(TensorError) -> (solution: Tensor, rank: Int) {
    try checkSystem(right, operation: "leastSquares")
    let (rows, columns, sides) = (shape[0], shape[1], right.shape[1])
    var found = 0
    let solution = try computing("leastSquares", [shape, right.shape]) { () throws(ComputeError) in
      try withExtendedLifetime((self, right)) { () throws(ComputeError) in
        try Tensor.written([columns, sides]) { (target) throws(ComputeError) in
          found = try LeastSquares.solve(
            pointer, rows: rows, columns: columns, right.pointer, right: sides, cutoff: cutoff,
            into: target)
        }
      }
    }
    return (solution, found)
  }

  /// The x that makes `‖self · x − right‖² + penalty ‖x‖²` least (Hoerl and Kennard, 1970).
  ///
  /// Shapes: `[m, n]` with a right side `[m, k]` gives `[n, k]`. Through Cholesky's factorisation, in
  /// double precision; off the tape.
  ///
  /// - Throws: `TensorError.shape` when the shapes do not fit, a size is zero, or the penalty is too
  ///   small for columns that depend on each other; `TensorError.argument` for a negative penalty;
  ///   `TensorError.notFinite` for values that are not finite.
  public func ridgeRegression(
    _ right: Tensor, penalty: Float
  ) throws(TensorError) -> Tensor {
    try checkSystem(right, operation: "ridgeRegression")
    guard penalty >= 0, penalty.isFinite else {
      throw .argument(
        operation: "ridgeRegression", name: "penalty", value: "\(penalty)",
        fix: "it must be at least 0")
    }
    let (rows, columns, sides) = (shape[0], shape[1], right.shape[1])
    return try computing("ridgeRegression", [shape, right.shape]) { () throws(ComputeError) in
      try withExtendedLifetime((self, right)) { () throws(ComputeError) in
        try Tensor.written([columns, sides]) { (target) throws(ComputeError) in
          try LeastSquares.ridge(
            pointer, rows: rows, columns: columns, right.pointer, right: sides,
            penalty: Double(penalty), into: target)
        }
      }
    }
  }

  /// Checks this matrix and a right side of a linear system.
  func checkSystem(_ right: Tensor, operation: String) throws(TensorError) {
    guard rank == 2, right.rank == 2, right.shape[0] == shape[0], count > 0, right.count > 0 else {
      throw .shape(
        operation: operation, shapes: [shape, right.shape],
        fix: "both are matrices with as many rows, at least one, and no size is zero")
    }
    guard isFinite, right.isFinite else {
      throw .notFinite(path: "the system of \(operation)", fix: "check what it was made from")
    }
  }
}
