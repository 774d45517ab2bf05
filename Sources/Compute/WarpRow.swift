/// One row of a warp's output: where its pixels read, and the reading.
struct WarpRow {
  typealias Lanes = SIMD8<Float>

  let width: Int
  /// Whether a row of 1 where the position is in the frame, 0 beyond, is wanted.
  let coverage: UnsafeMutablePointer<Float>
  private let right: UnsafeMutablePointer<Float>
  private let down: UnsafeMutablePointer<Float>
  private let offsets: UnsafeMutablePointer<Int32>
  private let inputHeight: Float
  private let inputWidth: Float
  private let stride: Float
  private let channels: Float

  /// A row's width in whole vectors.
  static func padded(_ width: Int) -> Int { (width + 7) & ~7 }

  init(
    _ layout: Warp.Layout, numbers: UnsafeMutablePointer<Float>,
    offsets: UnsafeMutablePointer<Int32>
  ) {
    width = layout.outputWidth
    let lanes = Self.padded(width)
    right = numbers
    down = numbers + lanes
    coverage = numbers + 2 * lanes
    self.offsets = offsets
    inputHeight = Float(layout.height)
    inputWidth = Float(layout.width)
    stride = Float((layout.width + 3) * layout.channels)
    channels = Float(layout.channels)
  }

  /// Computes where the pixels of row `y` read: for each the offset of the upper left of its four
  /// neighbours in the bordered copy and the fractions to the right and down; the coverage too where
  /// the border needs it.
  func place(_ map: Warp.PixelMap, y: Int, border: Warp.Border) {
    switch (border, map.isAffine) {
    case (.reflect, true): place(map, y, affine: true, reflect: true, lowest: 1, beyond: 0)
    case (.reflect, false): place(map, y, affine: false, reflect: true, lowest: 1, beyond: 0)
    case (.constant, true), (.background, true):
      place(map, y, affine: true, reflect: false, lowest: 0, beyond: 1)
    case (.constant, false), (.background, false):
      place(map, y, affine: false, reflect: false, lowest: 0, beyond: 1)
    case (.clamp, true), (.hard, true):
      place(map, y, affine: true, reflect: false, lowest: 1, beyond: 0)
    case (.clamp, false), (.hard, false):
      place(map, y, affine: false, reflect: false, lowest: 1, beyond: 0)
    }
    switch border {
    case .hard: cover(map, y, hard: true)
    case .background: cover(map, y, hard: false)
    case .constant, .reflect, .clamp: break
    }
  }

  /// The flags are literals at every call, so each call is compiled for its own.
  @inline(__always)
  private func place(
    _ map: Warp.PixelMap, _ y: Int, affine: Bool, reflect: Bool, lowest: Float, beyond: Float
  ) {
    let (lower, farthestX) = (Lanes(repeating: lowest), Lanes(repeating: inputWidth + beyond))
    let farthestY = Lanes(repeating: inputHeight + beyond)
    var x = 0
    while x < width {
      let (u, v) = position(map, Float(x), Float(y), affine: affine)
      let (s, t) =
        reflect
        ? (Self.mirror(u, inputWidth), Self.mirror(v, inputHeight)) : (u + 1, v + 1)
      let column = Self.clamp(s, lower, farthestX)
      let row = Self.clamp(t, lower, farthestY)
      let (left, top) = (Self.floor(column), Self.floor(row))
      store(column - left, right + x)
      store(row - top, down + x)
      // Below 2^23 the sum's low bits are the whole number itself.
      let address = top * stride + left * channels + Self.shift
      let bits = unsafeBitCast(address, to: SIMD8<UInt32>.self) & 0x7F_FFFF
      UnsafeMutableRawPointer(offsets + x).storeBytes(
        of: unsafeBitCast(bits, to: SIMD8<Int32>.self), as: SIMD8<Int32>.self)
      x += 8
    }
  }

  /// The share of the interpolation's weights that falls on pixels of the image; with a hard edge 1
  /// where the position is in the frame and 0 elsewhere.
  private func cover(_ map: Warp.PixelMap, _ y: Int, hard: Bool) {
    let (zero, one) = (Lanes(repeating: 0), Lanes(repeating: 1))
    var x = 0
    while x < width {
      let (u, v) = position(map, Float(x), Float(y), affine: map.isAffine)
      if hard {
        var inside = one
        inside.replace(
          with: 0,
          where: (u .< -0.5) .| (v .< -0.5) .| (u .>= inputWidth - 0.5)
            .| (v .>= inputHeight - 0.5))
        store(inside, coverage + x)
      } else {
        let across = Self.clamp(u + 1, zero, one) * Self.clamp(inputWidth - u, zero, one)
        let along = Self.clamp(v + 1, zero, one) * Self.clamp(inputHeight - v, zero, one)
        store(across * along, coverage + x)
      }
      x += 8
    }
  }

  /// Eight positions in input pixel indices, from output pixel (x, y) to the right.
  @inline(__always)
  private func position(_ map: Warp.PixelMap, _ x: Float, _ y: Float, affine: Bool) -> (Lanes, Lanes)
  {
    let xs = Lanes(0, 1, 2, 3, 4, 5, 6, 7) + x
    let u = xs * map.u.x + (map.u.y * y + map.u.z)
    let v = xs * map.v.x + (map.v.y * y + map.v.z)
    guard !affine else { return (u, v) }
    let w = xs * map.w.x + (map.w.y * y + map.w.z)
    // At the horizon positions go far beyond the image, but stay finite.
    let size = Self.clamp(
      Self.larger(w, -w), Lanes(repeating: 1e-6), Lanes(repeating: .greatestFiniteMagnitude))
    let reciprocal = 1 / size.replacing(with: -size, where: w .< 0)
    return (u * reciprocal, v * reciprocal)
  }

  /// Folds positions into the image as mirrors at -1/2 and side - 1/2 do; in coordinates of the
  /// bordered copy.
  @inline(__always)
  private static func mirror(_ position: Lanes, _ side: Float) -> Lanes {
    let edge = position + 0.5
    // Symmetric about 0, period 2·side; beyond 2^22 single precision has no fractions anyway.
    let distance = smaller(larger(edge, -edge), Lanes(repeating: 0x1p22 - 1))
    let folded = distance - floor(distance * (0.5 / side)) * (2 * side)
    return smaller(folded, 2 * side - folded) + 0.5
  }

  /// 2^23: what is added to it loses its fraction.
  private static let shift = Lanes(repeating: 0x1p23)

  /// The next whole number below, for numbers from 0 to 2^22.
  @inline(__always)
  private static func floor(_ x: Lanes) -> Lanes {
    let nearest = (x + 0x1p23) - 0x1p23
    return nearest.replacing(with: nearest - 1, where: nearest .> x)
  }

  /// The second where the first is not larger, so a NaN does not get through.
  @inline(__always)
  private static func larger(_ a: Lanes, _ b: Lanes) -> Lanes { b.replacing(with: a, where: a .> b) }

  @inline(__always)
  private static func smaller(_ a: Lanes, _ b: Lanes) -> Lanes { b.replacing(with: a, where: a .< b) }

  @inline(__always)
  private static func clamp(_ x: Lanes, _ lowest: Lanes, _ highest: Lanes) -> Lanes {
    smaller(larger(x, lowest), highest)
  }

  @inline(__always)
  private func store(_ lanes: Lanes, _ target: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(target).storeBytes(of: lanes, as: Lanes.self)
  }

  /// Reads the pixels that `place` found.
  func read(_ image: WarpImage, into target: UnsafeMutablePointer<Float>) {
    if image.channels == 1 {
      readGrey(image, into: target)
    } else {
      readChannels(image, into: target)
    }
  }

  /// Four pixels at a time; each is two reads of two neighbours.
  private func readGrey(_ image: WarpImage, into target: UnsafeMutablePointer<Float>) {
    let (upper, lower) = (UnsafePointer(image.pixels), UnsafePointer(image.pixels + image.stride))
    var x = 0
    while x < width {
      let above = pairs(upper, x)
      let below = pairs(lower, x)
      let a = quadruple(right + x)
      let b = quadruple(down + x)
      let (left, bottomLeft) = (above.evenHalf, below.evenHalf)
      let top = left + a * (above.oddHalf - left)
      let bottom = bottomLeft + a * (below.oddHalf - bottomLeft)
      let values = top + b * (bottom - top)
      if x + 4 <= width {
        UnsafeMutableRawPointer(target + x).storeBytes(of: values, as: SIMD4<Float>.self)
      } else {
        for i in 0..<width - x { target[x + i] = values[i] }
      }
      x += 4
    }
  }

  /// The two neighbours of each of four pixels.
  @inline(__always)
  private func pairs(_ base: UnsafePointer<Float>, _ x: Int) -> SIMD8<Float> {
    @inline(__always) func pair(_ i: Int) -> SIMD2<Float> {
      UnsafeRawPointer(base + Int(offsets[x + i])).loadUnaligned(as: SIMD2<Float>.self)
    }
    return SIMD8(
      lowHalf: SIMD4(lowHalf: pair(0), highHalf: pair(1)),
      highHalf: SIMD4(lowHalf: pair(2), highHalf: pair(3)))
  }

  @inline(__always)
  private func quadruple(_ source: UnsafePointer<Float>) -> SIMD4<Float> {
    UnsafeRawPointer(source).loadUnaligned(as: SIMD4<Float>.self)
  }

  /// One pixel at a time, four channels at a time.
  private func readChannels(_ image: WarpImage, into target: UnsafeMutablePointer<Float>) {
    let channels = image.channels
    for x in 0..<width {
      let corner = UnsafePointer(image.pixels + Int(offsets[x]))
      let (a, b) = (right[x], down[x])
      var c = 0
      while c < channels {
        let (upper, lower) = (corner + c, corner + image.stride + c)
        let (left, bottomLeft) = (quadruple(upper), quadruple(lower))
        let top = left + a * (quadruple(upper + channels) - left)
        let bottom = bottomLeft + a * (quadruple(lower + channels) - bottomLeft)
        let values = top + b * (bottom - top)
        let pixel = target + x * channels + c
        switch channels - c {
        case 1: pixel[0] = values.x
        case 2: (pixel[0], pixel[1]) = (values.x, values.y)
        case 3: (pixel[0], pixel[1], pixel[2]) = (values.x, values.y, values.z)
        default: UnsafeMutableRawPointer(pixel).storeBytes(of: values, as: SIMD4<Float>.self)
        }
        c += 4
      }
    }
  }

  /// Puts in what the coverage leaves out.
  func fill(
    _ target: UnsafeMutablePointer<Float>, channels: Int, border: Warp.Border,
    background: UnsafePointer<Float>?
  ) {
    switch border {
    case .constant, .reflect, .clamp: break
    case .hard(let value):
      for x in 0..<width where coverage[x] == 0 {
        (target + x * channels).update(repeating: value, count: channels)
      }
    case .background:
      guard let background else { return }
      for x in 0..<width where coverage[x] < 1 {
        for c in x * channels..<(x + 1) * channels {
          target[c] += (1 - coverage[x]) * background[c]
        }
      }
    }
  }
}
