import COpenBLAS

/// Products of row-major matrices through OpenBLAS.
public enum MatrixProduct {
  /// Computes `c = alpha · op(a) · op(b) + beta · c`.
  ///
  /// `op(a)` is `[rows, inner]`, `op(b)` is `[inner, columns]` and `c` is `[rows, columns]`; a
  /// transposed operand is stored the other way around. When `beta` is zero, `c` is not read.
  public static func multiply(
    rows: Int, columns: Int, inner: Int,
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, transposingLeft: Bool = false,
    transposingRight: Bool = false, into c: UnsafeMutablePointer<Float>, alpha: Float = 1,
    beta: Float = 0
  ) {
    guard rows > 0, columns > 0 else { return }
    guard inner > 0 else {
      for i in 0..<rows * columns { c[i] = beta == 0 ? 0 : beta * c[i] }
      return
    }
    cblas_sgemm(
      CblasRowMajor, transposingLeft ? CblasTrans : CblasNoTrans,
      transposingRight ? CblasTrans : CblasNoTrans, blasint(rows), blasint(columns), blasint(inner),
      alpha, a, blasint(transposingLeft ? rows : inner), b,
      blasint(transposingRight ? inner : columns),
      beta, c, blasint(columns))
  }
}
