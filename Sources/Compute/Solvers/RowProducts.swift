import CVectors

/// Inner products of rows of floats in double precision, shared out over the threads.
///
/// The conditions of Gram matrices ask for it, and the bits depend on neither the cut nor the threads.
enum RowProducts {
  /// Rows of a task: few enough that a cut of each stays in a core's cache.
  static let block = 64

  /// The inner products of all pairs of rows, `[rows, rows]`; `x` is `[rows, width]`.
  static func gram(_ x: UnsafePointer<Float>, rows: Int, width: Int) -> [Double] {
    var products = [Double](repeating: 0, count: rows * rows)
    products.withUnsafeMutableBufferPointer { products in
      guard let target = products.baseAddress else { return }
      nonisolated(unsafe) let result = target
      // Below the diagonal each pair is computed, above it is copied.
      Parallel.tasks((rows + block - 1) / block) { task, _ in
        let part = task * block..<min(rows, (task + 1) * block)
        orbit_row_products(
          x + part.lowerBound * width, Int64(part.count), x, Int64(part.upperBound), Int64(width),
          result + part.lowerBound * rows, Int64(rows))
      }
      for i in 0..<rows {
        for j in i + 1..<max(rows, i + 1) { target[i * rows + j] = target[j * rows + i] }
      }
    }
    return products
  }

  /// The inner products of the rows of `a`, `[rows, width]`, with those of `b`, `[others, width]`:
  /// `[rows, others]`.
  static func between(
    _ a: UnsafePointer<Float>, rows: Int, _ b: UnsafePointer<Float>, others: Int, width: Int
  ) -> [Double] {
    var products = [Double](repeating: 0, count: rows * others)
    products.withUnsafeMutableBufferPointer { products in
      guard let target = products.baseAddress else { return }
      nonisolated(unsafe) let result = target
      Parallel.tasks((rows + block - 1) / block) { task, _ in
        let part = task * block..<min(rows, (task + 1) * block)
        orbit_row_products(
          a + part.lowerBound * width, Int64(part.count), b, Int64(others), Int64(width),
          result + part.lowerBound * others, Int64(others))
      }
    }
    return products
  }

  /// The squared length of each row of `x`, `[rows, width]`: to the bit what the diagonal of its Gram
  /// matrix has.
  static func squares(_ x: UnsafePointer<Float>, rows: Int, width: Int) -> [Double] {
    var squares = [Double](repeating: 0, count: rows)
    for row in 0..<rows {
      let start = x + row * width
      orbit_row_products(start, 1, start, 1, Int64(width), &squares[row], 1)
    }
    return squares
  }
}
