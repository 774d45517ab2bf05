import CVectors

/// The linear support vector machine by dual coordinate descent (Hsieh et al., ICML 2008, algorithm 1).
///
/// With signs y = ±1 and features x, to which a constant is appended, it makes
/// `½‖w‖² + cost Σ max(0, 1 − y w·x)`, or the sum of the squares, least. Its dual is to make
/// `½ Σ (‖Σ αᵢ yᵢ xᵢ‖² + d αᵢ²) − Σ αᵢ` least over `0 ≤ αᵢ ≤ u`, with `u = cost` and `d = 0`, or `u = ∞`
/// and `d = 1 / (2 cost)` where squared. One coordinate is solved at a time and w kept up to date.
public struct DualCoordinateDescent: ~Copyable {
  private let features: UnsafePointer<Float>
  private let rows, columns: Int
  private let constant: Double
  /// The squared length of each row, constant included.
  private let squares: [Double]

  /// Takes `[rows, columns]`, which must outlive this value, and the constant appended to every row.
  public init(_ features: UnsafePointer<Float>, rows: Int, columns: Int, constant: Double) {
    (self.features, self.rows, self.columns) = (features, rows, columns)
    self.constant = constant
    squares = RowProducts.squares(features, rows: rows, width: columns).map {
      $0 + constant * constant
    }
  }

  /// The weights, the constant's last, for one sign a row.
  ///
  /// Sweeps end when the projected slopes of one lie within `tolerance` of each other; `order` gives the
  /// permutation of the rows for each sweep.
  public func solve(
    signs: [Double], cost: Double, squared: Bool, sweeps: Int, tolerance: Double,
    order: (_ sweep: Int) -> [Int]
  ) -> (weights: [Double], course: SolverCourse) {
    let (limit, damping) = squared ? (.infinity, 0.5 / cost) : (cost, 0)
    var weights = [Double](repeating: 0, count: columns + 1)
    var duals = [Double](repeating: 0, count: rows)
    var (made, isReached) = (0, false)
    while made < sweeps, !isReached {
      var (greatest, least) = (-Double.infinity, Double.infinity)
      for row in order(made) {
        let (sign, dual) = (signs[row], duals[row])
        let slope = sign * margin(weights, row) - 1 + damping * dual
        let projected = dual <= 0 ? min(slope, 0) : dual >= limit ? max(slope, 0) : slope
        greatest = max(greatest, projected)
        least = min(least, projected)
        guard projected != 0 else { continue }
        // A row of zeros has no curvature and goes to its limit.
        duals[row] = min(max(dual - slope / (squares[row] + damping), 0), limit)
        let change = (duals[row] - dual) * sign
        orbit_add_widened(features + row * columns, change, &weights, Int64(columns))
        weights[columns] += change * constant
      }
      made += 1
      isReached = greatest - least <= tolerance
    }
    let half = 0.5 * weights.reduce(0) { $0 + $1 * $1 }
    var (loss, gain) = (0.0, 0.0)
    for row in 0..<rows {
      let slack = max(0, 1 - signs[row] * margin(weights, row))
      loss += squared ? slack * slack : slack
      gain += duals[row] - 0.5 * damping * duals[row] * duals[row]
    }
    return (
      weights,
      SolverCourse(
        sweeps: made, primal: half + cost * loss, dual: gain - half, isReached: isReached)
    )
  }

  private func margin(_ weights: [Double], _ row: Int) -> Double {
    orbit_wide_product(features + row * columns, weights, Int64(columns))
      + weights[columns] * constant
  }
}
