extension SafetensorsFile {
  /// The bytes of the file; the same entries and metadata always give the same bytes.
  ///
  /// - Throws: `FormatError.tooLarge` when the header would exceed `longestHeader`.
  public func encoded(path: String = "(not yet written)") throws(FormatError) -> [UInt8] {
    var members: [(name: String, value: HeaderJSON)] = []
    if !metadata.isEmpty {
      let texts = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      members.append(("__metadata__", .object(texts.map { ($0.key, .string($0.value)) })))
    }
    var end = 0
    for entry in entries {
      let start = end
      end += entry.values.byteCount
      let description: [(name: String, value: HeaderJSON)] = [
        ("dtype", .string(entry.dtype)), ("shape", .array(entry.shape.map { .integer($0) })),
        ("data_offsets", .array([.integer(start), .integer(end)])),
      ]
      members.append((entry.name, .object(description)))
    }
    var header = Array(HeaderJSON.object(members).text.utf8)
    // Blanks after the header put the values on a multiple of eight bytes.
    header += [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8)
    guard header.count <= Self.longestHeader else {
      throw .tooLarge(
        format: "safetensors header", path: path, limit: Self.longestHeader,
        fix: "save fewer or shorter names and less metadata")
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + header.count + end)
    for shift in stride(from: 0, to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: header.count >> shift))
    }
    bytes += header
    for entry in entries { entry.values.append(to: &bytes) }
    return bytes
  }

  /// Writes the file; whatever happens, either its old or its new content is there.
  ///
  /// - Throws: `FormatError` when it cannot be written.
  public func write(to path: String) throws(FormatError) {
    try File.write(try encoded(path: path), to: path)
  }
}

extension SafetensorsFile.Values {
  var byteCount: Int {
    switch self {
    case .float32(let values): values.count * 4
    case .int64(let values): values.count * 8
    }
  }

  /// Adds the values in memory order, which is the format's on the little-endian machines Orbit runs on.
  func append(to bytes: inout [UInt8]) {
    switch self {
    case .float32(let values): values.withUnsafeBytes { bytes.append(contentsOf: $0) }
    case .int64(let values): values.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }
  }
}
