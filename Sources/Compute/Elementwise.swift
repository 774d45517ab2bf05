/// Loops over values, sixteen at a time.
///
/// A loop is written as a closure on vectors and inlined into its caller, so that each use compiles
/// to its own vector code. The last, incomplete vector runs through the same closure.
public enum Elementwise {
  /// Sixteen values.
  public typealias Vector = SIMD16<Float>

  /// The least number of values worth another thread.
  public static let grain = 1 << 15

  /// Writes `transform(x)` for the values of a range.
  @inlinable @inline(__always)
  public static func map(
    _ range: Range<Int>, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
    _ transform: (Vector) -> Vector
  ) {
    var i = range.lowerBound
    while i &+ 16 <= range.upperBound {
      store(transform(load(x + i)), y + i)
      i &+= 16
    }
    let rest = range.upperBound &- i
    if rest > 0 { store(transform(load(x + i, rest)), y + i, rest) }
  }

  /// Writes `combine(a, b)` for the values of a range.
  @inlinable @inline(__always)
  public static func zip(
    _ range: Range<Int>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    into y: UnsafeMutablePointer<Float>, _ combine: (Vector, Vector) -> Vector
  ) {
    var i = range.lowerBound
    while i &+ 16 <= range.upperBound {
      store(combine(load(a + i), load(b + i)), y + i)
      i &+= 16
    }
    let rest = range.upperBound &- i
    if rest > 0 { store(combine(load(a + i, rest), load(b + i, rest)), y + i, rest) }
  }

  /// Writes `combine(a, b, c)` for the values of a range.
  @inlinable @inline(__always)
  public static func zip(
    _ range: Range<Int>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    _ c: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
    _ combine: (Vector, Vector, Vector) -> Vector
  ) {
    var i = range.lowerBound
    while i &+ 16 <= range.upperBound {
      store(combine(load(a + i), load(b + i), load(c + i)), y + i)
      i &+= 16
    }
    let rest = range.upperBound &- i
    if rest > 0 {
      store(combine(load(a + i, rest), load(b + i, rest), load(c + i, rest)), y + i, rest)
    }
  }

  /// Writes `combine(a, row)` for a range of rows of `width` values, with the same `row` for each.
  @inlinable @inline(__always)
  public static func zipRows(
    _ rows: Range<Int>, width: Int, _ a: UnsafePointer<Float>, _ row: UnsafePointer<Float>,
    into y: UnsafeMutablePointer<Float>, _ combine: (Vector, Vector) -> Vector
  ) {
    // Sixteen narrow rows are one row of whole vectors.
    let group = width % 16 == 0 || width > 256 || rows.count < 16 ? 1 : 16
    let tile = Buffer(count: group * width)
    for i in 0..<group { (tile.pointer + i * width).update(from: row, count: width) }
    var r = rows.lowerBound
    while r < rows.upperBound {
      let count = min(group, rows.upperBound &- r) &* width
      zip(0..<count, a + r &* width, tile.pointer, into: y + r &* width, combine)
      r &+= group
    }
    withExtendedLifetime(tile) {}
  }

  /// Sixteen values from any address.
  @inlinable @inline(__always)
  public static func load(_ x: UnsafePointer<Float>) -> Vector {
    UnsafeRawPointer(x).loadUnaligned(as: Vector.self)
  }

  /// The first `count` lanes from memory, the others zero.
  @inlinable @inline(__always)
  public static func load(_ x: UnsafePointer<Float>, _ count: Int) -> Vector {
    var vector = Vector.zero
    withUnsafeMutableBytes(of: &vector) {
      $0.copyMemory(from: UnsafeRawBufferPointer(start: x, count: count &* 4))
    }
    return vector
  }

  /// Sixteen values to any address.
  @inlinable @inline(__always)
  public static func store(_ vector: Vector, _ y: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(y).storeBytes(of: vector, as: Vector.self)
  }

  /// The first `count` lanes to memory.
  @inlinable @inline(__always)
  public static func store(_ vector: Vector, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    withUnsafeBytes(of: vector) {
      UnsafeMutableRawPointer(y).copyMemory(
        from: $0.baseAddress.unsafelyUnwrapped, byteCount: count &* 4)
    }
  }
}
