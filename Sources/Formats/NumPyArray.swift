/// An array of `Float` in NumPy's format `.npy` (NEP 1), version 1.0, little-endian, in C order.
public struct NumPyArray: Sendable, Equatable {
  /// The sizes of the dimensions, outermost first; `[]` is a scalar.
  public let shape: [Int]
  /// The values in row-major order.
  public let values: [Float]

  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Takes the values in row-major order.
  ///
  /// - Throws: `FormatError.unsupported` when they do not fill the shape.
  public init(shape: [Int], values: [Float]) throws(FormatError) {
    guard SafetensorsFile.count(of: shape) == values.count else {
      throw .unsupported(
        format: "npy", path: "(not yet written)",
        reason: "\(values.count) values do not fill the shape \(shape)",
        fix: "give as many values as the product of the sizes")
    }
    (self.shape, self.values) = (shape, values)
  }

  /// Reads a file of type `<f4`.
  ///
  /// - Throws: `FormatError`, naming the file and what is wrong with it.
  public static func read(_ path: String) throws(FormatError) -> NumPyArray {
    try NumPyArray(parsing: try File.read(path), path: path)
  }

  /// Writes the file; whatever happens, either its old or its new content is there.
  ///
  /// - Throws: `FormatError` when it cannot be written.
  public func write(to path: String) throws(FormatError) { try File.write(encoded, to: path) }

  /// The bytes of the file.
  public var encoded: [UInt8] {
    let sizes = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var header = Array("{'descr': '<f4', 'fortran_order': False, 'shape': (\(sizes)), }".utf8)
    // Blanks put the values on a multiple of 64 bytes; the header ends with a line feed.
    let padding = (64 - (Self.magic.count + 4 + header.count + 1) % 64) % 64
    header += [UInt8](repeating: 0x20, count: padding) + [0x0a]
    var bytes = Self.magic + [1, 0, UInt8(header.count & 0xff), UInt8(header.count >> 8)] + header
    values.withUnsafeBytes { bytes.append(contentsOf: $0) }
    return bytes
  }

  /// Understands the bytes of a file; `path` is for messages.
  ///
  /// - Throws: `FormatError.damaged` where a rule is broken, `FormatError.unsupported` for types other than
  ///   `<f4` and for Fortran order.
  public init(parsing bytes: [UInt8], path: String) throws(FormatError) {
    func damaged(_ position: Int, _ reason: String) -> FormatError {
      .damaged(
        format: "npy", path: path, position: position, reason: reason,
        fix: "save or fetch the file again")
    }
    func unsupported(_ reason: String, _ fix: String) -> FormatError {
      .unsupported(format: "npy", path: path, reason: reason, fix: fix)
    }
    guard bytes.starts(with: Self.magic), bytes.count >= 10 else {
      throw damaged(0, "it does not begin with \\x93NUMPY and a version")
    }
    // Versions 2 and 3 only lengthen the header's length, for structured types.
    guard bytes[6] == 1 else {
      throw unsupported("it has version \(bytes[6])", "save a plain array of float32")
    }
    let start = 10 + Int(bytes[8]) + Int(bytes[9]) << 8
    guard start <= bytes.count else { throw damaged(bytes.count, "it ends within its header") }
    guard let header = String(validating: bytes[10..<start], as: UTF8.self) else {
      throw damaged(10, "its header is not text")
    }
    guard let descr = Self.field("'descr':", header),
      let order = Self.field("'fortran_order':", header),
      let sizes = Self.field("'shape':", header, from: "(", to: ")")
    else { throw damaged(10, "its header lacks descr, fortran_order or shape") }
    guard descr == "'<f4'" else {
      throw unsupported("its type is \(descr)", "convert it with array.astype(\"float32\")")
    }
    guard order == "False" else {
      throw unsupported("it is in Fortran order", "convert it with numpy.ascontiguousarray(array)")
    }
    let parts = sizes.split(separator: ",").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
    let shape = parts.compactMap { Int($0) }
    guard shape.count == parts.count, let count = SafetensorsFile.count(of: shape) else {
      throw damaged(10, "its shape (\(sizes)) is not a list of sizes")
    }
    // Dividing the bytes, not multiplying the count, cannot overflow.
    guard (bytes.count - start) % 4 == 0, (bytes.count - start) / 4 == count else {
      throw damaged(
        bytes.count, "its shape \(shape) needs \(count) floats, it has \(bytes.count - start) bytes"
      )
    }
    var values = [Float](repeating: 0, count: count)
    values.withUnsafeMutableBytes { target in
      bytes[start...].withUnsafeBytes { target.copyMemory(from: $0) }
    }
    (self.shape, self.values) = (shape, values)
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
