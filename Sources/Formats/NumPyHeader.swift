/// The head of a file in NumPy's format `.npy` (NEP 1): the type of the values, their order, the shape.
struct NumPyHeader {
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// NumPy's name of the type, such as `<f4`.
  let type: String
  /// Whether the first index changes fastest.
  let isFortranOrder: Bool
  /// The sizes of the dimensions, outermost first.
  let shape: [Int]
  /// The product of the shape.
  let count: Int
  /// Where the values begin.
  let start: Int

  /// Understands the beginning of a file; `path` is for messages.
  init(parsing bytes: [UInt8], path: String) throws(FormatError) {
    func damaged(_ position: Int, _ reason: String) -> FormatError {
      .damaged(
        format: "npy", path: path, position: position, reason: reason,
        fix: "save or fetch the file again")
    }
    guard bytes.starts(with: Self.magic), bytes.count >= 10 else {
      throw damaged(0, "it does not begin with \\x93NUMPY and a version")
    }
    // Versions 2 and 3 only lengthen the header's length, for structured types.
    guard bytes[6] == 1 else {
      throw .unsupported(
        format: "npy", path: path, reason: "it has version \(bytes[6])",
        fix: "save a plain array of float32")
    }
    start = 10 + Int(bytes[8]) + Int(bytes[9]) << 8
    guard start <= bytes.count else { throw damaged(bytes.count, "it ends within its header") }
    guard let header = String(validating: bytes[10..<start], as: UTF8.self) else {
      throw damaged(10, "its header is not text")
    }
    guard let descr = Self.field("'descr':", header),
      let order = Self.field("'fortran_order':", header),
      let sizes = Self.field("'shape':", header, from: "(", to: ")")
    else { throw damaged(10, "its header lacks descr, fortran_order or shape") }
    type = descr.filter { $0 != "'" }
    isFortranOrder = order != "False"
    let parts = sizes.split(separator: ",").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
    shape = parts.compactMap { Int($0) }
    guard shape.count == parts.count, let count = SafetensorsFile.count(of: shape) else {
      throw damaged(10, "its shape (\(sizes)) is not a list of sizes")
    }
    self.count = count
  }

  /// The text after a key up to the next comma, or between two brackets.
  private static func field(
    _ key: String, _ header: String, from opening: Character? = nil, to end: Character = ","
  ) -> String? {
    guard let place = header.firstRange(of: key) else { return nil }
    var rest = header[place.upperBound...].drop { $0 == " " }
    if let opening {
      guard rest.first == opening else { return nil }
      rest = rest.dropFirst()
    }
    guard let stop = rest.firstIndex(of: end) else { return nil }
    return String(rest[..<stop])
  }
}
