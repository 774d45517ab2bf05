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
  ///
  /// With `factors` in bfloat16, `a` and `b` are rounded to it first; sums are in single precision.
  ///
  /// - Throws: `ComputeError` when oneDNN finds no memory for its work.
  public static func multiply(
    rows: Int, columns: Int, inner: Int,
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, transposingLeft: Bool = false,
    transposingRight: Bool = false, into c: UnsafeMutablePointer<Float>, alpha: Float = 1,
    beta: Float = 0, factors: FactorFormat = .float32
  ) throws(ComputeError) {
    guard rows > 0, columns > 0 else { return }
    guard inner > 0 else {
      for i in 0..<rows * columns { c[i] = beta == 0 ? 0 : beta * c[i] }
      return
    }
    let halves =
      factors == .bfloat16
      ? (HalfProduct.round(a, rows * inner), HalfProduct.round(b, inner * columns)) : nil
    // Cut along the longer side of the result, so that every value is summed in one piece.
    let parts =
      Parallel.isInside ? 1 : min(Parallel.most, 1 + rows * columns * inner / 2_000_000)
    let (alongRows, length) = rows >= columns ? (true, rows) : (false, columns)
    // Sixteen values are a register, and no part should end within one.
    let unit = (length + parts * 16 - 1) / (parts * 16) * 16
    try Parallel.attempts((length + unit - 1) / unit) { (part, _) throws(ComputeError) in
      let start = part * unit
      let size = min(unit, length - start)
      let (first, second) =
        alongRows
        ? (start * (transposingLeft ? 1 : inner), 0)
        : (0, start * (transposingRight ? inner : 1))
      let target = c + start * (alongRows ? columns : 1)
      let (height, width) = alongRows ? (size, columns) : (rows, size)
      let (leftStride, rightStride) = (
        transposingLeft ? rows : inner, transposingRight ? inner : columns
      )
      guard let halves else {
        return try check(
          orbit_matrix_product(
            transposingLeft ? 1 : 0, transposingRight ? 1 : 0, Int64(height), Int64(width),
            Int64(inner), alpha, a + first, Int64(leftStride), b + second, Int64(rightStride),
            beta, target, Int64(columns)))
      }
      let product = HalfProduct(
        rows: height, columns: width, inner: inner, transposingLeft: transposingLeft,
        transposingRight: transposingRight, leftStride: leftStride, rightStride: rightStride,
        stride: columns, alpha: alpha, beta: beta)
      try product(
        halves.0.pointer.halves + first, halves.1.pointer.halves + second, into: target)
    }
    withExtendedLifetime(halves) {}
  }
}
