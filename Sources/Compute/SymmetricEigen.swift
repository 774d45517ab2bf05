import COpenBLAS

/// Eigenvalues and eigenvectors of symmetric matrices through LAPACK's divide and conquer.
public enum SymmetricEigen {
  /// Replaces a symmetric `[size, size]` matrix by its eigenvectors, one a row, and writes the
  /// eigenvalues in ascending order.
  ///
  /// Only one triangle is read. Each vector's component of greatest magnitude is positive, so that
  /// the signs are the same everywhere.
  public static func decompose(
    _ matrix: UnsafeMutablePointer<Float>, size: Int, values: UnsafeMutablePointer<Float>
  ) throws(ComputeError) {
    guard size > 0 else { return }
    var (n, workSize, integerSize, info) = (Int32(size), Int32(-1), Int32(-1), Int32(0))
    var (bestWork, bestInteger) = (Float(0), Int32(0))
    // LAPACK's columns are our rows.
    ssyevd_(
      "V", "U", &n, matrix, &n, values, &bestWork, &workSize, &bestInteger, &integerSize, &info)
    guard info == 0 else { throw ComputeError("LAPACK refused a matrix of size \(size)") }
    // The answer is a Float, rounded, hence the margin for sizes beyond its 24 bits.
    workSize = Int32(clamping: Int(bestWork) + Int(bestWork) / 1_000_000 + 1)
    integerSize = bestInteger
    let work = Buffer(count: Int(workSize))
    var integers = [Int32](repeating: 0, count: Int(integerSize))
    ssyevd_(
      "V", "U", &n, matrix, &n, values, work.pointer, &workSize, &integers, &integerSize, &info)
    withExtendedLifetime(work) {}
    guard info == 0 else {
      throw ComputeError("the eigenvalues did not converge; the matrix must be finite")
    }
    for row in 0..<size {
      let vector = matrix + row * size
      var greatest = 0
      for i in 0..<size where abs(vector[i]) > abs(vector[greatest]) { greatest = i }
      if vector[greatest] < 0 { for i in 0..<size { vector[i] = -vector[i] } }
    }
  }
}
