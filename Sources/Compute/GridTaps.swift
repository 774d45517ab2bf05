/// Where a coordinate of a grid reads along one side of an image: between two pixels.
struct GridAxis {
  /// The pixels before and after, within the image.
  let low: Int, high: Int
  /// 1 where the pixel before or after is one of the image, 0 where the fill stands in its place.
  let lowInside: Float, highInside: Float
  /// How far the position is from the first to the second, from 0 to 1.
  let fraction: Float
  /// The derivative of the position in pixels by the coordinate; zero where the position is held.
  let slope: Float

  @inline(__always)
  init(_ coordinate: Float, side: Int, border: GridSampling.Border) {
    let (half, length) = (0.5 * Float(side), Float(side))
    // The pixel index: pixel i has its centre at i.
    let index = coordinate * half + (half - 0.5)
    let position: Float
    switch border {
    case .constant:
      // Two pixels of fill around the image are as good as a plane of it.
      position = Self.limited(index, -1, length)
      slope = index > -1 && index < length ? half : 0
      let place = Int(position + 1)
      fraction = Self.fraction(position + 1 - Float(place), of: coordinate)
      (low, high) = (min(max(0, place &- 1), side &- 1), min(place, side &- 1))
      lowInside = place >= 1 && place <= side ? 1 : 0
      highInside = place < side ? 1 : 0
      return
    case .clamp:
      position = Self.limited(index, 0, length - 1)
      slope = index > 0 && index < length - 1 ? half : 0
    case .reflect:
      // Symmetric about the edge at −1/2, with the period of two sides.
      let edge = index + 0.5
      let distance = Self.limited(abs(edge), 0, 0x1p22 - 1)
      let folded = distance - Float(Int(distance / (2 * length))) * (2 * length)
      let isMirrored = folded > length
      let inside = (isMirrored ? 2 * length - folded : folded) - 0.5
      position = Self.limited(inside, 0, length - 1)
      let direction: Float = (edge < 0) == isMirrored ? half : -half
      slope = inside > 0 && inside < length - 1 ? direction : 0
    }
    low = Int(position)
    high = min(low &+ 1, side &- 1)
    fraction = Self.fraction(position - Float(low), of: coordinate)
    (lowInside, highInside) = (1, 1)
  }

  /// The nearest number in a range; its lower bound where there is no number.
  @inline(__always)
  private static func limited(_ x: Float, _ lowest: Float, _ highest: Float) -> Float {
    x > lowest ? (x < highest ? x : highest) : lowest
  }

  /// Keeps what is not a number visible.
  @inline(__always)
  private static func fraction(_ fraction: Float, of coordinate: Float) -> Float {
    coordinate.isNaN ? coordinate : fraction
  }
}

/// The four pixels that a position reads: upper left, upper right, lower left, lower right.
struct GridTaps {
  let across: GridAxis
  let down: GridAxis
  /// Where their values are.
  let places: SIMD4<Int>
  /// 1 for pixels of the image, 0 where the fill stands in their place.
  let inside: SIMD4<Float>
  /// The weights of the pixels of the image.
  let weights: SIMD4<Float>
  /// The weight of the fill.
  let weightBeyond: Float

  /// Combines two sides; the image's values start at `image`.
  @inline(__always)
  init(across: GridAxis, down: GridAxis, image: Int, width: Int, channels: Int) {
    (self.across, self.down) = (across, down)
    let (upper, lower) = (
      image &+ down.low &* width &* channels, image &+ down.high &* width &* channels
    )
    let (left, right) = (across.low &* channels, across.high &* channels)
    places = SIMD4(upper &+ left, upper &+ right, lower &+ left, lower &+ right)
    inside =
      SIMD4(across.lowInside, across.highInside, across.lowInside, across.highInside)
      * SIMD4(down.lowInside, down.lowInside, down.highInside, down.highInside)
    let (a, b) = (across.fraction, down.fraction)
    let all = SIMD4(1 - a, a, 1 - a, a) * SIMD4(1 - b, 1 - b, b, b)
    weights = all * inside
    weightBeyond = (all * (1 - inside)).sum()
  }
}
