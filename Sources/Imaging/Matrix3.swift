import Glibc

/// A 3×3 matrix of `Double`, row-major: a homography of the plane in homogeneous coordinates.
///
/// Two matrices that differ by a factor are the same homography; `normalised` picks the one with
/// determinant 1.
public struct Matrix3: Sendable, Hashable, CustomStringConvertible {
  private var rows: [3 of SIMD3<Double>]

  /// The matrix with these nine entries, row by row.
  public init(
    _ m11: Double, _ m12: Double, _ m13: Double,
    _ m21: Double, _ m22: Double, _ m23: Double,
    _ m31: Double, _ m32: Double, _ m33: Double
  ) {
    rows = [SIMD3(m11, m12, m13), SIMD3(m21, m22, m23), SIMD3(m31, m32, m33)]
  }

  /// The matrix that changes nothing.
  public static let identity = Matrix3(1, 0, 0, 0, 1, 0, 0, 0, 1)

  /// The entry in a row and a column, both counted from 0.
  public subscript(row: Int, column: Int) -> Double { rows[row][column] }

  /// The nine entries, row by row.
  public var entries: [Double] {
    (0..<9).map { rows[$0 / 3][$0 % 3] }
  }

  /// The matrix product: the map that applies `right` first, then `left`.
  public static func * (left: Matrix3, right: Matrix3) -> Matrix3 {
    var product = left
    for i in 0..<3 {
      let row = left.rows[i]
      product.rows[i] = row.x * right.rows[0] + row.y * right.rows[1] + row.z * right.rows[2]
    }
    return product
  }

  /// Every entry times a number: the same homography.
  public static func * (factor: Double, matrix: Matrix3) -> Matrix3 {
    var product = matrix
    for i in 0..<3 { product.rows[i] = factor * matrix.rows[i] }
    return product
  }

  /// The determinant.
  public var determinant: Double { (rows[0] * Self.cross(rows[1], rows[2])).sum() }

  /// Whether every entry is finite and the determinant is not lost in rounding.
  ///
  /// The determinant is compared with the cube of the largest entry, so that the answer does not
  /// depend on a common factor.
  public var isInvertible: Bool {
    let largest = entries.reduce(0) { max($0, abs($1)) }
    guard largest > 0, largest.isFinite else { return false }
    return abs((1 / largest * self).determinant) > 1e-12
  }

  /// The inverse; `nil` when the matrix is singular or not finite.
  public var inverse: Matrix3? {
    guard isInvertible else { return nil }
    // The rows of the inverse are the columns of cross products over the determinant.
    let (a, b, c) = (
      Self.cross(rows[1], rows[2]), Self.cross(rows[2], rows[0]), Self.cross(rows[0], rows[1])
    )
    return 1 / determinant * Matrix3(a.x, b.x, c.x, a.y, b.y, c.y, a.z, b.z, c.z)
  }

  /// The same homography with determinant 1; `nil` when the matrix is singular or not finite.
  public var normalised: Matrix3? {
    guard isInvertible else { return nil }
    // A cube root has the determinant's sign, so a mirror gets determinant 1 too.
    return 1 / cbrt(determinant) * self
  }

  /// Where the homography takes a point; not finite when it goes to infinity.
  public func apply(to point: Point) -> Point {
    let p = SIMD3(point.x, point.y, 1)
    let w = (rows[2] * p).sum()
    return Point(x: (rows[0] * p).sum() / w, y: (rows[1] * p).sum() / w)
  }

  private static func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
  }

  /// Whether all entries are equal.
  public static func == (left: Matrix3, right: Matrix3) -> Bool {
    (0..<3).allSatisfy { left.rows[$0] == right.rows[$0] }
  }

  /// Feeds the entries to a hasher.
  public func hash(into hasher: inout Hasher) {
    for i in 0..<3 { hasher.combine(rows[i]) }
  }

  /// The three rows in brackets.
  public var description: String {
    let lines = (0..<3).map { row in
      (0..<3).map { "\(self[row, $0])" }.joined(separator: ", ")
    }
    return "[\(lines.joined(separator: "; "))]"
  }
}

/// A point of the plane; its unit is the caller's.
public struct Point: Sendable, Hashable {
  /// To the right.
  public var x: Double
  /// Downwards.
  public var y: Double

  /// The point at these coordinates.
  public init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }

  /// The Euclidean distance to another point.
  public func distance(to other: Point) -> Double { hypot(x - other.x, y - other.y) }
}
