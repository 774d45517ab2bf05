private import CVectors

/// Bilinear warps of batches of images, each by its own homography.
///
/// Images are dense `[N, H, W, C]`.
public enum Warp {
  /// What a position beyond the image reads.
  public enum Border: Sendable, Hashable {
    /// A value that the interpolation blends with the pixels at the edge.
    case constant(Float)
    /// A value, with a hard edge half a pixel beyond the outermost pixel centres; positions
    /// within that edge read the nearest pixels.
    case hard(Float)
    /// The image mirrored half a pixel beyond the outermost pixel centres.
    case reflect
    /// The nearest pixel.
    case clamp
    /// The value that `background` has at the output pixel, blended like a constant.
    case background
  }

  /// The sizes of a warp.
  public struct Layout: Sendable, Hashable {
    /// Images.
    public let count: Int
    /// Rows of an input image.
    public let height: Int
    /// Columns of an input image.
    public let width: Int
    /// Values a pixel.
    public let channels: Int
    /// Rows of an output image.
    public let outputHeight: Int
    /// Columns of an output image.
    public let outputWidth: Int

    /// Takes the sizes; output images have the input's size unless said otherwise.
    public init(
      count: Int, height: Int, width: Int, channels: Int, outputHeight: Int? = nil,
      outputWidth: Int? = nil
    ) {
      self.count = count
      self.height = height
      self.width = width
      self.channels = channels
      self.outputHeight = outputHeight ?? height
      self.outputWidth = outputWidth ?? width
    }

    /// The most values that an image may have, border included: addresses are computed in
    /// `Float`, exactly up to here.
    public static let largestImage = 1 << 23

    /// Whether an image with its border is small enough, and no size is negative.
    public var isSupported: Bool {
      guard count >= 0, height > 0, width > 0, channels > 0, outputHeight >= 0, outputWidth >= 0
      else { return false }
      let (rows, tall) = (height + 3).multipliedReportingOverflow(by: width + 3)
      let (values, deep) = rows.multipliedReportingOverflow(by: channels)
      return !tall && !deep && values < Self.largestImage
    }

    /// Images a thread should get at least, so that its work outweighs its start.
    var grain: Int { 1 + 16_384 / max(1, outputHeight * outputWidth * channels) }
  }

  /// Warps every image n of `source` by `maps[n]` into `destination`.
  ///
  /// `background` writes what `Border.background` blends with image n, from several threads, each into a
  /// place of its own that stays in its cache. Every image is computed by itself, so the bits do not depend
  /// on the number of threads.
  public static func bilinear(
    _ source: UnsafeBufferPointer<Float>, into destination: UnsafeMutableBufferPointer<Float>,
    layout: Layout, maps: [PixelMap], border: Border,
    background: ((_ image: Int, _ target: UnsafeMutableBufferPointer<Float>) -> Void)? = nil
  ) {
    let (inputs, outputs) = (layout.inputValues, layout.outputValues)
    precondition(layout.isSupported, "the layout has an image beyond the largest")
    precondition(
      source.count == layout.count * inputs && destination.count == layout.count * outputs
        && maps.count == layout.count, "the buffers have the layout's sizes")
    precondition(
      border != .background || background != nil, "a background border has a background")
    guard let source = source.baseAddress, let destination = destination.baseAddress else { return }
    let (kind, value) = border.parts
    Parallel.ranges(layout.count, grain: layout.grain) { range in
      var sizes = layout.sizes
      let capacity = Int(orbit_warp_scratch(&sizes))
      let behind = background == nil ? 0 : outputs
      withUnsafeTemporaryAllocation(of: Float.self, capacity: capacity + behind) { scratch in
        let drawn = UnsafeMutableBufferPointer(rebasing: scratch[capacity...])
        for n in range {
          var map = maps[n].entries
          background?(n, drawn)
          orbit_warp(
            source + n * inputs, destination + n * outputs, &sizes, &map, kind, value,
            UnsafePointer(drawn.baseAddress), scratch.baseAddress)
        }
      }
    }
  }

  /// Writes 1 where a map reads from beyond the image's frame and 0 elsewhere, `[N, H, W]`.
  ///
  /// The frame ends half a pixel beyond the outermost pixel centres.
  public static func outside(
    into destination: UnsafeMutableBufferPointer<Float>, layout: Layout, maps: [PixelMap]
  ) {
    let pixels = layout.outputHeight * layout.outputWidth
    precondition(
      destination.count == layout.count * pixels && maps.count == layout.count,
      "the buffers have the layout's sizes")
    guard let destination = destination.baseAddress else { return }
    Parallel.ranges(layout.count, grain: layout.grain) { range in
      var sizes = layout.sizes
      for n in range {
        var map = maps[n].entries
        orbit_warp_outside(destination + n * pixels, &sizes, &map)
      }
    }
  }
}

extension Warp.Layout {
  /// Values of an input image.
  fileprivate var inputValues: Int { height * width * channels }
  /// Values of an output image.
  fileprivate var outputValues: Int { outputHeight * outputWidth * channels }

  fileprivate var sizes: orbit_warp_sizes {
    orbit_warp_sizes(
      height: Int64(height), width: Int64(width), channels: Int64(channels),
      output_height: Int64(outputHeight), output_width: Int64(outputWidth))
  }
}

extension Warp.PixelMap {
  fileprivate var entries: orbit_homography {
    orbit_homography(u: (u.x, u.y, u.z), v: (v.x, v.y, v.z), w: (w.x, w.y, w.z))
  }
}

extension Warp.Border {
  /// The border's name in C, and its value.
  fileprivate var parts: (orbit_border, Float) {
    switch self {
    case .constant(let value): (orbit_constant_border, value)
    case .hard(let value): (orbit_hard_border, value)
    case .reflect: (orbit_mirrored_border, 0)
    case .clamp: (orbit_clamped_border, 0)
    case .background: (orbit_background_border, 0)
    }
  }
}
