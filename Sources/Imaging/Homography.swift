extension Matrix3 {
  /// The homography that takes four points to four points, with last entry 1; `nil` when three of
  /// the points lie on a line, or the origin goes to infinity.
  ///
  /// For (x, y) ↦ (u, v) with u = (h1 x + h2 y + h3)/w, v = (h4 x + h5 y + h6)/w, w = h7 x + h8 y
  /// + 1, every pair of points gives two linear equations in h1 … h8.
  static func homography(from source: [Point], to target: [Point]) -> Matrix3? {
    guard source.count == 4, target.count == 4 else { return nil }
    var matrix = [Double](repeating: 0, count: 64)
    var right = [Double](repeating: 0, count: 8)
    for k in 0..<4 {
      let (x, y) = (source[k].x, source[k].y)
      let (u, v) = (target[k].x, target[k].y)
      let row = 16 * k
      (matrix[row], matrix[row + 1], matrix[row + 2]) = (x, y, 1)
      (matrix[row + 6], matrix[row + 7]) = (-u * x, -u * y)
      (matrix[row + 11], matrix[row + 12], matrix[row + 13]) = (x, y, 1)
      (matrix[row + 14], matrix[row + 15]) = (-v * x, -v * y)
      (right[2 * k], right[2 * k + 1]) = (u, v)
    }
    guard let h = LinearSystem.solve(matrix, right) else { return nil }
    return Matrix3(h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7], 1)
  }
}

/// Small dense linear systems.
enum LinearSystem {
  /// Solves A x = b for a square, row-major A by elimination with partial pivoting; `nil` when a
  /// pivot vanishes beside the largest entry.
  static func solve(_ matrix: [Double], _ right: [Double]) -> [Double]? {
    let n = right.count
    guard matrix.count == n * n else { return nil }
    var a = matrix
    var b = right
    let largest = a.reduce(0) { max($0, abs($1)) }
    guard largest.isFinite else { return nil }
    for k in 0..<n {
      var pivot = k
      for i in k + 1..<max(n, k + 1) where abs(a[i * n + k]) > abs(a[pivot * n + k]) { pivot = i }
      guard abs(a[pivot * n + k]) > 1e-13 * largest else { return nil }
      if pivot != k {
        for j in k..<n { a.swapAt(k * n + j, pivot * n + j) }
        b.swapAt(k, pivot)
      }
      for i in k + 1..<max(n, k + 1) {
        let factor = a[i * n + k] / a[k * n + k]
        guard factor != 0 else { continue }
        for j in k..<n { a[i * n + j] -= factor * a[k * n + j] }
        b[i] -= factor * b[k]
      }
    }
    for k in (0..<n).reversed() {
      for j in k + 1..<max(n, k + 1) { b[k] -= a[k * n + j] * b[j] }
      b[k] /= a[k * n + k]
    }
    return b
  }
}
