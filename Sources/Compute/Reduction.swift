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
    let blocks = (count + block - 1) / block
    guard blocks > 1 else { return blockSum(x, count) }
    let partial = Buffer(count: blocks)
    let places = partial.pointer
    Parallel.ranges(blocks, grain: Elementwise.grain / block) { range in
      for b in range { places[b] = blockSum(x + b * block, min(block, count - b * block)) }
    }
    var total = 0.0
    for b in 0..<blocks { total += Double(places[b]) }
    withExtendedLifetime(partial) {}
    return Float(total)
  }

  private static func blockSum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    var (even, odd) = (Elementwise.Vector.zero, Elementwise.Vector.zero)
    var i = 0
    while i &+ 32 <= count {
      even += Elementwise.load(x + i)
      odd += Elementwise.load(x + (i &+ 16))
      i &+= 32
    }
    even += odd
    var total = (even.lowHalf + even.highHalf).sum()
    while i < count {
      total += x[i]
      i &+= 1
    }
    return total
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
        addRows(
          rows.count, inner, x + (o * reduced + rows.lowerBound) * inner, places + item * inner)
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

  /// Writes the sum of `count` rows of `width` values.
  private static func addRows(
    _ count: Int, _ width: Int, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>
  ) {
    // Sixteen narrow rows are one row of whole vectors, folded at the end.
    let group = width % 16 == 0 || width > 256 || count < 16 ? 1 : 16
    let sums = Buffer(count: group * width)
    let sum = sums.pointer
    sum.update(repeating: 0, count: group * width)
    for r in stride(from: 0, to: count, by: group) {
      Elementwise.zip(0..<min(group, count - r) * width, sum, x + r * width, into: sum) { $0 + $1 }
    }
    y.update(from: sum, count: width)
    for k in stride(from: 1, to: group, by: 1) {
      Elementwise.zip(0..<width, y, sum + k * width, into: y) { $0 + $1 }
    }
    withExtendedLifetime(sums) {}
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
    guard count > block else { return blockSum(x, count) }
    var (total, i) = (0.0, 0)
    while i < count {
      total += Double(blockSum(x + i, min(block, count - i)))
      i += block
    }
    return Float(total)
  }

  /// Whether all values are finite.
  public static func allFinite(_ x: UnsafePointer<Float>, count: Int) -> Bool {
    var (bad, i) = (Elementwise.Vector.zero, 0)
    while i &+ 16 <= count {
      // Zero times a finite number is zero, and a NaN stays in the sum.
      bad += Elementwise.load(x + i) * 0
      i &+= 16
    }
    var total = bad.sum()
    while i < count {
      total += x[i] * 0
      i &+= 1
    }
    return total == 0
  }
}
