/// An array of bytes in the IDX format of the MNIST family.
///
/// The file is two zero bytes, a type (8 for unsigned bytes), the number of dimensions, each size as a
/// big-endian 32-bit number, then the values in row-major order (Y. LeCun, C. Cortes, C. Burges, "The MNIST
/// database of handwritten digits").
public struct IDX: Sendable, Equatable {
  /// The sizes of the dimensions, outermost first.
  public let shape: [Int]
  /// The values in row-major order; a slice of the file's bytes, which are not copied.
  public let values: ArraySlice<UInt8>

  /// Takes the values in row-major order.
  ///
  /// - Throws: `FormatError.unsupported` when they do not fill the shape.
  public init(shape: [Int], values: [UInt8]) throws(FormatError) {
    guard (1...255).contains(shape.count),
      shape.allSatisfy({ $0 >= 0 && $0 <= Int(UInt32.max) }), Self.product(shape) == values.count
    else {
      throw .unsupported(
        format: "IDX", path: "(not yet written)",
        reason: "\(values.count) values do not fill the shape \(shape)",
        fix: "give as many values as the product of the sizes")
    }
    self.shape = shape
    self.values = values[...]
  }

  /// Reads an IDX file, compressed with gzip or plain.
  ///
  /// - Throws: `FormatError`, naming the file and what is wrong with it.
  public static func read(_ path: String) throws(FormatError) -> IDX {
    let bytes = try File.read(path)
    guard Gzip.isCompressed(bytes) else { return try IDX(parsing: bytes, path: path) }
    return try IDX(parsing: try Gzip.decompress(bytes, path: path), path: path)
  }

  /// Understands the bytes of a plain IDX file; `path` is for messages.
  ///
  /// - Throws: `FormatError.damaged` where a rule is broken, `FormatError.unsupported` for other types.
  public init(parsing bytes: [UInt8], path: String) throws(FormatError) {
    func damaged(_ position: Int, _ reason: String) -> FormatError {
      .damaged(
        format: "IDX", path: path, position: position, reason: reason,
        fix: "fetch the file again and check that it is the right one")
    }
    guard bytes.count >= 4 else {
      throw damaged(bytes.count, "it ends within the first four bytes")
    }
    guard bytes[0] == 0, bytes[1] == 0 else {
      throw damaged(0, "it does not begin with two zero bytes")
    }
    let types: [UInt8: String] = [
      0x09: "signed bytes", 0x0b: "16-bit integers", 0x0c: "32-bit integers", 0x0d: "floats",
      0x0e: "doubles",
    ]
    guard bytes[2] == 0x08 else {
      guard let type = types[bytes[2]] else {
        throw damaged(2, "type \(bytes[2]) is not one of the format's")
      }
      throw .unsupported(
        format: "IDX", path: path, reason: "its values are \(type)",
        fix: "convert them to unsigned bytes (type 8)")
    }
    let rank = Int(bytes[3])
    let start = 4 + 4 * rank
    guard rank > 0 else { throw damaged(3, "it has no dimensions") }
    guard bytes.count >= start else {
      throw damaged(bytes.count, "it ends within the sizes of its \(rank) dimensions")
    }
    let shape = (0..<rank).map { dimension in
      bytes[(4 + 4 * dimension)..<(8 + 4 * dimension)].reduce(0) { $0 << 8 | Int($1) }
    }
    guard let count = Self.product(shape) else {
      throw damaged(4, "the shape \(shape) is larger than any file")
    }
    guard bytes.count - start == count else {
      throw damaged(
        min(bytes.count, start + count),
        "its shape \(shape) needs \(count) values, it has \(bytes.count - start)")
    }
    self.shape = shape
    values = bytes[start...]
  }

  /// The bytes of a plain IDX file.
  public var encoded: [UInt8] {
    var bytes: [UInt8] = [0, 0, 8, UInt8(shape.count)]
    for size in shape {
      bytes += stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: size >> $0) }
    }
    return bytes + values
  }

  private static func product(_ shape: [Int]) -> Int? {
    var product = 1
    for size in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: size)
      guard !overflow else { return nil }
      product = next
    }
    return product
  }
}
