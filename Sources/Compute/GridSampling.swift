private import CVectors

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
  private var sizes: orbit_grid_sizes {
    orbit_grid_sizes(height: Int64(height), width: Int64(width), channels: Int64(channels))
  }

  /// Shares out the positions and calls `body` with some of one image: its number, the first of them
  /// counted through all images, and how many they are.
  private func share(_ body: (_ image: Int, _ start: Int, _ count: Int64) -> Void) {
    Parallel.ranges(images * positions, grain: grain) { range in
      var start = range.lowerBound
      while start < range.upperBound {
        let image = start / positions
        let end = min(range.upperBound, (image + 1) * positions)
        body(image, start, Int64(end - start))
        start = end
      }
    }
  }

  /// Reads the images at the positions: `[N, positions, C]`.
  public func forward(
    image: UnsafePointer<Float>, grid: UnsafePointer<Float>,
    into destination: UnsafeMutablePointer<Float>
  ) {
    share { n, start, count in
      var sizes = sizes
      orbit_grid_sample(
        image + n * values, grid + 2 * start, destination + start * channels, count, &sizes,
        border.kind, fill)
    }
  }

  /// Writes the gradient with respect to the images: every position adds its gradient to the pixels
  /// that it read, weighted as it read them, in an order that depends on the grid's size alone.
  public func backwardImage(
    grid: UnsafePointer<Float>, gradient: UnsafePointer<Float>,
    into imageGradient: UnsafeMutablePointer<Float>
  ) {
    // Several positions add to one pixel, so an image belongs to one thread.
    Parallel.ranges(images, grain: 1 + grain / positions) { range in
      var sizes = sizes
      for n in range {
        orbit_grid_sample_image_gradient(
          grid + 2 * n * positions, gradient + n * positions * channels,
          imageGradient + n * values, Int64(positions), &sizes, border.kind)
      }
    }
  }

  /// Writes the gradient with respect to the grid, through the slopes of the interpolation between
  /// the pixels; at a pixel's centre it is the slope to the right and downwards.
  public func backwardGrid(
    image: UnsafePointer<Float>, grid: UnsafePointer<Float>, gradient: UnsafePointer<Float>,
    into gridGradient: UnsafeMutablePointer<Float>
  ) {
    share { n, start, count in
      var sizes = sizes
      orbit_grid_sample_grid_gradient(
        image + n * values, grid + 2 * start, gradient + start * channels,
        gridGradient + 2 * start, count, &sizes, border.kind, fill)
    }
  }
}

extension GridSampling.Border {
  fileprivate var kind: orbit_grid_border {
    switch self {
    case .constant: orbit_grid_constant
    case .clamp: orbit_grid_clamped
    case .reflect: orbit_grid_mirrored
    }
  }
}
