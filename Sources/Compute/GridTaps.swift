/// Where a position of a grid reads along one side of an image.
struct GridTap {
  /// The pixels before and after, within the image.
  var low: Int32 = 0, high: Int32 = 0
  /// The weights of the two pixels; zero where the fill stands in the place of one.
  var near: Float = 0, far: Float = 0
  /// The derivatives of the weights by the coordinate.
  var nearSlope: Float = 0, farSlope: Float = 0
}

/// Scratch memory for some neighbouring positions of a grid: they are folded into the image four at
/// a time without branches, then read one by one.
struct GridTaps {
  /// The positions that are worked on together.
  static let capacity = 64

  /// Along the width.
  let across: UnsafeMutablePointer<GridTap>
  /// Along the height.
  let down: UnsafeMutablePointer<GridTap>
  private let coordinates: UnsafeMutablePointer<Float>

  /// Lends the memory that one thread needs.
  @inline(__always)
  static func with(_ body: (GridTaps) -> Void) {
    withUnsafeTemporaryAllocation(of: GridTap.self, capacity: 2 * capacity) { taps in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: capacity) { coordinates in
        guard let taps = taps.baseAddress, let coordinates = coordinates.baseAddress else { return }
        taps.initialize(repeating: GridTap(), count: 2 * capacity)
        coordinates.initialize(repeating: 0, count: capacity)
        body(GridTaps(across: taps, down: taps + capacity, coordinates: coordinates))
      }
    }
  }

  /// Folds `count` positions (x, y) into an image.
  @inline(__always)
  func place<Fold: GridFold>(
    _ grid: UnsafePointer<Float>, _ count: Int, height: Int, width: Int, folding: Fold.Type
  ) {
    place(grid, count, side: Float(width), into: across, folding: folding)
    place(grid + 1, count, side: Float(height), into: down, folding: folding)
  }

  @inline(__always)
  private func place<Fold: GridFold>(
    _ grid: UnsafePointer<Float>, _ count: Int, side: Float,
    into taps: UnsafeMutablePointer<GridTap>, folding: Fold.Type
  ) {
    for i in 0..<count { coordinates[i] = grid[2 &* i] }
    var i = 0
    while i < count {
      let four = UnsafeRawPointer(coordinates + i).loadUnaligned(as: SIMD4<Float>.self)
      let lanes = Fold.fold(four, side: side)
      // Below 2^23 the sum's low bits are the whole number itself.
      let low = unsafeBitCast(lanes.low + 0x1p23, to: SIMD4<Int32>.self) & 0x7F_FFFF
      let high = unsafeBitCast(lanes.high + 0x1p23, to: SIMD4<Int32>.self) & 0x7F_FFFF
      for k in 0..<4 {
        taps[i &+ k] = GridTap(
          low: low[k], high: high[k], near: lanes.near[k], far: lanes.far[k],
          nearSlope: lanes.nearSlope[k], farSlope: lanes.farSlope[k])
      }
      i &+= 4
    }
  }
}
