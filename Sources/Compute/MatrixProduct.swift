import COneDNN

/// Products of row-major matrices through oneDNN.
///
/// OpenBLAS does the linear algebra; its products came second by measurement (its version in Debian 12
/// takes the AVX2 code on processors newer than itself: 165 against 400 GFLOP/s on a Zen 5).
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
    let status = orbit_matrix_product(
      transposingLeft ? 1 : 0, transposingRight ? 1 : 0, Int64(rows), Int64(columns), Int64(inner),
      alpha, a, b, beta, c)
    // Sizes are positive and strides fit, so the only reason left is that memory has run out.
    precondition(status.code == 0, "out of memory in a matrix product")
  }
}
