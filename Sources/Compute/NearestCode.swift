/// The code of a codebook that each vector is nearest to.
///
/// `‖z − e‖²` and `‖e‖² − 2 z·e` are least for the same code, so the distances of a block of vectors
/// are one matrix product, and each row of it is read once.
public enum NearestCode {
  /// Vectors of a block, few enough that its products stay in the cache until they have been compared.
  ///
  /// The blocks depend on the shape alone, and so do the bits.
  private static let block = 256

  /// Writes the place of the nearest code of each vector, the lowest of equals, or −1 for a vector
  /// that has no finite distance from any code.
  ///
  /// `vectors` is `[count, dimension]` and `codes` is `[codeCount, dimension]`, at least one code.
  ///
  /// - Throws: `ComputeError` when the products find no memory.
  public static func find(
    _ vectors: UnsafePointer<Float>, count: Int, _ codes: UnsafePointer<Float>, codeCount: Int,
    dimension: Int, into places: UnsafeMutablePointer<Int>
  ) throws(ComputeError) {
    guard count > 0, codeCount > 0 else { return }
    let squares = Buffer(count: codeCount)
    for k in 0..<codeCount {
      var sum = 0.0
      for i in 0..<dimension {
        sum += Double(codes[k * dimension + i]) * Double(codes[k * dimension + i])
      }
      squares.pointer[k] = Float(sum)
    }
    let blocks = (count + block - 1) / block
    try Parallel.attemptRanges(blocks) { (range) throws(ComputeError) in
      let products = Buffer(count: block * codeCount)
      for b in range {
        let rows = b * block..<min(count, (b + 1) * block)
        try MatrixProduct.multiply(
          rows: rows.count, columns: codeCount, inner: dimension,
          vectors + rows.lowerBound * dimension, codes, transposingRight: true,
          into: products.pointer, alpha: -2)
        for row in rows {
          places[row] = leastSum(
            products.pointer + (row - rows.lowerBound) * codeCount, squares.pointer,
            count: codeCount)
        }
      }
      withExtendedLifetime(products) {}
    }
    withExtendedLifetime(squares) {}
  }

  /// The place of the least of `a + b`, the first of equals; −1 when none is finite.
  private static func leastSum(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int
  ) -> Int {
    typealias Places = SIMD16<Int32>
    var least = Elementwise.Vector(repeating: .infinity)
    var (found, here) = (
      Places(repeating: -1), Places(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
    )
    var i = 0
    while i &+ 16 <= count {
      let sums = Elementwise.load(a + i) + Elementwise.load(b + i)
      let less = sums .< least
      least.replace(with: sums, where: less)
      found.replace(with: here, where: less)
      here &+= Places(repeating: 16)
      i &+= 16
    }
    // Each lane holds the first of its equals; among the lanes the lowest place wins.
    var (best, place) = (Float.infinity, Int32(-1))
    for lane in 0..<16
    where least[lane] < best || (least[lane] == best && place >= 0 && found[lane] < place) {
      guard found[lane] >= 0 else { continue }
      (best, place) = (least[lane], found[lane])
    }
    while i < count {
      if a[i] + b[i] < best { (best, place) = (a[i] + b[i], Int32(truncatingIfNeeded: i)) }
      i &+= 1
    }
    return best > -.infinity ? Int(place) : -1
  }
}
