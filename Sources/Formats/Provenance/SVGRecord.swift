/// An SVG document and the provenance record in its `<metadata id="provenance">`.
public struct SVGRecord: Sendable {
  /// The document without the record's element.
  public let others: [UInt8]
  /// The text of the record, if there is one.
  public let record: String?

  private static let opening = Array("<metadata id=\"provenance\">".utf8)
  private static let closing = Array("</metadata>".utf8)

  /// Whether bytes are those of an SVG document, from how they begin.
  static func isDocument(_ bytes: [UInt8]) -> Bool {
    ["<?xml", "<svg"].contains { bytes.starts(with: Array($0.utf8)) }
  }

  /// Takes a document apart.
  public init(_ document: [UInt8]) {
    guard let start = Self.place(of: Self.opening, in: document, from: 0),
      let end = Self.place(of: Self.closing, in: document, from: start + Self.opening.count),
      let text = String(
        validating: document[(start + Self.opening.count)..<end], as: UTF8.self)
    else {
      (others, record) = (document, nil)
      return
    }
    others = Array(document[..<start] + document[(end + Self.closing.count)...])
    record = Self.unescaped(text)
  }

  /// A document with a record directly behind the tag that opens it.
  ///
  /// - Parameter seal: makes the record of the document's content and metadata, both as their SHA-256.
  public static func sealed(
    _ document: [UInt8],
    _ seal: (_ content: String, _ metadata: String) throws -> ProvenanceRecord
  ) rethrows -> [UInt8] {
    guard let tag = place(of: Array("<svg".utf8), in: document, from: 0),
      let end = document[tag...].firstIndex(of: UInt8(ascii: ">"))
    else { return document }
    let record = try seal(SHA256.hex(of: document), SHA256.hex(of: ""))
    return document[...end] + opening + Array(escaped(record.text).utf8) + closing
      + document[(end + 1)...]
  }

  private static func place(of part: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
    var place = start
    while let next = bytes[place...].firstIndex(of: part[0]) {
      if bytes[next...].starts(with: part) { return next }
      place = next + 1
    }
    return nil
  }

  private static let escapes = [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")]

  private static func escaped(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
      let escape = escapes.first { $0.0 == String(scalar) }?.1
      result += escape ?? String(scalar)
    }
  }

  private static func unescaped(_ text: String) -> String {
    var (result, rest) = ("", text[...])
    while let start = rest.firstIndex(of: "&") {
      result += rest[..<start]
      rest = rest[start...]
      let escape = escapes.first { rest.hasPrefix($0.1) }
      result += escape?.0 ?? "&"
      rest = rest.dropFirst(escape?.1.count ?? 1)
    }
    return result + rest
  }
}
