import CPNG
import Glibc

/// What a PNG file should be first: small, or soon there.
///
/// Of a chart of 640 by 380 points, zlib's level 4 takes 6 ms for 108 KB, level 7 takes 22 ms for 103 KB, and level 9
/// would take 137 ms for 99 KB.
public enum Compression: Int32, Sendable {
  /// For a picture that the next one replaces.
  case fast = 4
  /// For a picture that stays, in a notebook or a file.
  case small = 7
}

/// Writes pixels as a PNG file with its texts and pixel density.
enum PNGEncoder {
  /// Encodes rows of RGBA bytes, with the opacity not multiplied into the colours.
  ///
  /// A picture of few colours is written with a palette, which is less than half as large.
  ///
  /// - Parameter texts: keys and values in the order they are written, as iTXt chunks.
  /// - Throws: `RenderingError.textKey` for a bad key, `RenderingError.encoding` for libpng's faults.
  static func encode(
    rgba: [UInt8], width: Int, height: Int, pixelsPerMetre: Int,
    texts: [(key: String, value: String)], compression: Compression
  ) throws(RenderingError) -> [UInt8] {
    for (key, _) in texts {
      let bytes = key.utf8
      guard (1...79).contains(bytes.count), bytes.allSatisfy({ (0x20...0x7E).contains($0) }),
        bytes.first != 0x20, bytes.last != 0x20
      else { throw .textKey(key) }
    }
    let strings = texts.flatMap { [strdup($0.key), strdup($0.value)] }
    defer { for string in strings { free(string) } }
    var output = orbit_png_output()
    let indexed = IndexedPixels(rgba: rgba)
    let succeeded = orbit_png_encode(
      indexed?.indices ?? rgba, UInt32(width), UInt32(height), indexed?.palette,
      Int32((indexed?.palette.count ?? 0) / 4), UInt32(pixelsPerMetre),
      compression.rawValue, strings,
      Int32(texts.count), &output)
    defer { free(output.bytes) }
    guard succeeded == 1, let bytes = output.bytes else {
      let reason = withUnsafeBytes(of: output.message) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      throw .encoding(reason: reason)
    }
    return Array(UnsafeBufferPointer(start: bytes, count: output.count))
  }
}
