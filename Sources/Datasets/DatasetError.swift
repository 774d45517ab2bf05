public import Formats

/// A data set that could not be loaded or selected from; carries the values and the way out.
public enum DatasetError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Files are in none of the folders that were looked in.
  case missing(dataset: String, files: [String], folders: [String], fix: String)
  /// A file does not hold what the data set's authors published.
  case checksum(dataset: String, path: String, expected: String, found: String, fix: String)
  /// A file could not be read or understood.
  case file(dataset: String, FormatError, fix: String)
  /// Files that are valid each do not fit together.
  case inconsistent(dataset: String, path: String, reason: String, fix: String)
  /// A file could not be fetched.
  case download(dataset: String, file: String, reason: String, fix: String)
  /// A selection that the set cannot give.
  case selection(operation: String, set: String, reason: String, fix: String)

  /// The whole message: what failed, why, and what to do.
  public var description: String {
    switch self {
    case .missing(let dataset, let files, let folders, let fix):
      let names = files.map { "\"\($0)\"" }.joined(separator: ", ")
      let places = folders.map { "\"\($0)\"" }.joined(separator: ", ")
      return "\(dataset): \(names) not found in \(places); \(fix)"
    case .checksum(let dataset, let path, let expected, let found, let fix):
      return "\(dataset): \"\(path)\" does not hold the published data (SHA-256 of its content is "
        + "\(found.prefix(12))…, should be \(expected.prefix(12))…); \(fix)"
    case .file(let dataset, let error, let fix): return "\(dataset): \(error); \(fix)"
    case .inconsistent(let dataset, let path, let reason, let fix):
      return "\(dataset): \"\(path)\": \(reason); \(fix)"
    case .download(let dataset, let file, let reason, let fix):
      return "\(dataset): cannot fetch \"\(file)\": \(reason); \(fix)"
    case .selection(let operation, let set, let reason, let fix):
      return "\(operation) of \(set): \(reason); \(fix)"
    }
  }
}
