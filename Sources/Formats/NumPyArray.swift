/// An array of `Float` in NumPy's format `.npy` (NEP 1), version 1.0, little-endian, in C order.
public struct NumPyArray: Sendable, Equatable {
  /// The sizes of the dimensions, outermost first; `[]` is a scalar.
  public let shape: [Int]
  /// The values in row-major order.
  public let values: [Float]

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
    let padding = (64 - (NumPyHeader.magic.count + 4 + header.count + 1) % 64) % 64
    header += [UInt8](repeating: 0x20, count: padding) + [0x0a]
    var bytes =
      NumPyHeader.magic + [1, 0, UInt8(header.count & 0xff), UInt8(header.count >> 8)] + header
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
    let header = try NumPyHeader(parsing: bytes, path: path)
    guard header.type == "<f4" else {
      throw unsupported("its type is '\(header.type)'", "convert it with array.astype(\"float32\")")
    }
    guard !header.isFortranOrder else {
      throw unsupported("it is in Fortran order", "convert it with numpy.ascontiguousarray(array)")
    }
    let (start, shape, count) = (header.start, header.shape, header.count)
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
}
