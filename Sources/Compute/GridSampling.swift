/// Bilinear reading of images at positions that a grid gives, and the derivatives by both.
///
/// Images are `[N, H, W, C]`, grids `[N, positions, 2]` with (x, y) in normalised coordinates: the
/// frame is [-1, 1] × [-1, 1] and pixel i of W has its centre at (2i + 1)/W − 1. A position that is
/// not a number reads what is none.
public struct GridSampling: Sendable {
  /// What a position beyond the image reads.
  public enum Border: Sendable, Hashable {
    /// A value that the interpolation blends with the pixels at the edge.
    case constant(Float)
    /// The nearest pixel.
    case clamp
    /// The image mirrored half a pixel beyond the outermost pixel centres.
    case reflect
  }

  /// The number of images.
  public let images: Int
  /// Rows of an image.
  public let height: Int
  /// Columns of an image.
  public let width: Int
  /// Values a pixel.
  public let channels: Int
  /// Positions of a grid.
  public let positions: Int
  /// What a position beyond the image reads.
  public let border: Border

  /// Takes the sizes; `nil` when one is not positive or a side is beyond `largestSide`.
  public init?(
    images: Int, height: Int, width: Int, channels: Int, positions: Int, border: Border
  ) {
    let sides = 1...Self.largestSide
    guard images > 0, channels > 0, positions > 0, sides.contains(height), sides.contains(width)
    else { return nil }
    (self.images, self.height, self.width) = (images, height, width)
    (self.channels, self.positions, self.border) = (channels, positions, border)
  }

  /// Beyond this, single precision has no fractions of a pixel that are worth blending.
  public static let largestSide = 1 << 20

  /// Positions that make a thread worth its start.
  private var grain: Int { max(1, Elementwise.grain / (8 + 2 * channels)) }
  /// Values of an image.
  private var values: Int { height * width * channels }
  /// What stands beyond the image.
  private var fill: Float {
    guard case .constant(let value) = border else { return 0 }
    return value
  }

  /// Calls `body` with every position of a range, the image that it reads and its places in it.
  @inline(__always)
  private func each(
    _ range: Range<Int>, _ grid: UnsafePointer<Float>, _ taps: GridTaps,
    _ body: (_ item: Int, _ places: SIMD4<Int>, _ across: GridTap, _ down: GridTap) -> Void
  ) {
    var item = range.lowerBound
    while item < range.upperBound {
      let n = item / positions
      let count = min(min(range.upperBound, (n + 1) * positions) - item, GridTaps.capacity)
      let positions = grid + 2 * item
      switch border {
      case .constant:
        taps.place(positions, count, height: height, width: width, folding: GridFillFold.self)
      case .clamp:
        taps.place(positions, count, height: height, width: width, folding: GridClampFold.self)
      case .reflect:
        taps.place(positions, count, height: height, width: width, folding: GridReflectFold.self)
      }
      let (start, line) = (n * values, width * channels)
      for i in 0..<count {
        let (x, y) = (taps.across[i], taps.down[i])
        let (left, right) = (Int(x.low) &* channels, Int(x.high) &* channels)
        let (upper, lower) = (start &+ Int(y.low) &* line, start &+ Int(y.high) &* line)
        let places = SIMD4(upper &+ left, upper &+ right, lower &+ left, lower &+ right)
        body(item &+ i, places, x, y)
      }
      item += count
    }
  }

  /// Reads the images at the positions: `[N, positions, C]`.
  public func forward(
    image: UnsafePointer<Float>, grid: UnsafePointer<Float>,
    into destination: UnsafeMutablePointer<Float>
  ) {
    let (channels, fill) = (channels, fill)
    Parallel.ranges(images * positions, grain: grain) { range in
      GridTaps.with { taps in
        each(range, grid, taps) { item, p, x, y in
          let target = destination + item &* channels
          let w = SIMD4(y.near * x.near, y.near * x.far, y.far * x.near, y.far * x.far)
          // Weights beyond the image are zero; the fill takes what they leave.
          let rest = fill == 0 ? 0 : fill * (1 - w.sum())
          var c = 0
          while c &+ 16 <= channels {
            let top = w[0] * image.lanes(p[0] &+ c, 16) + w[1] * image.lanes(p[1] &+ c, 16)
            let bottom = w[2] * image.lanes(p[2] &+ c, 16) + w[3] * image.lanes(p[3] &+ c, 16)
            target.store(top + bottom + rest, c, 16)
            c &+= 16
          }
          while c < channels {
            let top = w[0] * image[p[0] &+ c] + w[1] * image[p[1] &+ c]
            let bottom = w[2] * image[p[2] &+ c] + w[3] * image[p[3] &+ c]
            target[c] = top + bottom + rest
            c &+= 1
          }
        }
      }
    }
  }

  /// Writes the gradient with respect to the images: every position adds its gradient to the pixels
  /// that it read, weighted as it read them, in the grid's order.
  public func backwardImage(
    grid: UnsafePointer<Float>, gradient: UnsafePointer<Float>,
    into imageGradient: UnsafeMutablePointer<Float>
  ) {
    let channels = channels
    // Several positions add to one pixel, so an image belongs to one thread.
    Parallel.ranges(images, grain: 1 + grain / positions) { range in
      (imageGradient + range.lowerBound * values)
        .update(repeating: 0, count: range.count * values)
      GridTaps.with { taps in
        each(range.lowerBound * positions..<range.upperBound * positions, grid, taps) {
          item, p, x, y in
          let g = gradient + item &* channels
          let w = SIMD4(y.near * x.near, y.near * x.far, y.far * x.near, y.far * x.far)
          for corner in 0..<4 {
            let (pixel, weight) = (imageGradient + p[corner], w[corner])
            var c = 0
            while c &+ 16 <= channels {
              pixel.store(pixel.lanes(c, 16) + weight * g.lanes(c, 16), c, 16)
              c &+= 16
            }
            while c < channels {
              pixel[c] += weight * g[c]
              c &+= 1
            }
          }
        }
      }
    }
  }

  /// Writes the gradient with respect to the grid, through the slopes of the interpolation between
  /// the pixels; at a pixel's centre it is the slope to the right and downwards.
  public func backwardGrid(
    image: UnsafePointer<Float>, grid: UnsafePointer<Float>, gradient: UnsafePointer<Float>,
    into gridGradient: UnsafeMutablePointer<Float>
  ) {
    let (channels, fill) = (channels, fill)
    Parallel.ranges(images * positions, grain: grain) { range in
      GridTaps.with { taps in
        each(range, grid, taps) { item, p, x, y in
          let g = gradient + item &* channels
          // How the four weights grow with the coordinates.
          let alongX =
            SIMD4(x.nearSlope, x.farSlope, x.nearSlope, x.farSlope)
            * SIMD4(y.near, y.near, y.far, y.far)
          let alongY =
            SIMD4(y.nearSlope, y.nearSlope, y.farSlope, y.farSlope)
            * SIMD4(x.near, x.far, x.near, x.far)
          // The fill's weight shrinks by as much as the others' together grow.
          let (fillX, fillY) = (fill * alongX.sum(), fill * alongY.sum())
          var (sumX, sumY) = (Elementwise.Vector.zero, Elementwise.Vector.zero)
          var c = 0
          while c &+ 16 <= channels {
            let part = g.lanes(c, 16)
            let (a, b) = (image.lanes(p[0] &+ c, 16), image.lanes(p[1] &+ c, 16))
            let (d, e) = (image.lanes(p[2] &+ c, 16), image.lanes(p[3] &+ c, 16))
            let slopeX = (alongX[0] * a + alongX[1] * b) + (alongX[2] * d + alongX[3] * e)
            let slopeY = (alongY[0] * a + alongY[2] * d) + (alongY[1] * b + alongY[3] * e)
            sumX += part * (slopeX - fillX)
            sumY += part * (slopeY - fillY)
            c &+= 16
          }
          var total = c > 0 ? SIMD2(sumX.sum(), sumY.sum()) : .zero
          while c < channels {
            let (a, b) = (image[p[0] &+ c], image[p[1] &+ c])
            let (d, e) = (image[p[2] &+ c], image[p[3] &+ c])
            let slopeX = (alongX[0] * a + alongX[1] * b) + (alongX[2] * d + alongX[3] * e)
            let slopeY = (alongY[0] * a + alongY[2] * d) + (alongY[1] * b + alongY[3] * e)
            total += g[c] * SIMD2(slopeX - fillX, slopeY - fillY)
            c &+= 1
          }
          gridGradient[2 &* item] = total.x
          gridGradient[2 &* item &+ 1] = total.y
        }
      }
    }
  }
}
