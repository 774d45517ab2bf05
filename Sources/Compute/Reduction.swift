private import CVectors

/// Sums in an order that depends on the shape alone: not on timing, nor on the number of threads.
///
/// Values are added within fixed blocks in single precision and the blocks in double precision, which
/// keeps the error of long sums small.
public enum Reduction {
  /// Values of a block of a plain sum.
  private static let block = 4096
  /// Rows of a block of a sum over rows.
  private static let rowBlock = 256

  /// The sum of `count` values.
  public static func sum(_ x: UnsafePointer<Float>, count: Int) -> Float {
    sum(count) { orbit_sum(x + $0, $1) }
  }

  /// The sum of the squares of the differences of `count` values.
  public static func sumOfSquaredDifferences(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int
  ) -> Float {
    sum(count) { orbit_sum_of_squared_differences(x + $0, y + $0, $1) }
  }

  /// The sum of what `blockSum` gives for each block.
  private static func sum(
    _ count: Int, _ blockSum: (_ start: Int, _ count: Int64) -> Float
  ) -> Float {
    let blocks = (count + block - 1) / block
    guard blocks > 1 else { return blockSum(0, Int64(count)) }
    let partial = Buffer(count: blocks)
    let places = partial.pointer
    Parallel.ranges(blocks, grain: Elementwise.grain / block) { range in
      for b in range {
        places[b] = blockSum(b * block, Int64(min(block, count - b * block)))
      }
    }
    var total = 0.0
    for b in 0..<blocks { total += Double(places[b]) }
    withExtendedLifetime(partial) {}
    return Float(total)
  }

  /// Sums the middle dimension of `[outer, reduced, inner]` and multiplies by `factor`: writes
  /// `[outer, inner]`.
  public static func sumMiddle(
    _ x: UnsafePointer<Float>, outer: Int, reduced: Int, inner: Int, factor: Float = 1,
    into y: UnsafeMutablePointer<Float>
  ) {
    guard outer > 0, inner > 0 else { return }
    if inner == 1 {
      if outer == 1 {
        y[0] = factor * sum(x, count: reduced)
      } else {
        Parallel.ranges(outer, grain: max(1, Elementwise.grain / max(1, reduced))) { range in
          for o in range { y[o] = factor * serialSum(x + o * reduced, count: reduced) }
        }
      }
      return
    }
    let blocks = max(1, (reduced + rowBlock - 1) / rowBlock)
    let partial = Buffer(count: outer * blocks * inner)
    let places = partial.pointer
    let grain = max(1, Elementwise.grain / (min(rowBlock, max(1, reduced)) * inner))
    Parallel.ranges(outer * blocks, grain: grain) { range in
      for item in range {
        let (o, b) = (item / blocks, item % blocks)
        let rows = b * rowBlock..<min(reduced, (b + 1) * rowBlock)
        orbit_sum_rows(
          x + (o * reduced + rows.lowerBound) * inner, places + item * inner, Int64(rows.count),
          Int64(inner))
      }
    }
    for o in 0..<outer {
      for i in 0..<inner {
        var total = 0.0
        for b in 0..<blocks { total += Double(places[(o * blocks + b) * inner + i]) }
        y[o * inner + i] = factor * Float(total)
      }
    }
    withExtendedLifetime(partial) {}
  }

  /// Writes each of `[outer, inner]` times `factor` `repeated` times: `[outer, repeated, inner]`; the
  /// adjoint of `sumMiddle`.
  public static func repeatMiddle(
    _ x: UnsafePointer<Float>, outer: Int, repeated: Int, inner: Int, factor: Float = 1,
    into y: UnsafeMutablePointer<Float>
  ) {
    guard outer > 0, repeated > 0, inner > 0 else { return }
    if inner == 1 {
      Parallel.ranges(outer, grain: max(1, Elementwise.grain / repeated)) { range in
        for o in range { (y + o * repeated).update(repeating: factor * x[o], count: repeated) }
      }
      return
    }
    Parallel.ranges(outer * repeated, grain: max(1, Elementwise.grain / inner)) { range in
      for row in range {
        Elementwise.map(0..<inner, x + row / repeated * inner, into: y + row * inner) {
          factor * $0
        }
      }
    }
  }

  /// The sum of `count` values on the calling thread; the same bits as `sum`.
  private static func serialSum(_ x: UnsafePointer<Float>, count: Int) -> Float {
    guard count > block else { return orbit_sum(x, Int64(count)) }
    var (total, i) = (0.0, 0)
    while i < count {
      total += Double(orbit_sum(x + i, Int64(min(block, count - i))))
      i += block
    }
    return Float(total)
  }

  /// Whether all values are finite.
  public static func allFinite(_ x: UnsafePointer<Float>, count: Int) -> Bool {
    orbit_all_finite(x, Int64(count)) != 0
  }
}
