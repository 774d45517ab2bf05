import COneDNN

/// Products of row-major matrices through oneDNN.
///
/// OpenBLAS does the linear algebra; its products came second by measurement (217 to 350 against 347 to
/// 421 GFLOP/s on the shapes of the NIN, on two Zen 5 cores, and further behind on narrow ones).
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
    // Cut along the longer side of the result, so that every value is summed in one piece.
    let parts =
      Parallel.isInside ? 1 : min(Parallel.most, 1 + rows * columns * inner / 2_000_000)
    let (alongRows, length) = rows >= columns ? (true, rows) : (false, columns)
    // Sixteen values are a register, and no part should end within one.
    let unit = (length + parts * 16 - 1) / (parts * 16) * 16
    Parallel.tasks((length + unit - 1) / unit) { part, _ in
      let start = part * unit
      let size = min(unit, length - start)
      let status =
        alongRows
        ? orbit_matrix_product(
          transposingLeft ? 1 : 0, transposingRight ? 1 : 0, Int64(size), Int64(columns),
          Int64(inner), alpha, a + start * (transposingLeft ? 1 : inner),
          Int64(transposingLeft ? rows : inner), b, Int64(transposingRight ? inner : columns), beta,
          c + start * columns, Int64(columns))
        : orbit_matrix_product(
          transposingLeft ? 1 : 0, transposingRight ? 1 : 0, Int64(rows), Int64(size),
          Int64(inner), alpha, a, Int64(transposingLeft ? rows : inner),
          b + start * (transposingRight ? inner : 1), Int64(transposingRight ? inner : columns),
          beta, c + start, Int64(columns))
      // Sizes are positive and strides fit, so the only reason left is that memory has run out.
      precondition(status.code == 0, "out of memory in a matrix product")
    }
  }
}
