/// One row of a warp's output: where its pixels read, and the reading.
struct WarpRow {
  let width: Int
  /// For each pixel, how much of what it reads lies in the image, from 0 to 1.
  let coverage: UnsafeMutablePointer<Float>
  private let right: UnsafeMutablePointer<Float>
  private let down: UnsafeMutablePointer<Float>
  private let offsets: UnsafeMutablePointer<Int32>
  private let inputHeight: Float
  private let inputWidth: Float
  private let stride: Float
  private let channels: Float

  /// A row's width in whole vectors.
  static func padded(_ width: Int) -> Int { (width + 3) & ~3 }

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
  /// neighbours in the bordered copy and the fractions to the right and down.
  ///
  /// Every combination of division and fold is compiled for its own.
  @inline(__always)
  func place<Division: WarpDivision, Fold: WarpFold>(
    _ map: Warp.PixelMap, y: Int, dividing: Division.Type, folding: Fold.Type
  ) {
    let (u, v) = (map.u.y * Float(y) + map.u.z, map.v.y * Float(y) + map.v.z)
    let w = map.w.y * Float(y) + map.w.z
    var xs = WarpLanes(0, 1, 2, 3)
    var x = 0
    while x < width {
      let (across, along) = Division.divide(
        xs * map.u.x + u, xs * map.v.x + v, by: xs * map.w.x + w)
      let column = Fold.fold(across, side: inputWidth)
      let row = Fold.fold(along, side: inputHeight)
      let (left, top) = (column.floored, row.floored)
      store(column - left, right + x)
      store(row - top, down + x)
      // Below 2^23 the sum's low bits are the whole number itself.
      let address = top * stride + left * channels + 0x1p23
      let bits = unsafeBitCast(address, to: SIMD4<UInt32>.self) & 0x7F_FFFF
      UnsafeMutableRawPointer(offsets + x).storeBytes(
        of: unsafeBitCast(bits, to: SIMD4<Int32>.self), as: SIMD4<Int32>.self)
      xs += 4
      x += 4
    }
  }

  /// Computes the share of the interpolation's weights that falls on pixels of the image; with a
  /// hard edge 1 where the position is in the frame and 0 elsewhere.
  func cover(_ map: Warp.PixelMap, y: Int, hard: Bool) {
    let (zero, one) = (WarpLanes(repeating: 0), WarpLanes(repeating: 1))
    let p = SIMD3(0, Float(y), 1)
    let (u0, v0, w0) = ((map.u * p).sum(), (map.v * p).sum(), (map.w * p).sum())
    var xs = WarpLanes(0, 1, 2, 3)
    for x in stride4 {
      let (u, v) = DivisionNearHorizon.divide(
        xs * map.u.x + u0, xs * map.v.x + v0, by: xs * map.w.x + w0)
      xs += 4
      if hard {
        let outside =
          (u .< -0.5) .| (v .< -0.5) .| (u .>= inputWidth - 0.5) .| (v .>= inputHeight - 0.5)
        store(one.replacing(with: 0, where: outside), coverage + x)
      } else {
        let across = (u + 1).limited(zero, one) * (inputWidth - u).limited(zero, one)
        let along = (v + 1).limited(zero, one) * (inputHeight - v).limited(zero, one)
        store(across * along, coverage + x)
      }
    }
  }

  private var stride4: StrideTo<Int> { Swift.stride(from: 0, to: width, by: 4) }

  @inline(__always)
  private func store(_ lanes: WarpLanes, _ target: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(target).storeBytes(of: lanes, as: WarpLanes.self)
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

  /// Puts a value where the coverage is 0.
  func replaceUncovered(
    _ target: UnsafeMutablePointer<Float>, channels: Int, with value: Float
  ) {
    for x in 0..<width where coverage[x] == 0 {
      (target + x * channels).update(repeating: value, count: channels)
    }
  }

  /// Adds the background's share to pixels that were read with a border of 0.
  func blendUncovered(
    _ target: UnsafeMutablePointer<Float>, channels: Int, with background: UnsafePointer<Float>
  ) {
    for x in 0..<width where coverage[x] < 1 {
      for c in x * channels..<(x + 1) * channels {
        target[c] += (1 - coverage[x]) * background[c]
      }
    }
  }
}
