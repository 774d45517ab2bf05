import CVectors

/// The rule by which the next column is taken.
public enum SelectionRule: Sendable {
  /// The column whose angle with the residual is least: orthogonal matching pursuit (Pati, Rezaiifar and
  /// Krishnaprasad, 1993).
  case matching
  /// The column that, after all coefficients are fitted anew, leaves the least: forward selection,
  /// also called orthogonal least squares (Chen, Billings and Luo, 1989).
  case forward
}

/// Greedy least squares with few columns, on the Gram matrix, in double precision.
///
/// The Gram matrix of the picks is factorised row by row as they come (Rubinstein, Zibulevsky and Elad,
/// 2008), so that a pick among D columns with s picks before it costs s · D. With `G = Xᵀ X + penalty`,
/// `c = Xᵀ y` and the rows L of Cholesky's factorisation of G in the order of the picks, the slope of a
/// column j is `cⱼ − Σ Lⱼₛ zₛ`, its energy at right angles to the picks `Gⱼⱼ − Σ Lⱼₛ²`, and a pick p takes
/// `slopeₚ² / energyₚ` from the objective.
public struct GreedySelection: Sendable {
  /// The number of columns.
  private let columns: Int
  private let penalty: Double
  /// `[columns, columns]`, without the penalty.
  private let gram: [Double]
  /// `[targets, columns]`.
  private let moments: [Double]
  /// The squared length of each target.
  private let energies: [Double]
  private let columnMeans, targetMeans: [Double]

  /// What was picked for some targets.
  public struct Choice: Sendable {
    /// The picks in their order.
    public let picks: [Int]
    /// The coefficients, `[targets, picks]`.
    public let coefficients: [Double]
    /// The constant of each target; zero unless the columns were centred.
    public let constants: [Double]
  }

  /// Takes the products of columns and targets, of which `centring` takes the mean away.
  ///
  /// `features` is `[rows, columns]` and `targets` `[rows, targetCount]`; all sizes are at least 1. The
  /// Gram matrix takes 8 · columns² bytes.
  public init(
    _ features: UnsafePointer<Float>, rows: Int, columns: Int, targets: UnsafePointer<Float>,
    targetCount: Int, centring: Bool, penalty: Double
  ) {
    let x = Self.transposed(features, rows: rows, columns: columns)
    let y = Self.transposed(targets, rows: rows, columns: targetCount)
    var gram = RowProducts.gram(x.pointer, rows: columns, width: rows)
    var moments = RowProducts.between(
      y.pointer, rows: targetCount, x.pointer, others: columns, width: rows)
    var energies = RowProducts.squares(y.pointer, rows: targetCount, width: rows)
    columnMeans = centring ? Self.means(x, rows: columns, width: rows) : []
    targetMeans = centring ? Self.means(y, rows: targetCount, width: rows) : []
    if centring {
      let count = Double(rows)
      // What is constant but for rounding has nothing left.
      var isFlat = [Bool](repeating: false, count: columns)
      for j in 0..<columns {
        let square = gram[j * columns + j]
        isFlat[j] = square - count * columnMeans[j] * columnMeans[j] <= 1e-12 * square
      }
      for i in 0..<columns {
        for j in 0..<columns {
          gram[i * columns + j] -= count * columnMeans[i] * columnMeans[j]
          if isFlat[i] || isFlat[j] { gram[i * columns + j] = 0 }
        }
      }
      for t in 0..<targetCount {
        for j in 0..<columns {
          moments[t * columns + j] -= count * targetMeans[t] * columnMeans[j]
          if isFlat[j] { moments[t * columns + j] = 0 }
        }
        let square = energies[t]
        energies[t] -= count * targetMeans[t] * targetMeans[t]
        if energies[t] <= 1e-12 * square { energies[t] = 0 }
      }
    }
    (self.columns, self.penalty) = (columns, penalty)
    (self.gram, self.moments, self.energies) = (gram, moments, energies)
  }

  /// Picks at most `count` columns that some targets share; fewer when what they leave is `tolerance`
  /// of the targets' length, or when no other column is independent of the picks.
  ///
  /// Among equals the first is taken.
  public func select(
    _ targets: Range<Int>, count: Int, rule: SelectionRule, tolerance: Double
  ) -> Choice {
    let whole = (0..<columns).map { gram[$0 * columns + $0] + penalty }
    var (free, gains) = (whole, [Double](repeating: 0, count: columns))
    var slopes = Array(moments[targets.lowerBound * columns..<targets.upperBound * columns])
    var rest = energies[targets].reduce(0, +)
    let goal = tolerance * tolerance * rest
    var (factors, heights, picks) = ([Double](), [Double](), [Int]())
    while picks.count < count, rest > goal {
      let pick = best(slopes, of: targets.count, whole: whole, free: free, rule, &gains)
      guard let pick else { break }
      let length = free[pick].squareRoot()
      var factor = Array(gram[pick * columns..<(pick + 1) * columns])
      factor[pick] += penalty
      for s in picks.indices {
        factors.withUnsafeBufferPointer {
          let row = $0.baseAddress.map { $0 + s * columns }
          guard let row else { return }
          orbit_add_multiple(row, -row[pick], &factor, Int64(columns))
        }
      }
      for j in 0..<columns {
        factor[j] /= length
        free[j] -= factor[j] * factor[j]
      }
      free[pick] = 0
      for t in 0..<targets.count {
        let height = slopes[t * columns + pick] / length
        slopes.withUnsafeMutableBufferPointer {
          guard let start = $0.baseAddress else { return }
          orbit_add_multiple(factor, -height, start + t * columns, Int64(columns))
        }
        heights.append(height)
        rest -= height * height
      }
      factors += factor
      picks.append(pick)
    }
    return choice(picks, factors: factors, heights: heights, targets: targets)
  }

  /// The column that the rule takes next, if any is independent of the picks and of use.
  private func best(
    _ slopes: [Double], of targets: Int, whole: [Double], free: [Double], _ rule: SelectionRule,
    _ gains: inout [Double]
  ) -> Int? {
    for j in 0..<columns { gains[j] = 0 }
    for t in 0..<targets {
      for j in 0..<columns { gains[j] += slopes[t * columns + j] * slopes[t * columns + j] }
    }
    var (best, pick) = (0.0, Int?.none)
    // A column nearer than this to the picks' span, in squared length, is in it, but for the rounding
    // of its values to single precision.
    for j in 0..<columns where free[j] > 1e-12 * whole[j] {
      let gain = gains[j] / (rule == .forward ? free[j] : whole[j] - penalty)
      if gain > best { (best, pick) = (gain, j) }
    }
    return pick
  }

  /// The coefficients by substitution: `Lᵀ w = z`.
  private func choice(
    _ picks: [Int], factors: [Double], heights: [Double], targets: Range<Int>
  ) -> Choice {
    let (count, width) = (picks.count, targets.count)
    var coefficients = [Double](repeating: 0, count: width * count)
    var constants = [Double](repeating: 0, count: width)
    for t in 0..<width {
      for s in (0..<count).reversed() {
        var value = heights[s * width + t]
        for u in s + 1..<max(count, s + 1) {
          value -= factors[s * columns + picks[u]] * coefficients[t * count + u]
        }
        coefficients[t * count + s] = value / factors[s * columns + picks[s]]
      }
      guard !targetMeans.isEmpty else { continue }
      constants[t] = targetMeans[targets.lowerBound + t]
      for s in 0..<count { constants[t] -= coefficients[t * count + s] * columnMeans[picks[s]] }
    }
    return Choice(picks: picks, coefficients: coefficients, constants: constants)
  }

  private static func transposed(
    _ x: UnsafePointer<Float>, rows: Int, columns: Int
  ) -> Buffer {
    let result = Buffer(count: rows * columns)
    for i in 0..<rows { for j in 0..<columns { result.pointer[j * rows + i] = x[i * columns + j] } }
    return result
  }

  private static func means(_ x: Buffer, rows: Int, width: Int) -> [Double] {
    (0..<rows).map { row in
      (0..<width).reduce(0.0) { $0 + Double(x.pointer[row * width + $1]) } / Double(width)
    }
  }
}
