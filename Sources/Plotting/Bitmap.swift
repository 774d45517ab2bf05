/// A small image of whole pixels, grey or RGB, row by row from the top.
///
/// The bytes are ordered `[height, width, channels]`, as images are everywhere in the house.
public struct Bitmap: Sendable, Hashable {
  /// The number of pixels in a row.
  public let width: Int
  /// The number of rows.
  public let height: Int
  /// 1 for grey, 3 for red, green and blue.
  public let channels: Int
  /// The bytes, 0 is black and 255 white.
  public let pixels: [UInt8]

  /// An image from its bytes.
  ///
  /// - Throws: `RenderingError.mismatch` when there are not `width * height * channels` bytes, when a
  ///   side is not positive, or when there are neither 1 nor 3 channels.
  public init(width: Int, height: Int, channels: Int = 1, pixels: [UInt8]) throws(RenderingError) {
    guard width > 0, height > 0 else {
      throw .mismatch(
        operation: "Bitmap", expected: "a positive width and height", found: "\(width) × \(height)")
    }
    guard channels == 1 || channels == 3 else {
      throw .mismatch(
        operation: "Bitmap", expected: "1 channel (grey) or 3 (red, green, blue)",
        found: "\(channels)")
    }
    guard pixels.count == width * height * channels else {
      throw .mismatch(
        operation: "Bitmap",
        expected: "\(width) × \(height) × \(channels) = \(width * height * channels) bytes",
        found: "\(pixels.count)")
    }
    self.width = width
    self.height = height
    self.channels = channels
    self.pixels = pixels
  }

  /// An image from values between 0 (black) and 1 (white), ordered `[height, width, channels]`.
  ///
  /// Values outside are clamped; a value that is not a number becomes black.
  ///
  /// - Throws: `RenderingError.mismatch` as the initializer from bytes does.
  public init<Values: Collection>(
    width: Int, height: Int, channels: Int = 1, values: Values
  ) throws(RenderingError) where Values.Element: BinaryFloatingPoint {
    try self.init(
      width: width, height: height, channels: channels,
      pixels: values.map { value in
        value > 0 ? UInt8((Double(min(value, 1)) * 255).rounded()) : 0
      })
  }
}
