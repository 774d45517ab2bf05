import Glibc

/// Whole files, read and written through the system's own calls.
public enum File {
  /// What identifies a version of a file without reading it.
  public struct Stamp: Sendable, Hashable {
    /// The size in bytes.
    public let size: Int
    /// The time of the last change, in nanoseconds since 1970.
    public let modified: Int
    /// The device and the number of the file on it: its identity, whatever path leads to it.
    public let device: UInt64, number: UInt64
  }

  /// Reads a regular file.
  ///
  /// - Throws: `FormatError.file` with the system's reason, `FormatError.tooLarge` when the file has more
  ///   than `limit` bytes.
  public static func read(_ path: String, limit: Int = 1 << 36) throws(FormatError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("read", path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure("read", path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      let kind = status.st_mode & S_IFMT == S_IFDIR ? "it is a folder" : "it is not a regular file"
      throw .file(operation: "read", path: path, reason: kind, fix: "give the path of a file")
    }
    let size = Int(status.st_size)
    guard size <= limit else {
      throw .tooLarge(
        format: "file of \(size) bytes", path: path, limit: limit,
        fix: "check that it is the right file")
    }
    // Swift would write the count of zero into the one empty array that all threads share.
    guard size > 0 else { return [] }
    var code: Int32 = 0
    var shortened = false
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { target, count in
      while count < size, let base = target.baseAddress {
        let got = Glibc.read(descriptor, base + count, size - count)
        if got > 0 {
          count += got
        } else if got == 0 {
          shortened = true
          return
        } else if errno != EINTR {
          code = errno
          return
        }
      }
    }
    guard code == 0 else { throw failure("read", path, code) }
    guard !shortened else {
      throw .file(
        operation: "read", path: path,
        reason: "it shrank from \(size) to \(bytes.count) bytes while it was read",
        fix: "try again when nothing writes to it")
    }
    return bytes
  }

  /// Writes a file so that, whatever happens, either its old or its new content is there.
  ///
  /// The bytes go to a temporary name in the same folder, are synced, and are renamed to `path`; a symbolic
  /// link at `path` stays and its target is replaced.
  ///
  /// - Throws: `FormatError.file` with the system's reason; the temporary file is then removed.
  public static func write(_ bytes: [UInt8], to path: String) throws(FormatError) {
    guard !path.isEmpty, !path.hasSuffix("/") else {
      throw .file(
        operation: "write", path: path, reason: "the path names no file",
        fix: "add a file name to the path")
    }
    guard stamp(of: path, isFolder: true) == nil else {
      throw .file(
        operation: "write", path: path, reason: "it is a folder", fix: "add a file name to the path"
      )
    }
    let target = resolved(path)
    let (folder, name) = split(target)
    var (descriptor, temporary): (Int32, String) = (-1, "")
    for attempt in 0..<100 {
      temporary = "\(folder)/.\(name).\(getpid()).\(attempt).partial"
      descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor >= 0 || errno != EEXIST { break }
    }
    guard descriptor >= 0 else { throw failure("write", path) }
    var code = writeAll(bytes, to: descriptor)
    if code == 0, fsync(descriptor) != 0 { code = errno }
    if close(descriptor) != 0, code == 0 { code = errno }
    if code == 0, rename(temporary, target) != 0 { code = errno }
    guard code == 0 else {
      unlink(temporary)
      throw failure("write", path, code)
    }
    // The name is safe only when the folder is synced too; some file systems refuse that, harmlessly.
    let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if directory >= 0 {
      fsync(directory)
      close(directory)
    }
  }

  /// What is in a folder, in no order, the folder itself and the one above left out.
  ///
  /// - Throws: `FormatError.file` with the system's reason.
  public static func names(in folder: String) throws(FormatError) -> [String] {
    guard let stream = opendir(folder) else { throw failure("read", folder) }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  /// The size, time and identity of the regular file at `path`; `nil` when there is none.
  public static func stamp(of path: String) -> Stamp? { stamp(of: path, isFolder: false) }

  private static func stamp(of path: String, isFolder: Bool) -> Stamp? {
    var status = stat()
    guard stat(path, &status) == 0,
      status.st_mode & S_IFMT == (isFolder ? S_IFDIR : S_IFREG)
    else { return nil }
    return Stamp(
      size: Int(status.st_size),
      modified: status.st_mtim.tv_sec &* 1_000_000_000 &+ status.st_mtim.tv_nsec,
      device: UInt64(status.st_dev), number: UInt64(status.st_ino))
  }

  private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
    bytes.withUnsafeBytes { source in
      var written = 0
      while written < source.count, let base = source.baseAddress {
        let put = Glibc.write(descriptor, base + written, source.count - written)
        if put >= 0 {
          written += put
        } else if errno != EINTR {
          return errno
        }
      }
      return 0
    }
  }

  /// The path behind symbolic links; `path` itself when nothing is there yet.
  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  private static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let folder = slash == path.startIndex ? "/" : String(path[..<slash])
    return (folder, String(path[path.index(after: slash)...]))
  }

  private static func failure(
    _ operation: String, _ path: String, _ code: Int32 = errno
  ) -> FormatError {
    let fix: String
    switch code {
    case ENOENT:
      fix =
        operation == "read"
        ? "check the spelling; a path without a leading / starts at \"\(currentFolder)\""
        : "make the folder first; a path without a leading / starts at \"\(currentFolder)\""
    case ENOTDIR: fix = "a part of the path is a file; check the path"
    case EACCES, EPERM, EROFS:
      fix = "choose a place that you may \(operation), or change its permissions"
    case ENOSPC, EDQUOT: fix = "free some space, or choose another place"
    case ENAMETOOLONG: fix = "shorten the name"
    case EMFILE, ENFILE: fix = "too many files are open; close some and try again"
    default: fix = "check the path and the disk"
    }
    return .file(
      operation: operation, path: path, reason: String(cString: strerror(code)), fix: fix)
  }

  private static var currentFolder: String {
    guard let path = getcwd(nil, 0) else { return "." }
    defer { free(path) }
    return String(cString: path)
  }
}
