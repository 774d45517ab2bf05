import Compute

extension Tensor {
  /// The codes a of these signals that make `½‖x − Dᵀ a‖² + penalty Σ a` least over `a ≥ 0`: the
  /// non-negative lasso.
  ///
  /// Shapes: signals `[N, F]` and a dictionary `[K, F]`, an atom a row, give codes `[N, K]`;
  /// `codes.matrixProduct(dictionary)` is what they stand for, and the other half of a paired dictionary
  /// decodes them elsewhere (Vondrick et al., HOGgles, ICCV 2013). Coordinate descent in the atoms' order
  /// (Friedman et al., 2007), on the precomputed Gram matrix, in double precision. The sweeps over a signal
  /// end when its duality gap is at most `tolerance` of its objective, or when they run out, which the
  /// convergence tells; it holds the most sweeps and the widest gap of all signals. Off the tape.
  ///
  /// - Throws: `TensorError.shape` when the shapes do not fit or a size is zero; `TensorError.argument`
  ///   for a penalty or a tolerance that is not positive, or no sweeps; `TensorError.notFinite` for values
  ///   that are not finite.
  public func nonNegativeCodes(
    in dictionary: Tensor, penalty: Float, sweeps: Int = 1000, tolerance: Float = 1e-6
  ) throws(TensorError) -> (codes: Tensor, convergence: Convergence) {
    let operation = "nonNegativeCodes"
    guard rank == 2, dictionary.rank == 2, shape[1] == dictionary.shape[1], count > 0,
      dictionary.count > 0
    else {
      throw .shape(
        operation: operation, shapes: [shape, dictionary.shape],
        fix: "both are matrices with as many columns, at least one, and no size is zero")
    }
    try Tensor.checkSolver(
      operation, ("penalty", penalty), sweeps: ("sweeps", sweeps), tolerance: tolerance)
    for (name, values) in [("a signal", self), ("the dictionary", dictionary)]
    where !values.isFinite {
      throw .notFinite(path: "\(name) of \(operation)", fix: "check what it was made from")
    }
    var course: SolverCourse?
    let codes = withExtendedLifetime((self, dictionary)) {
      Tensor.written([shape[0], dictionary.shape[0]]) { target in
        let lasso = NonNegativeLasso(
          dictionary.pointer, atoms: dictionary.shape[0], dimension: shape[1])
        course = lasso.encode(
          pointer, count: shape[0], penalty: Double(penalty), sweeps: sweeps,
          tolerance: Double(tolerance), into: target)
      }
    }
    return (codes, Convergence(course ?? .worst(of: [])))
  }
}
