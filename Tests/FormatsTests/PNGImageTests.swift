import Dispatch
import Formats
import Synchronization
import Testing

/// Reading PNG files that are put together here, chunk by chunk.
@Suite struct PNGImageTests {
  private static let side = 120

  /// The CRC of the PNG specification, annex D, bit by bit.
  private static func crc(_ bytes: [UInt8]) -> UInt32 {
    var sum: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? 0xEDB8_8320 ^ (sum >> 1) : sum >> 1 }
    }
    return ~sum
  }

  private static func bigEndian(_ number: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
  }

  private static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + data
    return bigEndian(UInt32(data.count)) + body + bigEndian(crc(body))
  }

  /// A grey image without compression: one stored block of DEFLATE (RFC 1951, 3.2.4) in zlib's frame (RFC 1950).
  private static func file(_ pixels: [UInt8]) -> [UInt8] {
    let rows = (0..<side).flatMap { row in [0] + pixels[row * side..<(row + 1) * side] }
    var (low, high): (UInt32, UInt32) = (1, 0)
    for byte in rows {
      low = (low + UInt32(byte)) % 65_521
      high = (high + low) % 65_521
    }
    let length = UInt16(rows.count)
    let block: [UInt8] =
      [1, UInt8(length & 255), UInt8(length >> 8), UInt8(~length & 255), UInt8(~length >> 8)] + rows
    let size = bigEndian(UInt32(side))
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      + chunk("IHDR", size + size + [8, 0, 0, 0, 0])
      + chunk("IDAT", [0x78, 1] + block + bigEndian(high << 16 | low)) + chunk("IEND", [])
  }

  private static let pixels = (0..<side * side).map { UInt8(truncatingIfNeeded: $0 * 31 + $0 / 7) }

  @Test("the pixels are those of the file")
  func whole() throws {
    let image = try PNGImage(parsing: Self.file(Self.pixels), path: "f")
    #expect(image.shape == [Self.side, Self.side, 1] && image.pixels == Self.pixels)
  }

  @Test("whatever other threads put where the file was, once nobody needs it")
  func manyThreads() {
    let file = Self.file(Self.pixels)
    let wrong = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 4_000) { _ in
      do throws(FormatError) {
        // A copy that the reader alone holds.
        let image = try PNGImage(parsing: file.map { $0 }, path: "f")
        if image.pixels != Self.pixels { wrong.withLock { $0.append("other pixels") } }
      } catch {
        wrong.withLock { $0.append("\(error)") }
      }
    }
    let found = wrong.withLock { $0 }
    #expect(found.isEmpty, "\(found.count): \(found.first ?? "")")
  }
}
