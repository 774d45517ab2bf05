import Glibc

/// A file operation that failed.
struct FileError: Error, CustomStringConvertible {
  let operation: String
  let path: String
  let reason = String(cString: strerror(errno))

  var description: String { "Cannot \(operation) \(path): \(reason)." }
}

/// The few file operations that installing needs.
enum Files {
  /// Makes a folder and those above it that are missing.
  static func makeFolder(_ path: String) throws(FileError) {
    var end = path.startIndex
    while end < path.endIndex {
      end = path[path.index(after: end)...].firstIndex(of: "/") ?? path.endIndex
      guard mkdir(String(path[..<end]), 0o755) == 0 || errno == EEXIST else {
        throw FileError(operation: "make the folder", path: String(path[..<end]))
      }
    }
  }

  /// Writes a file under a temporary name and moves it to its place, so that it is there whole or not.
  static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    let temporary = "\(path).\(getpid()).new"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileError(operation: "write", path: temporary) }
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.write(
          descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
      }
      guard count > 0 || errno == EINTR else {
        let error = FileError(operation: "write", path: temporary)
        close(descriptor)
        unlink(temporary)
        throw error
      }
      written += max(0, count)
    }
    guard close(descriptor) == 0, rename(temporary, path) == 0 else {
      let error = FileError(operation: "write", path: path)
      unlink(temporary)
      throw error
    }
  }

  /// Removes a file; one that is not there is no error.
  static func remove(_ path: String) throws(FileError) {
    guard unlink(path) == 0 || errno == ENOENT else {
      throw FileError(operation: "remove", path: path)
    }
  }

  /// Whether something is there.
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// A path that stays right when the working folder changes; links are kept as they are.
  static func absolute(_ path: String) throws(FileError) -> String {
    if path.hasPrefix("/") { return path }
    guard let folder = getcwd(nil, 0) else {
      throw FileError(operation: "find the folder of", path: path)
    }
    defer { free(folder) }
    return "\(String(cString: folder))/\(path)"
  }

  /// The running program, with links resolved.
  static func runningProgram() throws(FileError) -> String {
    guard let path = realpath("/proc/self/exe", nil) else {
      throw FileError(operation: "find", path: "/proc/self/exe")
    }
    defer { free(path) }
    return String(cString: path)
  }
}
