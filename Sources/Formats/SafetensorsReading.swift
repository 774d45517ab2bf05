extension SafetensorsFile {
  /// Reads a file whose entries are `F32` or `I64`.
  ///
  /// - Throws: `FormatError`, naming the file, the entry and the rule that is broken.
  public static func read(_ path: String) throws(FormatError) -> SafetensorsFile {
    try SafetensorsFile(parsing: try File.read(path), path: path)
  }

  /// Understands the bytes of a file; `path` is for messages.
  ///
  /// - Throws: as `read(_:)`.
  public init(parsing bytes: [UInt8], path: String) throws(FormatError) {
    let reader = SafetensorsReader(bytes: bytes, path: path)
    let start = try reader.dataStart()
    let members = try reader.header(8..<start)
    var metadata: [String: String] = [:]
    var places: [Place] = []
    for (name, value) in members {
      if name == "__metadata__" {
        metadata = try reader.metadata(value)
      } else {
        places.append(try reader.place(name, value))
      }
    }
    // Offsets that follow one another without hole or overlap cover every byte exactly once.
    places.sort {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    var end = 0
    for place in places {
      guard place.range.lowerBound == end else {
        let problem = place.range.lowerBound < end ? "overlaps the entry" : "leaves a hole"
        throw reader.damaged(
          start + place.range.lowerBound, "\"\(place.name)\" \(problem) before it")
      }
      end = place.range.upperBound
    }
    guard end == bytes.count - start else {
      throw reader.damaged(
        min(bytes.count, start + end),
        "its entries need \(end) bytes of values, it has \(bytes.count - start)")
    }
    try self.init(entries: places.map { $0.entry(bytes, start) }, metadata: metadata)
  }
}

/// Where the header says that an entry's values are, in bytes from the end of the header.
private struct Place {
  let name: String
  let isFloat: Bool
  let shape: [Int]
  let range: Range<Int>

  func entry(_ bytes: [UInt8], _ start: Int) -> SafetensorsFile.Entry {
    let source = bytes[(start + range.lowerBound)..<(start + range.upperBound)]
    return SafetensorsFile.Entry(
      name, shape: shape,
      values: isFloat ? .float32(Self.copy(source, zero: 0)) : .int64(Self.copy(source, zero: 0)))
  }

  private static func copy<Value: BitwiseCopyable>(
    _ source: ArraySlice<UInt8>, zero: Value
  ) -> [Value] {
    var values = [Value](repeating: zero, count: source.count / MemoryLayout<Value>.stride)
    values.withUnsafeMutableBytes { target in
      source.withUnsafeBytes { target.copyMemory(from: $0) }
    }
    return values
  }
}

struct SafetensorsReader {
  let bytes: [UInt8]
  let path: String

  func damaged(_ position: Int?, _ reason: String) -> FormatError {
    .damaged(
      format: "safetensors", path: path, position: position, reason: reason,
      fix: "save or fetch the file again")
  }

  /// Where the values start: after the length and the header.
  func dataStart() throws(FormatError) -> Int {
    guard !bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]), !bytes.starts(with: [0x80, 0x02]) else {
      throw .unsupported(
        format: "pickled", path: path,
        reason: "torch.save writes Python objects, which only Python can read",
        fix: "there, write the state_dict with safetensors.torch.save_file")
    }
    guard bytes.count >= 8 else {
      throw damaged(bytes.count, "it ends within the length of its header")
    }
    let length = bytes[0..<8].reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(SafetensorsFile.longestHeader) else {
      throw damaged(
        0, "its header claims \(length) bytes, the limit is \(SafetensorsFile.longestHeader)")
    }
    guard Int(length) <= bytes.count - 8 else {
      throw damaged(
        bytes.count, "its header claims \(length) bytes, the file has \(bytes.count - 8) more")
    }
    guard length >= 2, bytes[8] == UInt8(ascii: "{") else {
      throw damaged(min(8, bytes.count), "its header does not begin with {")
    }
    return 8 + Int(length)
  }

  func header(
    _ range: Range<Int>
  ) throws(FormatError) -> [(name: String, value: HeaderJSON)] {
    let json: HeaderJSON
    do throws(HeaderJSON.Failure) {
      json = try HeaderJSON(parsing: bytes[range])
    } catch {
      throw damaged(range.lowerBound + error.position, error.reason)
    }
    guard case .object(let members) = json else { throw damaged(8, "its header is not an object") }
    return members
  }

  func metadata(_ value: HeaderJSON) throws(FormatError) -> [String: String] {
    guard case .object(let members) = value else {
      throw damaged(nil, "its __metadata__ is not an object")
    }
    var metadata: [String: String] = [:]
    for (name, value) in members {
      guard case .string(let text) = value else {
        throw damaged(nil, "its metadata \"\(name)\" is not a string")
      }
      // Names that differ only in how a letter is composed are one key to Swift.
      guard metadata.updateValue(text, forKey: name) == nil else {
        throw damaged(nil, "its metadata has \"\(name)\" twice")
      }
    }
    return metadata
  }

  fileprivate func place(_ name: String, _ value: HeaderJSON) throws(FormatError) -> Place {
    guard case .object(let members) = value else {
      throw damaged(nil, "\"\(name)\" is not described by an object")
    }
    func member(_ key: String) throws(FormatError) -> HeaderJSON {
      guard let found = members.first(where: { $0.name == key }) else {
        throw damaged(nil, "\"\(name)\" has no \(key)")
      }
      return found.value
    }
    if let other = members.first(where: { !["dtype", "shape", "data_offsets"].contains($0.name) }) {
      throw damaged(nil, "\"\(name)\" has a member \"\(other.name)\" that is not of the format")
    }
    guard case .string(let dtype) = try member("dtype") else {
      throw damaged(nil, "the dtype of \"\(name)\" is not a string")
    }
    guard let shape = integers(try member("shape")),
      let count = SafetensorsFile.count(of: shape)
    else { throw damaged(nil, "the shape of \"\(name)\" is not a list of sizes") }
    guard let offsets = integers(try member("data_offsets")), offsets.count == 2,
      offsets[0] >= 0, offsets[0] <= offsets[1]
    else { throw damaged(nil, "the data_offsets of \"\(name)\" are not a range of bytes") }
    guard dtype == "F32" || dtype == "I64" else {
      throw .unsupported(
        format: "safetensors", path: path, reason: "\"\(name)\" has the type \(dtype)",
        fix: "convert it to F32 where the file was made, for example with tensor.float()")
    }
    let (size, overflow) = count.multipliedReportingOverflow(by: dtype == "F32" ? 4 : 8)
    guard !overflow, size == offsets[1] - offsets[0] else {
      throw damaged(
        nil, "\"\(name)\" has the shape \(shape) of \(dtype) but \(offsets[1] - offsets[0]) bytes")
    }
    return Place(name: name, isFloat: dtype == "F32", shape: shape, range: offsets[0]..<offsets[1])
  }

  private func integers(_ value: HeaderJSON) -> [Int]? {
    guard case .array(let values) = value else { return nil }
    var numbers: [Int] = []
    for case .integer(let number) in values { numbers.append(number) }
    return numbers.count == values.count ? numbers : nil
  }
}
