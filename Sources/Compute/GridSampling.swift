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

  /// The four pixels that position `item` reads.
  @inline(__always)
  private func taps(_ item: Int, _ grid: UnsafePointer<Float>) -> GridTaps {
    GridTaps(
      across: GridAxis(grid[2 &* item], side: width, border: border),
      down: GridAxis(grid[2 &* item &+ 1], side: height, border: border),
      image: item / positions &* values, width: width, channels: channels)
  }

  /// Reads the images at the positions: `[N, positions, C]`.
  public func forward(
    image: UnsafePointer<Float>, grid: UnsafePointer<Float>,
    into destination: UnsafeMutablePointer<Float>
  ) {
    let (channels, fill) = (channels, fill)
    Parallel.ranges(images * positions, grain: grain) { range in
      for item in range {
        let taps = taps(item, grid)
        let target = destination + item &* channels
        let (p, w) = (taps.places, taps.weights)
        // Weights beyond the image are zero; the fill takes what they leave.
        let rest = fill == 0 ? 0 : fill * taps.weightBeyond
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

  /// Writes the gradient with respect to the images: every position adds its gradient to the pixels
  /// that it read, weighted as it read them, in the grid's order.
  public func backwardImage(
    grid: UnsafePointer<Float>, gradient: UnsafePointer<Float>,
    into imageGradient: UnsafeMutablePointer<Float>
  ) {
    // Several positions add to one pixel, so an image belongs to one thread.
    Parallel.ranges(images, grain: 1 + grain / positions) { range in
      (imageGradient + range.lowerBound * values)
        .update(repeating: 0, count: range.count * values)
      for item in range.lowerBound * positions..<range.upperBound * positions {
        let taps = taps(item, grid)
        let g = gradient + item &* channels
        for corner in 0..<4 where taps.weights[corner] != 0 {
          let (pixel, weight) = (imageGradient + taps.places[corner], taps.weights[corner])
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

  /// Writes the gradient with respect to the grid, through the slopes of the interpolation between
  /// the pixels; at a pixel's centre it is the slope to the right and downwards.
  public func backwardGrid(
    image: UnsafePointer<Float>, grid: UnsafePointer<Float>, gradient: UnsafePointer<Float>,
    into gridGradient: UnsafeMutablePointer<Float>
  ) {
    let (channels, fill) = (channels, fill)
    Parallel.ranges(images * positions, grain: grain) { range in
      for item in range {
        let taps = taps(item, grid)
        let g = gradient + item &* channels
        let (p, inside) = (taps.places, taps.inside)
        let beyond = fill * (1 - inside)
        let (a, b) = (taps.across.fraction, taps.down.fraction)
        var (alongX, alongY) = (Elementwise.Vector.zero, Elementwise.Vector.zero)
        var c = 0
        while c &+ 16 <= channels {
          let upperLeft = image.lanes(p[0] &+ c, 16) * inside[0] + beyond[0]
          let upperRight = image.lanes(p[1] &+ c, 16) * inside[1] + beyond[1]
          let lowerLeft = image.lanes(p[2] &+ c, 16) * inside[2] + beyond[2]
          let lowerRight = image.lanes(p[3] &+ c, 16) * inside[3] + beyond[3]
          let part = g.lanes(c, 16)
          let (top, bottom) = (upperRight - upperLeft, lowerRight - lowerLeft)
          let (left, right) = (lowerLeft - upperLeft, lowerRight - upperRight)
          alongX += part * (top + b * (bottom - top))
          alongY += part * (left + a * (right - left))
          c &+= 16
        }
        var (x, y) = (alongX.sum(), alongY.sum())
        while c < channels {
          let pixels =
            SIMD4(image[p[0] &+ c], image[p[1] &+ c], image[p[2] &+ c], image[p[3] &+ c]) * inside
            + beyond
          let (top, bottom) = (pixels[1] - pixels[0], pixels[3] - pixels[2])
          let (left, right) = (pixels[2] - pixels[0], pixels[3] - pixels[1])
          x += g[c] * (top + b * (bottom - top))
          y += g[c] * (left + a * (right - left))
          c &+= 1
        }
        gridGradient[2 &* item] = taps.across.slope * x
        gridGradient[2 &* item &+ 1] = taps.down.slope * y
      }
    }
  }
}
