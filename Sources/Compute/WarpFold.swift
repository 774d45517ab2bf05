/// Positions or weights of four neighbouring output pixels.
///
/// Four lanes are one register on every processor that the engine runs on; every step has to stay
/// free of branches and of calls.
typealias WarpLanes = SIMD4<Float>

extension SIMD4<Float> {
  /// The next whole number below, for numbers from 0 to 2^22: adding 2^23 drops the fraction.
  @inline(__always)
  var floored: Self {
    let nearest = (self + 0x1p23) - 0x1p23
    return nearest - Self(repeating: 0).replacing(with: 1, where: nearest .> self)
  }

  /// The larger of two numbers, the second where one is NaN.
  @inline(__always)
  func orLarger(_ other: Self) -> Self { other.replacing(with: self, where: self .> other) }

  /// The smaller of two numbers, the second where one is NaN.
  @inline(__always)
  func orSmaller(_ other: Self) -> Self { other.replacing(with: self, where: other .> self) }

  /// The nearest numbers in a range; its lower bound where this is NaN.
  @inline(__always)
  func limited(_ lowest: Self, _ highest: Self) -> Self { orLarger(lowest).orSmaller(highest) }
}

/// How positions beyond the image come back to pixels of its bordered copy, along one axis.
protocol WarpFold {
  /// From input pixel indices to pixel indices of the copy, where the next pixel exists too.
  static func fold(_ position: WarpLanes, side: Float) -> WarpLanes
}

/// Positions beyond the border read the border.
enum FoldOntoBorder: WarpFold {
  @inline(__always)
  static func fold(_ position: WarpLanes, side: Float) -> WarpLanes {
    (position + 1).limited(WarpLanes(repeating: 0), WarpLanes(repeating: side + 1))
  }
}

/// Positions beyond the outermost pixels read those.
enum FoldOntoEdge: WarpFold {
  @inline(__always)
  static func fold(_ position: WarpLanes, side: Float) -> WarpLanes {
    (position + 1).limited(WarpLanes(repeating: 1), WarpLanes(repeating: side))
  }
}

/// Mirrors at -1/2 and side - 1/2.
enum FoldByMirrors: WarpFold {
  @inline(__always)
  static func fold(_ position: WarpLanes, side: Float) -> WarpLanes {
    let edge = position + 0.5
    // Symmetric about 0, period 2·side; beyond 2^22 single precision has no fractions anyway.
    let distance = edge.orLarger(-edge).orSmaller(WarpLanes(repeating: 0x1p22 - 1))
    let folded = distance - (distance * (0.5 / side)).floored * (2 * side)
    return (folded.orSmaller(2 * side - folded) + 0.5)
      .limited(WarpLanes(repeating: 1), WarpLanes(repeating: side))
  }
}

/// The same mirrors for positions from -2·side to 2·side, which need no division.
enum FoldByNearMirrors: WarpFold {
  @inline(__always)
  static func fold(_ position: WarpLanes, side: Float) -> WarpLanes {
    let edge = position + 0.5
    let distance = edge.orLarger(-edge)
    return (distance.orSmaller(2 * side - distance) + 0.5)
      .limited(WarpLanes(repeating: 1), WarpLanes(repeating: side))
  }
}

/// How homogeneous positions become positions.
protocol WarpDivision {
  /// u/w and v/w.
  static func divide(_ u: WarpLanes, _ v: WarpLanes, by w: WarpLanes) -> (WarpLanes, WarpLanes)
}

/// For maps whose w is 1.
enum NoDivision: WarpDivision {
  @inline(__always)
  static func divide(_ u: WarpLanes, _ v: WarpLanes, by w: WarpLanes) -> (WarpLanes, WarpLanes) {
    (u, v)
  }
}

/// For maps whose w is far above 0 over the whole output.
enum PlainDivision: WarpDivision {
  @inline(__always)
  static func divide(_ u: WarpLanes, _ v: WarpLanes, by w: WarpLanes) -> (WarpLanes, WarpLanes) {
    let reciprocal = 1 / w
    return (u * reciprocal, v * reciprocal)
  }
}

/// For all maps: at the horizon positions go far beyond the image, but stay finite.
enum DivisionNearHorizon: WarpDivision {
  @inline(__always)
  static func divide(_ u: WarpLanes, _ v: WarpLanes, by w: WarpLanes) -> (WarpLanes, WarpLanes) {
    let size = w.orLarger(-w).orLarger(WarpLanes(repeating: 1e-6))
    let reciprocal = 1 / size.replacing(with: -size, where: w .< 0)
    return (u * reciprocal, v * reciprocal)
  }
}
