/// Why a picture could not be made or written.
public enum RenderingError: Error, Hashable, CustomStringConvertible {
  /// Two counts that belong together differ, or a size makes no sense.
  case mismatch(operation: String, expected: String, found: String)
  /// The picture is too large, empty or not finite in one of its sides.
  case size(width: Double, height: Double, limit: Int)
  /// The drawing library reported a fault.
  case drawing(format: String, reason: String)
  /// The PNG encoder reported a fault.
  case encoding(reason: String)
  /// A key of a PNG text entry is empty, longer than 79 characters or not plain ASCII.
  case textKey(String)
  /// The ending of a file name names no picture format.
  case unknownFormat(path: String)
  /// The file could not be written.
  case file(path: String, reason: String)

  /// The fault and the way out, in one sentence.
  public var description: String {
    switch self {
    case .mismatch(let operation, let expected, let found):
      "\(operation) expects \(expected), but found \(found)."
    case .size(let width, let height, let limit):
      "A picture of \(width) × \(height) pixels cannot be drawn: "
        + "each side must lie between 1 and \(limit)."
    case .drawing(let format, let reason): "Drawing the \(format) failed: \(reason)."
    case .encoding(let reason): "Encoding the PNG failed: \(reason)."
    case .textKey(let key):
      "\"\(key)\" cannot name a text entry of a PNG: use 1 to 79 plain ASCII characters."
    case .unknownFormat(let path):
      "\"\(path)\" does not say its format: end it in .png, .svg or .pdf."
    case .file(let path, let reason): "\"\(path)\" could not be written: \(reason)."
    }
  }
}
