import COpenBLAS

/// Least squares through LAPACK, in double precision: the conditions of Gram matrices and of feature
/// maps ask for it.
public enum LeastSquares {
  /// Writes the x of least norm among those that make `‖a x − b‖` least, and returns the rank of `a`.
  ///
  /// `a` is `[rows, columns]`, `b` `[rows, right]` and `x` `[columns, right]`, row-major. Singular
  /// values below `cutoff` times the greatest count as zero.
  public static func solve(
    _ a: UnsafePointer<Float>, rows: Int, columns: Int, _ b: UnsafePointer<Float>, right: Int,
    cutoff: Double, into x: UnsafeMutablePointer<Float>
  ) throws(ComputeError) -> Int {
    guard rows > 0, columns > 0, right > 0 else { return 0 }
    let tall = max(rows, columns)
    var matrix = columnMajor(a, rows: rows, columns: columns, leading: rows)
    var sides = columnMajor(b, rows: rows, columns: right, leading: tall)
    var values = [Double](repeating: 0, count: min(rows, columns))
    var (m, n, k, leading) = (Int32(rows), Int32(columns), Int32(right), Int32(tall))
    var (rank, info, workSize) = (Int32(0), Int32(0), Int32(-1))
    var (bestWork, bestInteger, limit) = (0.0, Int32(0), cutoff)
    dgelsd_(
      &m, &n, &k, &matrix, &m, &sides, &leading, &values, &limit, &rank, &bestWork, &workSize,
      &bestInteger, &info)
    guard info == 0 else {
      throw ComputeError("LAPACK refused a least squares problem of \(rows) rows")
    }
    workSize = Int32(clamping: Int(bestWork))
    var work = [Double](repeating: 0, count: Int(workSize))
    var integers = [Int32](repeating: 0, count: Int(max(1, bestInteger)))
    dgelsd_(
      &m, &n, &k, &matrix, &m, &sides, &leading, &values, &limit, &rank, &work, &workSize,
      &integers, &info)
    guard info == 0 else {
      throw ComputeError("the singular values did not converge; scale the columns alike")
    }
    for i in 0..<columns { for j in 0..<right { x[i * right + j] = Float(sides[j * tall + i]) } }
    return Int(rank)
  }

  /// Writes the x that makes `‖a x − b‖² + penalty ‖x‖²` least, through Cholesky's factorisation of
  /// `aᵀ a + penalty`.
  public static func ridge(
    _ a: UnsafePointer<Float>, rows: Int, columns: Int, _ b: UnsafePointer<Float>, right: Int,
    penalty: Double, into x: UnsafeMutablePointer<Float>
  ) throws(ComputeError) {
    guard columns > 0, right > 0 else { return }
    let matrix = columnMajor(a, rows: rows, columns: columns, leading: max(1, rows))
    let sides = columnMajor(b, rows: rows, columns: right, leading: max(1, rows))
    var gram = [Double](repeating: 0, count: columns * columns)
    var moments = [Double](repeating: 0, count: columns * right)
    let (m, n, k) = (blasint(rows), blasint(columns), blasint(right))
    if rows > 0 {
      cblas_dsyrk(CblasColMajor, CblasUpper, CblasTrans, n, m, 1, matrix, m, 0, &gram, n)
      cblas_dgemm(
        CblasColMajor, CblasTrans, CblasNoTrans, n, k, m, 1, matrix, m, sides, m, 0, &moments, n)
    }
    for i in 0..<columns { gram[i * columns + i] += penalty }
    var (size, count, info) = (Int32(columns), Int32(right), Int32(0))
    dpotrf_("U", &size, &gram, &size, &info)
    guard info == 0 else {
      throw ComputeError("the columns are linearly dependent; use a greater penalty")
    }
    dpotrs_("U", &size, &count, &gram, &size, &moments, &size, &info)
    for i in 0..<columns {
      for j in 0..<right { x[i * right + j] = Float(moments[j * columns + i]) }
    }
  }

  /// A row-major matrix as LAPACK wants it.
  private static func columnMajor(
    _ x: UnsafePointer<Float>, rows: Int, columns: Int, leading: Int
  ) -> [Double] {
    var result = [Double](repeating: 0, count: leading * columns)
    for i in 0..<rows {
      for j in 0..<columns { result[j * leading + i] = Double(x[i * columns + j]) }
    }
    return result
  }
}
