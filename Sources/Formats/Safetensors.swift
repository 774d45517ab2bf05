/// Named arrays in the safetensors format, which PyTorch and its relatives read and write.
///
/// The file is the length of the header (8 bytes, little-endian), the header (JSON: for each name the type,
/// the shape and the range of bytes; strings under `__metadata__`), then the values, row-major and
/// little-endian, without holes. See the section "Format" of the safetensors project's README.
///
/// ```swift
/// let file = try SafetensorsFile(entries: [.init("weight", shape: [2, 2], floats: [1, 2, 3, 4])])
/// try file.write(to: "model.safetensors")
/// let weight = try SafetensorsFile.read("model.safetensors")["weight"]
/// ```
public struct SafetensorsFile: Sendable, Equatable {
  /// The values of an entry and, with them, its type.
  public enum Values: Sendable, Equatable {
    /// `F32`.
    case float32([Float])
    /// `I64`, such as PyTorch's `num_batches_tracked`.
    case int64([Int64])

    /// The number of values.
    public var count: Int {
      switch self {
      case .float32(let values): values.count
      case .int64(let values): values.count
      }
    }
  }

  /// One named array.
  public struct Entry: Sendable, Equatable {
    /// The name, such as `encoder.0.weight`.
    public let name: String
    /// The sizes of the dimensions, outermost first; `[]` is a scalar.
    public let shape: [Int]
    /// The values in row-major order.
    public let values: Values

    /// An entry of any type.
    public init(_ name: String, shape: [Int], values: Values) {
      (self.name, self.shape, self.values) = (name, shape, values)
    }

    /// An entry of type `F32`.
    public init(_ name: String, shape: [Int], floats: [Float]) {
      self.init(name, shape: shape, values: .float32(floats))
    }

    /// The type's name in the format: `F32` or `I64`.
    public var dtype: String {
      switch values {
      case .float32: "F32"
      case .int64: "I64"
      }
    }

    /// The values when they are of type `F32`.
    public var floats: [Float]? {
      guard case .float32(let values) = values else { return nil }
      return values
    }
  }

  /// The longest header read or written, in bytes; the limit of the reference implementation.
  public static let longestHeader = 100_000_000

  /// The entries in the order of the file: `I64` before `F32` (so that all values are aligned), then by name.
  public let entries: [Entry]
  /// Free text by name.
  public let metadata: [String: String]

  /// Takes entries in any order.
  ///
  /// - Throws: `FormatError.unsupported` when two have the same name, one is called `__metadata__`, or the
  ///   values of one do not fill its shape.
  public init(entries: [Entry], metadata: [String: String] = [:]) throws(FormatError) {
    func refuse(_ reason: String, _ fix: String) -> FormatError {
      .unsupported(format: "safetensors", path: "(not yet written)", reason: reason, fix: fix)
    }
    var names: Set<[UInt8]> = []
    for entry in entries {
      guard entry.name != "__metadata__" else {
        throw refuse("an entry is called __metadata__", "that name is the format's own; rename it")
      }
      guard names.insert(Array(entry.name.utf8)).inserted else {
        throw refuse("two entries are called \"\(entry.name)\"", "give each entry its own name")
      }
      guard Self.count(of: entry.shape) == entry.values.count else {
        throw refuse(
          "\"\(entry.name)\" has \(entry.values.count) values for the shape \(entry.shape)",
          "give as many values as the product of the sizes")
      }
    }
    self.entries = entries.sorted {
      // Longer values first; names by their bytes, as everybody else sorts them.
      if $0.dtype != $1.dtype { return $0.dtype == "I64" }
      return $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
    }
    self.metadata = metadata
  }

  /// The entry with this name; `nil` when there is none.
  public subscript(_ name: String) -> Entry? { entries.first { $0.name == name } }

  /// The number of values of a shape; `nil` when it is negative or does not fit.
  static func count(of shape: [Int]) -> Int? {
    var count = 1
    for size in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard size >= 0, !overflow else { return nil }
      count = product
    }
    return count
  }
}
