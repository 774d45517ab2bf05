private import CPNG

/// The pixels of a PNG file, read through libpng.
public struct PNGImage: Sendable, Equatable {
  /// Height, width, channels: 1 for grey images, 3 for colour.
  public let shape: [Int]
  /// The values row by row, channels together.
  public let pixels: [UInt8]

  /// Takes the pixels of an image `[H, W, C]`.
  public init(shape: [Int], pixels: [UInt8]) {
    precondition(pixels.count == shape.reduce(1, *), "a value for every place")
    (self.shape, self.pixels) = (shape, pixels)
  }

  /// Reads a file; 16-bit values become 8-bit ones, and what is transparent is laid on white.
  ///
  /// - Throws: `FormatError.file` when the system refuses it, `FormatError.damaged` when it is no whole PNG,
  ///   `FormatError.tooLarge` for more than `limit` pixels.
  public static func read(_ path: String, limit: Int = 1 << 26) throws(FormatError) -> PNGImage {
    try PNGImage(parsing: try File.read(path), path: path, limit: limit)
  }

  /// Understands the bytes of a file; `path` is for messages.
  public init(parsing bytes: [UInt8], path: String, limit: Int = 1 << 26) throws(FormatError) {
    // libpng keeps the address from its first call to its second.
    self = try bytes.withUnsafeBufferPointer { bytes throws(FormatError) in
      try PNGImage(bytes, path: path, limit: limit)
    }
  }

  private init(
    _ bytes: UnsafeBufferPointer<UInt8>, path: String, limit: Int
  ) throws(FormatError) {
    var image = png_image()
    image.version = UInt32(PNG_IMAGE_VERSION)
    defer { png_image_free(&image) }
    func damaged() -> FormatError {
      let reason = withUnsafeBytes(of: image.message) { message in
        String(decoding: message.prefix { $0 != 0 }, as: UTF8.self)
      }
      return .damaged(
        format: "PNG", path: path, position: nil,
        reason: reason.isEmpty ? "libpng cannot read it" : reason, fix: "save the image again")
    }
    guard png_image_begin_read_from_memory(&image, bytes.baseAddress, bytes.count) != 0 else {
      throw damaged()
    }
    let (height, width) = (Int(image.height), Int(image.width))
    guard height * width <= limit else {
      throw .tooLarge(format: "PNG", path: path, limit: limit, fix: "scale the image down")
    }
    let isColour = image.format & UInt32(PNG_FORMAT_FLAG_COLOR) != 0
    image.format = UInt32(isColour ? PNG_FORMAT_FLAG_COLOR : 0)
    let channels = isColour ? 3 : 1
    var white = png_color(red: 255, green: 255, blue: 255)
    var pixels = [UInt8](repeating: 0, count: height * width * channels)
    guard png_image_finish_read(&image, &white, &pixels, 0, nil) != 0 else { throw damaged() }
    shape = [height, width, channels]
    self.pixels = pixels
  }
}
