import Formats
import Testing

@Suite("Provenance records")
struct ProvenanceTests {
  static let key = SigningKey(seed: [UInt8](0..<32))

  /// A record whose strings need every kind of escape.
  static func record() -> ProvenanceRecord {
    var record = ProvenanceRecord()
    record[.kind] = "figure"
    record[.source] = "let a = \"ü\\n\"\n\tx\u{1}\u{8}\u{c}\r\u{7f}\u{2028}🎈"
    record[.cell] = "5"
    return record
  }

  static func seal(_ content: String, _ metadata: String) -> ProvenanceRecord {
    var record = record()
    (record[.content], record[.metadata]) = (content, metadata)
    key?.sign(&record)
    return record
  }

  @Test("the public key of RFC 8032's first test vector")
  func vector() throws {
    let seed = try #require(
      Hexadecimal.bytes("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
    let key = try #require(SigningKey(seed: seed))
    #expect(key.publicKey == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    #expect(SigningKey(seed: [1, 2, 3]) == nil)
    #expect(SigningKey.random().publicKey != SigningKey.random().publicKey)
    #expect(SigningKey.fingerprint(of: key.publicKey) == "21fe 31df a154 a261")
  }

  @Test("the signed bytes are the documented ones")
  func canonical() throws {
    var record = Self.record()
    // As Python's json.dumps(…, sort_keys=True, separators=(",", ":"), ensure_ascii=False) writes it.
    let wanted =
      #"{"cell":"5","kind":"figure","provenance":"1","source":"let a = \"ü\\n\"\n\tx\u0001\b\f\r"#
      + "\u{7f}\u{2028}🎈\"}"
    #expect(record.text == wanted)
    try #require(Self.key).sign(&record)
    #expect(record.text != wanted)
    let key = try #require(Self.key)
    let signed =
      wanted.prefix(45) + "\"public_key\":\"\(key.publicKey)\"," + wanted.dropFirst(45)
    #expect(String(decoding: record.signedBytes, as: UTF8.self) == signed)
    #expect(ProvenanceRecord(parsing: record.text) == record)
    #expect(record.isSignatureRight == true)
    #expect(Self.record().isSignatureRight == nil)
  }

  @Test("what is not written as it is signed is no record")
  func strict() {
    let text = Self.seal("a", "b").text
    #expect(ProvenanceRecord(parsing: text) != nil)
    for other in [
      " " + text, text + " ", "[]", "{}}", "{\"cell\":5}", "{\"b\":\"1\",\"a\":\"1\"}",
      "{\"a\":\"\\/\"}", "{\"a\":\"1\",\"a\":\"2\"}", "",
    ] {
      #expect(ProvenanceRecord(parsing: other) == nil, "\(other.prefix(30))")
    }
  }

  @Test("every changed value of a record shows")
  func forged() {
    let record = Self.seal("a", "b")
    for name in record.values.keys where name != "provenance" {
      guard let field = ProvenanceRecord.Field(rawValue: name) else { continue }
      var other = record
      other[field] = String((record[field] ?? "").reversed()) + "0"
      #expect(other.isSignatureRight == false, "\(name)")
      other[field] = nil
      #expect(other.isSignatureRight != true, "\(name)")
    }
    var other = record
    SigningKey.random().sign(&other)
    #expect(other.isSignatureRight == true && other[.publicKey] != record[.publicKey])
    #expect(other.digest != record.digest)
  }

  // MARK: Files

  static func safetensors() throws -> [UInt8] {
    let file = try SafetensorsFile(
      entries: [
        .init("b", shape: [2, 1], floats: [1, -2.5]), .init("a", shape: [], values: .int64([7])),
      ], metadata: ["format": "pt", "options": "{\"x\":\"ü\"}"])
    return try file.sealed(seal).encoded()
  }

  /// A grey image of one pixel, with a tEXt beside; written by hand after the PNG specification.
  static func png() throws -> [UInt8] {
    let bytes: [UInt8] = [
      0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0x0D, 0x49, 0x48, 0x44, 0x52, 0, 0,
      0,
      1, 0, 0, 0, 1, 8, 0, 0, 0, 0, 0x3A, 0x7E, 0x9B, 0x55, 0, 0, 0, 0x0A, 0x49, 0x44, 0x41, 0x54,
      0x78, 0xDA, 0x63, 0x60, 0, 0, 0, 2, 0, 1, 0xE5, 0x27, 0xDE, 0xFC, 0, 0, 0, 0, 0x49, 0x45,
      0x4E,
      0x44, 0xAE, 0x42, 0x60, 0x82,
    ]
    let titled = try PNGChunks(parsing: bytes, path: "f").adding(text: "ü", keyword: "Title")
    return try PNGChunks(parsing: titled, path: "f").sealed(seal)
  }

  static let svg = SVGRecord.sealed(
    Array("<svg width=\"3\">\n<desc>a &amp; b</desc></svg>".utf8), seal)

  static func verdict(_ bytes: [UInt8]) throws(FormatError) -> SealedFile.Verdict {
    try SealedFile(parsing: bytes, path: "f").verified().verdict
  }

  @Test("a file is intact as it was sealed")
  func intact() throws {
    let key = try #require(Self.key).publicKey
    for bytes in [try Self.safetensors(), try Self.png(), Self.svg] {
      #expect(try Self.verdict(bytes) == .intact(publicKey: key))
      let record = try SealedFile(parsing: bytes, path: "f").verified().record
      #expect(record?[.source] == Self.record()[.source])
    }
    // The image is still one, and the other metadata is still there.
    let image = try PNGImage(parsing: try Self.png(), path: "f")
    #expect(image.shape == [1, 1, 1] && image.pixels == [0])
    let file = try SafetensorsFile(parsing: try Self.safetensors(), path: "f")
    #expect(file.metadata["options"] == "{\"x\":\"ü\"}" && file.metadata.count == 3)
    #expect(file["b"]?.floats == [1, -2.5])
  }

  @Test("no changed bit of a file goes unnoticed", arguments: ["safetensors", "png", "svg"])
  func bits(_ kind: String) throws {
    let bytes =
      kind == "svg" ? Self.svg : kind == "png" ? try Self.png() : try Self.safetensors()
    for index in bytes.indices {
      for bit in 0..<8 {
        var wrong = bytes
        wrong[index] ^= 1 << UInt8(bit)
        // An error with a reason is as good as a verdict; a blank of a header's padding may become another blank.
        guard let verdict = try? Self.verdict(wrong) else { continue }
        if case .intact = verdict {
          let isBlank = kind == "safetensors" && bytes[index] == 0x20
          #expect(
            isBlank && [0x09, 0x0A, 0x0D].contains(wrong[index]), "byte \(index), bit \(bit)")
        }
      }
    }
  }

  @Test("a file cut anywhere or made longer is never intact")
  func cut() throws {
    for bytes in [try Self.safetensors(), try Self.png(), Self.svg] {
      for other in (0..<bytes.count).map({ Array(bytes.prefix($0)) }) + [bytes + [0]] {
        guard let verdict = try? Self.verdict(other) else { continue }
        if case .intact = verdict { Issue.record("\(other.count) of \(bytes.count) bytes") }
      }
    }
  }

  @Test("the verdict says what changed")
  func verdicts() throws {
    func place(_ text: String, _ bytes: [UInt8]) throws -> Int {
      let part = Array(text.utf8)
      return try #require(bytes.indices.first { bytes[$0...].starts(with: part) })
    }
    func changed(_ bytes: [UInt8], _ place: Int) throws -> SealedFile.Verdict {
      var bytes = bytes
      bytes[place] ^= 1
      return try Self.verdict(bytes)
    }
    let tensors = try Self.safetensors()
    let (content, metadata) = (
      SealedFile.Verdict.changed(content: true, metadata: false),
      SealedFile.Verdict.changed(content: false, metadata: true)
    )
    #expect(try changed(tensors, tensors.count - 1) == content)
    #expect(try changed(tensors, place("\"pt\"", tensors) + 1) == metadata)
    #expect(try changed(tensors, place("figure", tensors)) == .recordChanged)
    let png = try Self.png()
    #expect(try changed(png, place("IDAT", png) + 6) == content)
    #expect(try changed(png, place("Title", png) + 2) == metadata)
    // A record whose CRC does not fit is other text; one whose CRC was mended is a forged record.
    #expect(try changed(png, place("figure", png)) == .unsigned)
    let chunks = try PNGChunks(parsing: png, path: "f")
    let record = try #require(chunks.chunks.last { $0.isText })
    let without = Array(png[..<record.range.lowerBound] + png[record.range.upperBound...])
    #expect(try Self.verdict(without) == .unsigned)
    let text = try #require(chunks.text(of: record)).text
    let forged = text.split(separator: "figure", maxSplits: 1).joined(separator: "model")
    let others = try PNGChunks(parsing: without, path: "f")
    #expect(
      try Self.verdict(others.adding(text: forged, keyword: "Provenance")) == .recordChanged)
    #expect(try Self.verdict(others.adding(text: "{", keyword: "Provenance")) == .unreadable)
    #expect(try Self.verdict(chunks.adding(text: text, keyword: "Provenance")) == .unreadable)
    #expect(try changed(Self.svg, place("desc", Self.svg) - 2) == content)
  }

  @Test("texts of PNG are read as they were written, with their CRC")
  func texts() throws {
    let chunks = try PNGChunks(parsing: try Self.png(), path: "f")
    #expect(chunks.chunks.map(\.type) == ["IHDR", "iTXt", "iTXt", "IDAT", "IEND"])
    #expect(chunks.chunks.allSatisfy { chunks.isWhole($0) })
    let title = try #require(chunks.text(of: chunks.chunks[1]))
    #expect(title.keyword == "Title" && title.text == "ü")
    #expect(chunks.text(of: chunks.chunks[0]) == nil)
  }

  @Test("what is no file of the kind is an error that says so")
  func errors() {
    for (bytes, words) in [
      (Array("%PDF-1.5".utf8), "not signed"), ([1, 2, 3], "safetensors"),
      (PNGChunks.signature, "it ends within a chunk"),
      (PNGChunks.signature + [0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0], "four letters"),
    ] {
      let message = formatError { () throws(FormatError) in _ = try Self.verdict(bytes) }
      #expect(message?.description.contains(words) == true, "\(message?.description ?? "")")
    }
  }
}
