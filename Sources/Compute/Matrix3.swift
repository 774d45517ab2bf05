/// A 3×3 matrix in double precision, row-major: homographies and rotations by the batch.
public struct Matrix3: Sendable {
  /// The rows.
  public var rows: (SIMD3<Double>, SIMD3<Double>, SIMD3<Double>)

  /// Takes three rows.
  public init(_ first: SIMD3<Double>, _ second: SIMD3<Double>, _ third: SIMD3<Double>) {
    rows = (first, second, third)
  }

  /// Reads nine values.
  public init(_ x: UnsafePointer<Float>) {
    func row(_ i: Int) -> SIMD3<Double> {
      SIMD3(Double(x[3 * i]), Double(x[3 * i + 1]), Double(x[3 * i + 2]))
    }
    rows = (row(0), row(1), row(2))
  }

  /// Writes nine values.
  public func store(_ y: UnsafeMutablePointer<Float>) {
    for (i, row) in [rows.0, rows.1, rows.2].enumerated() {
      for j in 0..<3 { y[3 * i + j] = Float(row[j]) }
    }
  }

  /// The determinant.
  public var determinant: Double { (rows.0 * cross(rows.1, rows.2)).sum() }

  /// The matrix of cofactors: the derivative of the determinant, and the inverse's transpose times it.
  public var cofactors: Matrix3 {
    Matrix3(cross(rows.1, rows.2), cross(rows.2, rows.0), cross(rows.0, rows.1))
  }

  /// The transpose.
  public var transposed: Matrix3 {
    let (a, b, c) = rows
    return Matrix3(
      SIMD3(a.x, b.x, c.x), SIMD3(a.y, b.y, c.y), SIMD3(a.z, b.z, c.z))
  }

  /// The sum of the diagonal.
  public var trace: Double { rows.0.x + rows.1.y + rows.2.z }

  /// The product with a column.
  public static func * (left: Matrix3, right: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3((left.rows.0 * right).sum(), (left.rows.1 * right).sum(), (left.rows.2 * right).sum())
  }

  /// The matrix product.
  public static func * (left: Matrix3, right: Matrix3) -> Matrix3 {
    func row(_ r: SIMD3<Double>) -> SIMD3<Double> {
      r.x * right.rows.0 + r.y * right.rows.1 + r.z * right.rows.2
    }
    return Matrix3(row(left.rows.0), row(left.rows.1), row(left.rows.2))
  }

  /// The product with a number.
  public static func * (left: Matrix3, right: Double) -> Matrix3 {
    Matrix3(left.rows.0 * right, left.rows.1 * right, left.rows.2 * right)
  }
}

/// The cross product.
func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
  SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}

/// `matrix = rotation · axesᵀ · diag(stretches) · axes`: the rotation nearest to a matrix, and what is
/// left of it.
///
/// It solves Procrustes' problem (Umeyama, 1991): with the singular value decomposition `U S Vᵀ` the
/// rotation is `U diag(1, 1, det(U Vᵀ)) Vᵀ`. The third stretch carries the sign of the determinant.
public struct NearestRotation: Sendable {
  /// The rotation.
  public let rotation: Matrix3
  /// The right singular vectors, one a row, a right-handed frame.
  public let axes: Matrix3
  /// The singular values in descending order, the last one signed.
  public let stretches: SIMD3<Double>

  /// Decomposes a matrix; where it does not determine the rotation, one of the nearest.
  public init(_ matrix: Matrix3) {
    let (v1, v2) = Self.frame(matrix.transposed * matrix)
    let v3 = cross(v1, v2)
    // Right-handed frames on both sides make the determinant 1, and the last stretch signed.
    let (a1, a2) = (matrix * v1, matrix * v2)
    let u1 = Self.unit(a1) ?? v1
    let u2 = Self.unit(a2 - (a2 * u1).sum() * u1, beside: (a1 * a1).sum()) ?? Self.across(u1)
    let u3 = cross(u1, u2)
    axes = Matrix3(v1, v2, v3)
    rotation = Matrix3(u1, u2, u3).transposed * axes
    stretches = SIMD3(
      (u1 * a1).sum(), (u2 * a2).sum(), (u3 * (matrix * v3)).sum())
  }

  /// The derivative of a function of the rotation with respect to the matrix, given that with respect
  /// to the rotation.
  ///
  /// With `B = V ᵀ Pᵀ G V` it is `2 P V Y Vᵀ`, `Y_ij = ½ (B − Bᵀ)_ij / (d_i + d_j)`: equal singular
  /// values are harmless, and only a sum of two near zero is not, which is held at `least` in magnitude.
  public func derivative(_ upstream: Matrix3, least: Double = 1e-3) -> Matrix3 {
    let b = axes * (rotation.transposed * upstream) * axes.transposed
    func part(_ difference: Double, _ sum: Double) -> Double {
      difference / (abs(sum) >= least ? sum : (sum < 0 ? -least : least))
    }
    let d = stretches
    let xy = part(b.rows.0.y - b.rows.1.x, d.x + d.y)
    let xz = part(b.rows.0.z - b.rows.2.x, d.x + d.z)
    let yz = part(b.rows.1.z - b.rows.2.y, d.y + d.z)
    let y = Matrix3(SIMD3(0, xy, xz), SIMD3(-xy, 0, yz), SIMD3(-xz, -yz, 0))
    return rotation * (axes.transposed * y * axes)
  }

  /// The eigenvectors of the two greatest eigenvalues of a symmetric matrix, by Jacobi's rotations.
  private static func frame(
    _ symmetric: Matrix3
  ) -> (first: SIMD3<Double>, second: SIMD3<Double>) {
    let m = symmetric.rows
    var a: InlineArray<9, Double> = [
      m.0.x, m.0.y, m.0.z, m.1.x, m.1.y, m.1.z, m.2.x, m.2.y, m.2.z,
    ]
    var v: InlineArray<3, SIMD3<Double>> = [SIMD3(1, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 1)]
    for _ in 0..<10 {
      for (p, q) in [(0, 1), (0, 2), (1, 2)] where a[3 * p + q] != 0 {
        let theta = (a[4 * q] - a[4 * p]) / (2 * a[3 * p + q])
        let t = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
        let c = 1 / (t * t + 1).squareRoot()
        let s = t * c
        for k in 0..<3 {
          let (x, y) = (a[3 * k + p], a[3 * k + q])
          (a[3 * k + p], a[3 * k + q]) = (c * x - s * y, s * x + c * y)
        }
        for k in 0..<3 {
          let (x, y) = (a[3 * p + k], a[3 * q + k])
          (a[3 * p + k], a[3 * q + k]) = (c * x - s * y, s * x + c * y)
        }
        (v[p], v[q]) = (c * v[p] - s * v[q], s * v[p] + c * v[q])
      }
    }
    let order = [0, 1, 2].sorted { (a[4 * $0], $1) > (a[4 * $1], $0) }
    return (v[order[0]], v[order[1]])
  }

  /// The vector at length 1; nothing where it is zero, or rounding beside what it was taken from.
  private static func unit(_ x: SIMD3<Double>, beside square: Double = 0) -> SIMD3<Double>? {
    let own = (x * x).sum()
    return own > 1e-28 * square && own > 0 ? x / own.squareRoot() : nil
  }

  /// A unit vector at right angles to another.
  private static func across(_ x: SIMD3<Double>) -> SIMD3<Double> {
    let other: SIMD3<Double> = abs(x.x) < 0.6 ? SIMD3(1, 0, 0) : SIMD3(0, 1, 0)
    let along = cross(x, other)
    return along / (along * along).sum().squareRoot()
  }
}
