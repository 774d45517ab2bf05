import GRDB

/// A store that could not be opened, read or written; carries the path, the reason and the way out.
public enum RunStoreError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file or its folder cannot be used.
  case cannotOpen(path: String, reason: String, fix: String)
  /// The file is not a store of Orbit's, or no longer a whole one; it was left as it is.
  case damaged(path: String, reason: String, fix: String)
  /// A newer Orbit made the file; it was left as it is.
  case newer(path: String, version: Int, known: Int, fix: String)
  /// A single operation failed; the store goes on.
  case failed(operation: String, path: String, reason: String, fix: String)

  /// The whole message: what failed, why, and what to do.
  public var description: String {
    switch self {
    case .cannotOpen(let path, let reason, let fix):
      return "cannot open the run store \"\(path)\": \(reason); \(fix)"
    case .damaged(let path, let reason, let fix):
      return "\"\(path)\" is not a whole run store: \(reason); \(fix)"
    case .newer(let path, let version, let known, let fix):
      return
        "\"\(path)\" was made by a newer Orbit (version \(version) of the store, this one knows "
        + "\(known)); \(fix)"
    case .failed(let operation, let path, let reason, let fix):
      return "cannot \(operation) in the run store \"\(path)\": \(reason); \(fix)"
    }
  }

  static let leftAlone =
    "nothing was changed; move its folder away to start anew, or bring the file back from a backup"

  /// What GRDB threw, in the words of this floor.
  static func from(_ error: any Error, _ operation: String, _ path: String) -> RunStoreError {
    if let error = error as? RunStoreError { return error }
    if error is RowDecodingError {
      return .damaged(
        path: path, reason: "a row holds a value of another type", fix: leftAlone)
    }
    guard let error = error as? DatabaseError else {
      return .failed(
        operation: operation, path: path, reason: "\(error)", fix: "check the file and the disk")
    }
    let reason = error.message ?? "\(error.resultCode)"
    switch error.resultCode {
    case .SQLITE_NOTADB, .SQLITE_CORRUPT:
      return .damaged(path: path, reason: reason, fix: leftAlone)
    case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
      return .cannotOpen(
        path: path, reason: reason, fix: "choose a folder that you may write to")
    case .SQLITE_READONLY:
      return .failed(
        operation: operation, path: path, reason: reason,
        fix: "allow writing to the file and its folder")
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      return .failed(
        operation: operation, path: path, reason: "another process is writing to it",
        fix: "try again, or give each kernel its own workspace")
    case .SQLITE_FULL:
      return .failed(
        operation: operation, path: path, reason: "the disk is full", fix: "free some space")
    case .SQLITE_CONSTRAINT:
      return .failed(
        operation: operation, path: path, reason: reason,
        fix: "begin the session or the run that it belongs to first")
    default:
      return .failed(
        operation: operation, path: path, reason: reason, fix: "check the file and the disk")
    }
  }
}
