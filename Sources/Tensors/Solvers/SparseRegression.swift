import Compute

/// A linear map from features to targets that uses few of the features.
public struct SparseRegression: Sendable {
  /// The coefficients, `[D, T]`: zero but for the picks.
  public let coefficients: Tensor
  /// What is added to each target, `[T]`: zero unless the regression was centred.
  public let constants: Tensor
  /// The features of each target, in the order in which they were picked.
  public let picks: [[Int]]

  /// The targets `[N, T]` of features `[N, D]`.
  ///
  /// - Throws: `TensorError.shape` when the features have another number of columns.
  public func predict(_ features: Tensor) throws(TensorError) -> Tensor {
    try features.detached.matrixProduct(coefficients) + constants
  }
}

extension Tensor {
  /// Least squares with at most `features` of this matrix's columns for each target: the column that
  /// leaves the least, once all coefficients are fitted anew, is picked, again and again.
  ///
  /// Shapes: `[N, D]` with targets `[N, T]`. The objective is `‖self · x − targets‖² + penalty ‖x‖²`, each
  /// pick is the best with respect to it, and so are the coefficients after every pick. Targets pick on
  /// their own, so that a row of an equivariance map has few entries (Lenc and Vedaldi, CVPR 2015,
  /// arXiv:1411.5908), or `sharing` the same columns. `centring` fits constants beside, which have no
  /// penalty. Picks end early when what they leave is `tolerance` of the target's length, or when no other
  /// column is independent of them. Also called orthogonal least squares (Chen, Billings and Luo, 1989).
  /// Computed in double precision from the Gram matrix, of 8 · D² bytes; off the tape.
  ///
  /// - Throws: `TensorError.shape` when the shapes do not fit or a size is zero; `TensorError.argument`
  ///   for a number of features outside 1...D, or a negative penalty or tolerance;
  ///   `TensorError.notFinite` for values that are not finite.
  public func forwardSelection(
    _ targets: Tensor, features: Int, sharing: Bool = false, penalty: Float = 0,
    centring: Bool = false, tolerance: Float = 1e-6
  ) throws(TensorError) -> SparseRegression {
    try select(
      .forward, "forwardSelection", targets, features: features, sharing: sharing,
      penalty: penalty, centring: centring, tolerance: tolerance)
  }

  /// Least squares with at most `features` of this matrix's columns for each target: the column whose
  /// angle with what is left is least is picked, and all coefficients are fitted anew, again and again.
  ///
  /// Pati, Rezaiifar and Krishnaprasad, 1993; with `sharing`, by the sum over the targets of the squares
  /// (Tropp, Gilbert and Strauss, 2006, with squares for absolute values). All else is as in
  /// `forwardSelection`; columns count as if they had length 1.
  public func orthogonalMatchingPursuit(
    _ targets: Tensor, features: Int, sharing: Bool = false, penalty: Float = 0,
    centring: Bool = false, tolerance: Float = 1e-6
  ) throws(TensorError) -> SparseRegression {
    try select(
      .matching, "orthogonalMatchingPursuit", targets, features: features, sharing: sharing,
      penalty: penalty, centring: centring, tolerance: tolerance)
  }

  private func select(
    _ rule: SelectionRule, _ operation: String, _ targets: Tensor, features: Int, sharing: Bool,
    penalty: Float, centring: Bool, tolerance: Float
  ) throws(TensorError) -> SparseRegression {
    try checkSystem(targets, operation: operation)
    let (rows, width, count) = (shape[0], shape[1], targets.shape[1])
    guard (1...width).contains(features) else {
      throw .argument(
        operation: operation, name: "features", value: "\(features)",
        fix: "pick from 1 to \(width), as many as there are columns")
    }
    for (name, value) in [("penalty", penalty), ("tolerance", tolerance)]
    where value < 0 || !value.isFinite {
      throw .argument(
        operation: operation, name: name, value: "\(value)", fix: "it must be at least 0")
    }
    let selection = withExtendedLifetime((self, targets)) {
      GreedySelection(
        pointer, rows: rows, columns: width, targets: targets.pointer, targetCount: count,
        centring: centring, penalty: Double(penalty))
    }
    let groups = sharing ? [0..<count] : (0..<count).map { $0..<$0 + 1 }
    var choices = [GreedySelection.Choice?](repeating: nil, count: groups.count)
    choices.withUnsafeMutableBufferPointer { choices in
      nonisolated(unsafe) let choices = choices
      Parallel.tasks(groups.count) { task, _ in
        choices[task] = selection.select(
          groups[task], count: features, rule: rule, tolerance: Double(tolerance))
      }
    }
    var (picks, constants) = ([[Int]](), [Float]())
    var coefficients = Tensor.zeros([width, count])
    coefficients.update { values in
      for case (let group, let choice?) in zip(groups, choices) {
        for (place, target) in group.enumerated() {
          for (s, pick) in choice.picks.enumerated() {
            let value = choice.coefficients[place * choice.picks.count + s]
            values[pick * count + target] = Float(value)
          }
          picks.append(choice.picks)
          constants.append(Float(choice.constants[place]))
        }
      }
    }
    return SparseRegression(
      coefficients: coefficients, constants: try Tensor(constants, shape: [count]), picks: picks)
  }
}
