typealias Quartet = SIMD4<Float>

/// Four positions along one side of an image: between which pixels they lie, and with what weights.
struct GridLanes {
  /// The pixels before and after, within the image.
  var low: Quartet, high: Quartet
  /// The weights of the two pixels; zero where the fill stands in the place of one.
  var near: Quartet, far: Quartet
  /// The derivatives of the weights by the coordinate; zero where the position is held.
  var nearSlope: Quartet, farSlope: Quartet

  /// From the position after folding it into the image, and the derivative by the coordinate.
  @inline(__always)
  init(_ coordinate: Quartet, at position: Quartet, slope: Quartet, side: Float) {
    low = position.wholeBelow
    high = (low + 1).lesser(Quartet(repeating: side - 1))
    // What is not a number stays visible.
    far = (position - low).replacing(with: coordinate, where: coordinate .!= coordinate)
    near = 1 - far
    (nearSlope, farSlope) = (-slope, slope)
  }
}

/// What a border makes of coordinates along one side of an image.
protocol GridFold {
  /// Folds four normalised coordinates into a side.
  static func fold(_ coordinate: SIMD4<Float>, side: Float) -> GridLanes
}

extension GridFold {
  /// Pixel indices; pixel i has its centre at i.
  @inline(__always)
  static func index(_ coordinate: Quartet, _ side: Float) -> Quartet {
    coordinate * (0.5 * side) + (0.5 * side - 0.5)
  }
}

/// Beyond the image there is fill: two pixels of it are as good as a plane.
enum GridFillFold: GridFold {
  @inline(__always)
  static func fold(_ coordinate: Quartet, side: Float) -> GridLanes {
    let (zero, one) = (Quartet(repeating: 0), Quartet(repeating: 1))
    let index = index(coordinate, side)
    let slope = Quartet(repeating: 0.5 * side)
      .replacing(with: 0, where: (index .<= -1) .| (index .>= side))
    // Counted from the pixel of fill before the first.
    let position = (index + 1).held(zero, Quartet(repeating: side + 1))
    var lanes = GridLanes(coordinate, at: position, slope: slope, side: side + 2)
    let (before, after) = (lanes.low - 1, lanes.low)
    let nearInside = one.replacing(with: 0, where: (before .< 0) .| (before .>= side))
    let farInside = one.replacing(with: 0, where: after .>= side)
    lanes.near *= nearInside
    lanes.far *= farInside
    lanes.nearSlope *= nearInside
    lanes.farSlope *= farInside
    lanes.low = before.held(zero, Quartet(repeating: side - 1))
    lanes.high = after.lesser(Quartet(repeating: side - 1))
    return lanes
  }
}

/// Beyond the image its outermost pixels go on.
enum GridClampFold: GridFold {
  @inline(__always)
  static func fold(_ coordinate: Quartet, side: Float) -> GridLanes {
    let index = index(coordinate, side)
    let slope = Quartet(repeating: 0.5 * side)
      .replacing(with: 0, where: (index .<= 0) .| (index .>= side - 1))
    let position = index.held(Quartet(repeating: 0), Quartet(repeating: side - 1))
    return GridLanes(coordinate, at: position, slope: slope, side: side)
  }
}

/// Mirrors at −1/2 and side − 1/2.
enum GridReflectFold: GridFold {
  @inline(__always)
  static func fold(_ coordinate: Quartet, side: Float) -> GridLanes {
    let edge = index(coordinate, side) + 0.5
    let distance = edge.greater(-edge)
      .held(Quartet(repeating: 0), Quartet(repeating: 0x1p22 - 1))
    let folded = distance - (distance * (0.5 / side)).wholeBelow * (2 * side)
    let inside = folded.lesser(2 * side - folded) - 0.5
    let half = Quartet(repeating: 0.5 * side)
    // Every mirror on the way turns the direction.
    let once = half.replacing(with: -half, where: folded .> side)
    let slope = once.replacing(with: -once, where: edge .< 0)
      .replacing(with: 0, where: (inside .<= 0) .| (inside .>= side - 1))
    let position = inside.held(Quartet(repeating: 0), Quartet(repeating: side - 1))
    return GridLanes(coordinate, at: position, slope: slope, side: side)
  }
}

extension SIMD4<Float> {
  /// The next whole number below, for numbers from 0 to 2^22: adding 2^23 drops the fraction.
  @inline(__always)
  fileprivate var wholeBelow: Self {
    let nearest = (self + 0x1p23) - 0x1p23
    return nearest - Self(repeating: 0).replacing(with: 1, where: nearest .> self)
  }

  @inline(__always)
  fileprivate func greater(_ other: Self) -> Self {
    other.replacing(with: self, where: self .> other)
  }

  @inline(__always)
  fileprivate func lesser(_ other: Self) -> Self {
    other.replacing(with: self, where: other .> self)
  }

  /// The nearest numbers in a range; its lower bound where this is NaN.
  @inline(__always)
  fileprivate func held(_ lowest: Self, _ highest: Self) -> Self {
    greater(lowest).lesser(highest)
  }
}
