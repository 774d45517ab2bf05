private import CVectors

/// Blends of images with their grey, mean, black and smoothed versions.
///
/// Images are dense `[N, H, W, C]`.
public enum Recolouring {
  /// The sizes of a batch.
  public struct Layout: Sendable, Hashable {
    /// Images.
    public let count: Int
    /// Rows of an image.
    public let height: Int
    /// Columns of an image.
    public let width: Int
    /// Values a pixel.
    public let channels: Int

    /// Takes the sizes.
    public init(count: Int, height: Int, width: Int, channels: Int) {
      self.count = count
      self.height = height
      self.width = width
      self.channels = channels
    }

    fileprivate var values: Int { height * width * channels }
  }

  /// The factors f of out = d + f (image - d); 1 leaves a blend out.
  public struct Factors: Sendable, Hashable {
    /// d is the grey image; read for three channels only.
    public var saturation: Float
    /// d is the mean of the grey image.
    public var contrast: Float
    /// d is 0.
    public var brightness: Float
    /// d is the image smoothed by (1, 1, 1; 1, 5, 1; 1, 1, 1) / 13, but for its border.
    public var sharpness: Float

    /// Takes the four factors.
    public init(saturation: Float, contrast: Float, brightness: Float, sharpness: Float) {
      self.saturation = saturation
      self.contrast = contrast
      self.brightness = brightness
      self.sharpness = sharpness
    }
  }

  /// Applies the four blends of every image in order, each clamped to 0...1.
  ///
  /// Every image is computed by itself, so the bits do not depend on the number of threads.
  public static func blend(
    _ source: UnsafeBufferPointer<Float>, into destination: UnsafeMutableBufferPointer<Float>,
    layout: Layout, factors: [Factors]
  ) {
    let values = layout.values
    precondition(
      source.count == layout.count * values && destination.count == source.count
        && factors.count == layout.count, "the buffers have the layout's sizes")
    guard values > 0, let source = source.baseAddress, let destination = destination.baseAddress
    else { return }
    Parallel.ranges(layout.count, grain: 1 + 16_384 / values) { range in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: values) { scratch in
        for n in range {
          var change = orbit_color_factors(
            saturation: factors[n].saturation, contrast: factors[n].contrast,
            brightness: factors[n].brightness, sharpness: factors[n].sharpness)
          orbit_recolour(
            source + n * values, destination + n * values, Int64(layout.height),
            Int64(layout.width), Int64(layout.channels), &change, scratch.baseAddress)
        }
      }
    }
  }
}
