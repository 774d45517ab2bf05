private import CMatio

/// An array of bytes in a MATLAB file, read through libmatio.
public struct MATArray: Sendable, Equatable {
  /// The sizes of the dimensions, as MATLAB has them.
  public let shape: [Int]
  /// The values in MATLAB's order: the first index changes fastest.
  public let values: [UInt8]

  /// Reads the variable `name`, whose values are whole numbers from 0 to 255, of whatever type.
  ///
  /// - Throws: `FormatError.file` when the system refuses the file, `FormatError.damaged` when it is no
  ///   MATLAB file or lacks the variable, `FormatError.unsupported` for values that are not bytes, and
  ///   where libmatio is not installed.
  public static func read(_ name: String, from path: String) throws(FormatError) -> MATArray {
    guard File.stamp(of: path) != nil else {
      _ = try File.read(path)
      return MATArray(shape: [], values: [])
    }
    try LibraryLoading.check(orbit_load_matio(), "libmatio", format: "MAT", path: path)
    guard let file = Mat_Open(path, Int32(MAT_ACC_RDONLY.rawValue)) else {
      throw damaged(path, "it does not begin as a MATLAB file does")
    }
    defer { Mat_Close(file) }
    guard let variable = Mat_VarRead(file, name) else {
      throw damaged(path, "it has no whole variable \"\(name)\"")
    }
    defer { Mat_VarFree(variable) }
    let rank = Int(variable.pointee.rank)
    guard let dimensions = variable.pointee.dims, let data = variable.pointee.data, rank > 0 else {
      throw damaged(path, "its variable \"\(name)\" has no values")
    }
    let shape = (0..<rank).map { dimensions[$0] }
    let count = shape.reduce(1, *)
    let width = Int(variable.pointee.data_size)
    guard count > 0, width > 0, Int(variable.pointee.nbytes) >= count * width else {
      throw damaged(path, "its variable \"\(name)\" is shorter than its shape \(shape)")
    }
    func unsupported(_ reason: String) -> FormatError {
      .unsupported(
        format: "MAT", path: path, reason: "\"\(name)\" \(reason)",
        fix: "save it as an array of uint8")
    }
    switch variable.pointee.data_type {
    case MAT_T_UINT8:
      return MATArray(
        shape: shape,
        values: Array(
          UnsafeBufferPointer(start: data.assumingMemoryBound(to: UInt8.self), count: count)))
    case MAT_T_DOUBLE:
      let numbers = UnsafeBufferPointer(
        start: data.assumingMemoryBound(to: Double.self), count: count)
      guard numbers.allSatisfy({ $0 >= 0 && $0 <= 255 && $0 == $0.rounded() }) else {
        throw unsupported("has values that are not whole numbers from 0 to 255")
      }
      return MATArray(shape: shape, values: numbers.map { UInt8($0) })
    default: throw unsupported("is neither of uint8 nor of double")
    }
  }

  private static func damaged(_ path: String, _ reason: String) -> FormatError {
    .damaged(
      format: "MAT", path: path, position: nil, reason: reason,
      fix: "fetch the file again and check that it is the right one")
  }
}
