import COpenBLAS

/// A factorised square matrix, in double precision, which solves for any number of right sides.
public struct Factorisation: Sendable {
  private let size: Int
  private let factors: [Double]
  /// The rows exchanged; none where the matrix is symmetric.
  private let pivots: [Int32]?

  /// Cholesky's factorisation of a symmetric positive definite matrix, the mean of `matrix` and its
  /// transpose.
  public init(
    symmetric matrix: UnsafePointer<Float>, size: Int
  ) throws(ComputeError) {
    var a = [Double](repeating: 0, count: size * size)
    for i in 0..<size {
      for j in 0..<size {
        a[i * size + j] = (Double(matrix[i * size + j]) + Double(matrix[j * size + i])) / 2
      }
    }
    var (n, info) = (Int32(size), Int32(0))
    if size > 0 { dpotrf_("U", &n, &a, &n, &info) }
    guard info == 0 else {
      throw ComputeError("the matrix is not positive definite; add to its diagonal")
    }
    (self.size, factors, pivots) = (size, a, nil)
  }

  /// The factorisation of any square matrix, with pivoting.
  public init(_ matrix: UnsafePointer<Float>, size: Int) throws(ComputeError) {
    try self.init((0..<size * size).map { Double(matrix[$0]) }, size: size)
  }

  /// The factorisation of any square matrix in double precision, row-major, with pivoting.
  public init(_ matrix: [Double], size: Int) throws(ComputeError) {
    var a = matrix
    var exchanged = [Int32](repeating: 0, count: size)
    var (n, info) = (Int32(size), Int32(0))
    if size > 0 { dgetrf_(&n, &n, &a, &n, &exchanged, &info) }
    guard info == 0 else {
      throw ComputeError("the matrix is singular; least squares finds the nearest answer")
    }
    (self.size, factors, pivots) = (size, a, exchanged)
  }

  /// The product of the eigenvalues.
  public var determinant: Double {
    var product = 1.0
    for i in 0..<size {
      let factor = factors[i * size + i]
      guard let pivots else {
        product *= factor * factor
        continue
      }
      product *= pivots[i] == Int32(i + 1) ? factor : -factor
    }
    return product
  }

  /// Writes `matrix⁻¹ · b`, or, `transposing`, `matrix⁻ᵀ · b`; both are `[size, right]`, row-major.
  public func solve(
    _ b: UnsafePointer<Float>, right: Int, transposing: Bool = false,
    into x: UnsafeMutablePointer<Float>
  ) {
    let b = (0..<size * right).map { Double(b[$0]) }
    for (place, value) in solution(b, right: right, transposing: transposing).enumerated() {
      x[place] = Float(value)
    }
  }

  /// The same in double precision.
  public func solution(_ b: [Double], right: Int, transposing: Bool = false) -> [Double] {
    guard size > 0, right > 0 else { return [] }
    var sides = [Double](repeating: 0, count: size * right)
    for i in 0..<size { for j in 0..<right { sides[j * size + i] = b[i * right + j] } }
    var (n, k, info) = (Int32(size), Int32(right), Int32(0))
    var factors = factors
    if var pivots {
      // LAPACK has the transpose, as our rows are its columns.
      dgetrs_(transposing ? "N" : "T", &n, &k, &factors, &n, &pivots, &sides, &n, &info)
    } else {
      dpotrs_("U", &n, &k, &factors, &n, &sides, &n, &info)
    }
    return (0..<size * right).map { sides[$0 % right * size + $0 / right] }
  }
}
