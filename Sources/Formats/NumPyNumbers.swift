/// The numbers of a NumPy array of whatever numeric type, as images and labels are stored in `.npz` files.
public struct NumPyNumbers: Sendable, Equatable {
  /// The values in row-major order.
  public enum Values: Sendable, Equatable {
    /// Unsigned bytes, as pixels are.
    case bytes(ArraySlice<UInt8>)
    /// Whole numbers, as labels are.
    case integers([Int])
    /// Numbers with fractions.
    case floats([Double])
  }

  /// The sizes of the dimensions, outermost first.
  public let shape: [Int]
  /// The values.
  public let values: Values

  /// Understands the bytes of a `.npy` file; `path` is for messages.
  ///
  /// - Throws: `FormatError.damaged` where a rule is broken, `FormatError.unsupported` for Fortran order and
  ///   for types that are not numbers: pickled objects are never read, since reading them runs their code.
  public init(parsing bytes: [UInt8], path: String) throws(FormatError) {
    let header = try NumPyHeader(parsing: bytes, path: path)
    func unsupported(_ reason: String, _ fix: String) -> FormatError {
      .unsupported(format: "npy", path: path, reason: reason, fix: fix)
    }
    guard !header.isFortranOrder || header.shape.count < 2 else {
      throw unsupported("it is in Fortran order", "convert it with numpy.ascontiguousarray(array)")
    }
    let type = header.type.drop { "<|=".contains($0) }
    let (count, start) = (header.count, header.start)
    guard let kind = type.first, let width = Int(type.dropFirst()), [1, 2, 4, 8].contains(width),
      "uifb".contains(kind), kind != "f" || width >= 4
    else {
      throw unsupported(
        "its type is '\(header.type)'", "convert it with array.astype(\"uint8\") or \"int64\"")
    }
    guard (bytes.count - start) % width == 0, (bytes.count - start) / width == count else {
      throw .damaged(
        format: "npy", path: path, position: bytes.count,
        reason:
          "its shape \(header.shape) needs \(count) values, it has \(bytes.count - start) bytes",
        fix: "save or fetch the file again")
    }
    shape = header.shape
    func load<Number>(_ number: Number.Type) -> [Number] {
      bytes.withUnsafeBytes { source in
        (0..<count).map { source.loadUnaligned(fromByteOffset: start + $0 * width, as: number) }
      }
    }
    values =
      switch (kind, width) {
      case ("u", 1), ("b", 1): .bytes(bytes[start...])
      case ("u", 2): .integers(load(UInt16.self).map(Int.init))
      case ("u", 4): .integers(load(UInt32.self).map(Int.init))
      case ("u", _): .integers(load(UInt64.self).map { Int(clamping: $0) })
      case ("i", 1): .integers(load(Int8.self).map(Int.init))
      case ("i", 2): .integers(load(Int16.self).map(Int.init))
      case ("i", 4): .integers(load(Int32.self).map(Int.init))
      case ("i", _): .integers(load(Int64.self).map { Int($0) })
      case ("f", 4): .floats(load(Float.self).map(Double.init))
      default: .floats(load(Double.self))
      }
  }
}
