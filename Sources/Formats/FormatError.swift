/// A file that could not be read, written or understood; carries the path, the reason and the way out.
public enum FormatError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The system refused an operation on a file.
  case file(operation: String, path: String, reason: String, fix: String)
  /// The content breaks the rules of its format; `position` is the byte where that shows.
  case damaged(format: String, path: String, position: Int?, reason: String, fix: String)
  /// The content is valid, but of a kind that is not read or written here.
  case unsupported(format: String, path: String, reason: String, fix: String)
  /// The content is larger than the limit, in bytes, that the reader was given.
  case tooLarge(format: String, path: String, limit: Int, fix: String)

  /// The whole message: what failed, where, why, and what to do.
  public var description: String {
    switch self {
    case .file(let operation, let path, let reason, let fix):
      return "cannot \(operation) \"\(path)\": \(reason); \(fix)"
    case .damaged(let format, let path, let position, let reason, let fix):
      let place = position.map { " at byte \($0)" } ?? ""
      return "\"\(path)\" is not a valid \(format) file: \(reason)\(place); \(fix)"
    case .unsupported(let format, let path, let reason, let fix):
      return "\"\(path)\" is a \(format) file that Orbit does not read: \(reason); \(fix)"
    case .tooLarge(let format, let path, let limit, let fix):
      return "\"\(path)\" (\(format)) holds more than the limit of \(limit) bytes; \(fix)"
    }
  }

  /// The path of the file that the error is about.
  public var path: String {
    switch self {
    case .file(_, let path, _, _), .damaged(_, let path, _, _, _), .unsupported(_, let path, _, _),
      .tooLarge(_, let path, _, _):
      return path
    }
  }
}
