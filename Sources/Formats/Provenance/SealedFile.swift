/// A file as its provenance record sees it: what it holds, what else its metadata says, and the record.
///
/// | file | content | metadata | record |
/// |---|---|---|---|
/// | safetensors | the header without `__metadata__`, written as JSON without blanks with all names in the order of their bytes, then all that follows the header | `__metadata__` without the record, written the same way | `orbit_provenance` |
/// | PNG | every chunk but `tEXt`, `zTXt` and `iTXt`, whole, in order | those chunks but the record's | `iTXt` `Provenance` |
/// | SVG | the document without the record's element | nothing | `<metadata id="provenance">` |
///
/// Of content and metadata it keeps the SHA-256.
public struct SealedFile: Sendable {
  /// Which formats carry a record.
  public enum Format: String, Sendable { case safetensors, PNG, SVG }

  /// The format.
  public let format: Format
  /// The SHA-256 of what the file holds, and of what its metadata says beside the record.
  public let content: String, metadata: String
  /// The texts of the records; a file has one or none, unless someone tampered with it.
  public let records: [String]

  /// The name of the record in the metadata of safetensors, and its keyword in a PNG.
  public static let metadataName = "orbit_provenance", keyword = "Provenance"

  /// Looks at a file.
  ///
  /// - Throws: `FormatError` when it cannot be read, is none of the formats, or is not whole.
  public static func read(_ path: String) throws(FormatError) -> SealedFile {
    try SealedFile(parsing: try File.read(path), path: path)
  }

  /// Looks at the bytes of a file; `path` is for messages.
  ///
  /// - Throws: as `read(_:)`.
  public init(parsing bytes: [UInt8], path: String) throws(FormatError) {
    if bytes.starts(with: PNGChunks.signature.prefix(4)) {
      self.init(try PNGChunks(parsing: bytes, path: path))
    } else if SVGRecord.isDocument(bytes) {
      self.init(SVGRecord(bytes))
    } else if bytes.starts(with: Array("%PDF".utf8)) {
      throw .unsupported(
        format: "PDF", path: path, reason: "a PDF says where it comes from, but is not signed",
        fix: "save the figure as .png or .svg, too")
    } else {
      try self.init(safetensors: bytes, path: path)
    }
  }

  /// Looks at a PNG.
  public init(_ png: PNGChunks) {
    var (content, metadata) = (SHA256(), SHA256())
    var records: [String] = []
    png.bytes.withUnsafeBytes { bytes in
      for chunk in png.chunks {
        let whole = UnsafeRawBufferPointer(rebasing: bytes[chunk.range])
        guard chunk.isText else {
          content.update(whole)
          continue
        }
        // A record whose CRC is wrong counts as other text, so that the change shows.
        if let (keyword, text) = png.text(of: chunk), keyword == Self.keyword, png.isWhole(chunk) {
          records.append(text)
        } else {
          metadata.update(whole)
        }
      }
    }
    (format, self.records) = (.PNG, records)
    (self.content, self.metadata) = (content.hex(), metadata.hex())
  }

  private init(_ svg: SVGRecord) {
    (format, records) = (.SVG, svg.record.map { [$0] } ?? [])
    (content, metadata) = (SHA256.hex(of: svg.others), SHA256.hex(of: ""))
  }

  private init(safetensors bytes: [UInt8], path: String) throws(FormatError) {
    let reader = SafetensorsReader(bytes: bytes, path: path)
    let start = try reader.dataStart()
    var texts: [String: String] = [:]
    var entries: [(name: String, value: HeaderJSON)] = []
    for (name, value) in try reader.header(8..<start) {
      if name == "__metadata__" {
        texts = try reader.metadata(value)
      } else {
        entries.append((name, value.sorted))
      }
    }
    var content = SHA256()
    Array(HeaderJSON.object(entries).sorted.text.utf8).withUnsafeBytes { content.update($0) }
    bytes.withUnsafeBytes { content.update(UnsafeRawBufferPointer(rebasing: $0[start...])) }
    records = texts[Self.metadataName].map { [$0] } ?? []
    texts[Self.metadataName] = nil
    format = .safetensors
    (self.content, metadata) = (content.hex(), SHA256.hex(of: ProvenanceRecord.json(texts)))
  }

  /// What a record is worth in a file.
  public enum Verdict: Sendable, Equatable {
    /// The file has no record, or one that nobody signed.
    case unsigned
    /// What stands in the place of the record is none, or there are several.
    case unreadable
    /// The record is not what its key signed, or the signature was changed.
    case recordChanged
    /// The record is as it was signed, and the file holds something else, or its metadata says something else.
    case changed(content: Bool, metadata: Bool)
    /// All is as this key signed it.
    case intact(publicKey: String)
  }

  /// The record, where it can be read, and what it is worth.
  public func verified() -> (record: ProvenanceRecord?, verdict: Verdict) {
    guard let text = records.first else { return (nil, .unsigned) }
    guard records.count == 1, let record = ProvenanceRecord(parsing: text) else {
      return (nil, .unreadable)
    }
    switch record.isSignatureRight {
    case nil: return (record, .unsigned)
    case false: return (record, .recordChanged)
    default: break
    }
    let isOther = (record[.content] != content, record[.metadata] != metadata)
    guard !isOther.0, !isOther.1, let key = record[.publicKey] else {
      return (record, .changed(content: isOther.0, metadata: isOther.1))
    }
    return (record, .intact(publicKey: key))
  }
}

extension HeaderJSON {
  /// The same value with all members in the order of their names' bytes.
  fileprivate var sorted: HeaderJSON {
    guard case .object(let members) = self else { return self }
    return .object(
      members.map { ($0.name, $0.value.sorted) }.sorted {
        $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
      })
  }
}

extension SafetensorsFile {
  /// The file with a record in its metadata.
  ///
  /// - Parameter seal: makes the record of a file's content and metadata, both as their SHA-256.
  /// - Throws: `FormatError.tooLarge` when the header would be too long, and what `seal` throws.
  public func sealed(
    _ seal: (_ content: String, _ metadata: String) throws -> ProvenanceRecord
  ) throws -> SafetensorsFile {
    let file = try SealedFile(parsing: try encoded(), path: "(not yet written)")
    var metadata = metadata
    metadata[SealedFile.metadataName] = try seal(file.content, file.metadata).text
    return try SafetensorsFile(entries: entries, metadata: metadata)
  }
}

extension PNGChunks {
  /// The file with a record before its pixels.
  ///
  /// - Parameter seal: makes the record of the file's content and metadata, both as their SHA-256.
  public func sealed(
    _ seal: (_ content: String, _ metadata: String) throws -> ProvenanceRecord
  ) rethrows -> [UInt8] {
    let file = SealedFile(self)
    return adding(text: try seal(file.content, file.metadata).text, keyword: SealedFile.keyword)
  }
}
