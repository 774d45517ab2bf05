import COpenBLAS

/// Singular values and vectors through LAPACK's divide and conquer, in double precision.
public enum SingularValues {
  /// Decomposes a row-major `[rows, columns]` matrix as `left · diag(values) · right`.
  ///
  /// With r the lesser of the two sizes, `left` is `[rows, r]`, `values` `[r]` in descending order, and
  /// `right` `[r, columns]`. Each left vector's component of greatest magnitude is positive, so that the
  /// signs are the same everywhere.
  public static func decompose(
    _ matrix: UnsafePointer<Float>, rows: Int, columns: Int, left: UnsafeMutablePointer<Float>,
    values: UnsafeMutablePointer<Float>, right: UnsafeMutablePointer<Float>
  ) throws(ComputeError) {
    guard rows > 0, columns > 0 else { return }
    let least = min(rows, columns)
    // Our rows are LAPACK's columns, so it sees the transpose and its right vectors are our left ones.
    var a = (0..<rows * columns).map { Double(matrix[$0]) }
    var (u, vt, s) = (
      [Double](repeating: 0, count: columns * least), [Double](repeating: 0, count: least * rows),
      [Double](repeating: 0, count: least)
    )
    var integers = [Int32](repeating: 0, count: 8 * least)
    var (m, n, r, info, workSize) = (
      Int32(columns), Int32(rows), Int32(least), Int32(0), Int32(-1)
    )
    var best = 0.0
    dgesdd_("S", &m, &n, &a, &m, &s, &u, &m, &vt, &r, &best, &workSize, &integers, &info)
    guard info == 0 else { throw ComputeError("LAPACK refused a matrix of \(rows) rows") }
    workSize = Int32(clamping: Int(best))
    var work = [Double](repeating: 0, count: Int(workSize))
    dgesdd_("S", &m, &n, &a, &m, &s, &u, &m, &vt, &r, &work, &workSize, &integers, &info)
    guard info == 0 else {
      throw ComputeError("the singular values did not converge; the matrix must be finite")
    }
    for k in 0..<least {
      var greatest = 0
      for i in 0..<rows where abs(vt[i * least + k]) > abs(vt[greatest * least + k]) {
        greatest = i
      }
      let sign = vt[greatest * least + k] < 0 ? -1.0 : 1.0
      values[k] = Float(s[k])
      for i in 0..<rows { left[i * least + k] = Float(sign * vt[i * least + k]) }
      for j in 0..<columns { right[k * columns + j] = Float(sign * u[k * columns + j]) }
    }
  }
}
