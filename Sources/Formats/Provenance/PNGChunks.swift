private import CZlib

/// The chunks of a PNG file (PNG specification, section 5.3), which are not looked into but for texts.
public struct PNGChunks: Sendable {
  /// A chunk: length, type, data and CRC.
  public struct Chunk: Sendable {
    /// Four letters, such as `IHDR`.
    public let type: String
    /// Where the whole chunk lies in the file, and its data.
    public let range: Range<Int>, data: Range<Int>

    /// Whether it holds a text: `tEXt`, `zTXt` or `iTXt`.
    public var isText: Bool { ["tEXt", "zTXt", "iTXt"].contains(type) }
  }

  /// The file.
  public let bytes: [UInt8]
  /// Its chunks in order, `IEND` being the last.
  public let chunks: [Chunk]

  /// The first eight bytes of every PNG file.
  public static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// Finds the chunks; `path` is for messages.
  ///
  /// CRCs are not looked at (`isWhole`).
  ///
  /// - Throws: `FormatError.damaged` when the file does not begin as a PNG, or is not chunks up to an `IEND` at its end.
  public init(parsing bytes: [UInt8], path: String) throws(FormatError) {
    func damaged(_ position: Int, _ reason: String) -> FormatError {
      .damaged(
        format: "PNG", path: path, position: position, reason: reason,
        fix: "save or fetch the file again")
    }
    guard bytes.starts(with: Self.signature) else { throw damaged(0, "it does not begin as one") }
    var chunks: [Chunk] = []
    var place = Self.signature.count
    while chunks.last?.type != "IEND" {
      guard bytes.count - place >= 12 else { throw damaged(place, "it ends within a chunk") }
      let length = bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
      let type = bytes[place + 4..<place + 8]
      guard type.allSatisfy({ (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }) else {
        throw damaged(place + 4, "the type of a chunk is not four letters")
      }
      guard length <= bytes.count - place - 12 else {
        throw damaged(place, "a chunk claims \(length) bytes, which the file does not have")
      }
      chunks.append(
        Chunk(
          type: String(decoding: type, as: UTF8.self), range: place..<place + 12 + length,
          data: place + 8..<place + 8 + length))
      place += 12 + length
    }
    guard place == bytes.count else { throw damaged(place, "something follows its end") }
    (self.bytes, self.chunks) = (bytes, chunks)
  }

  /// Whether a chunk's CRC is that of its type and data.
  public func isWhole(_ chunk: Chunk) -> Bool {
    Self.crc(bytes[chunk.range.lowerBound + 4..<chunk.data.upperBound]).elementsEqual(
      bytes[chunk.data.upperBound..<chunk.range.upperBound])
  }

  /// The keyword and the text of a `tEXt`, or of an `iTXt` that is not compressed; `nil` for all others.
  public func text(of chunk: Chunk) -> (keyword: String, text: String)? {
    let data = bytes[chunk.data]
    guard let end = data.firstIndex(of: 0) else { return nil }
    // Keywords and tEXt are Latin-1, whose bytes are the first Unicode scalars.
    func latin(_ bytes: ArraySlice<UInt8>) -> String {
      String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }
    let keyword = latin(data[..<end])
    guard chunk.type == "iTXt" else {
      return chunk.type == "tEXt" ? (keyword, latin(data[(end + 1)...])) : nil
    }
    // Compression flag and method, language, keyword in that language.
    var rest = data[(end + 1)...]
    guard rest.count >= 2, rest.first == 0 else { return nil }
    rest = rest.dropFirst(2)
    for _ in 0..<2 {
      guard let end = rest.firstIndex(of: 0) else { return nil }
      rest = rest[(end + 1)...]
    }
    return String(validating: rest, as: UTF8.self).map { (keyword, $0) }
  }

  /// The file with a text before its pixels, as an `iTXt` that is not compressed; the keyword is Latin-1 of 1 to 79 letters.
  public func adding(text: String, keyword: String) -> [UInt8] {
    let data = Array("iTXt".utf8) + Array(keyword.utf8) + [0, 0, 0, 0, 0] + Array(text.utf8)
    let length = data.count - 4
    let before = chunks.first { $0.type == "IDAT" } ?? chunks[chunks.count - 1]
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + data.count + 8)
    result += bytes[..<before.range.lowerBound]
    for shift in [24, 16, 8, 0] { result.append(UInt8(truncatingIfNeeded: length >> shift)) }
    result += data
    result += Self.crc(data[...])
    result += bytes[before.range.lowerBound...]
    return result
  }

  private static func crc(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    let sum = bytes.withUnsafeBufferPointer { crc32(0, $0.baseAddress, UInt32($0.count)) }
    return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sum >> $0) }
  }
}
