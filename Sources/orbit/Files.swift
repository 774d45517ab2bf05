import Formats
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

  /// The bytes of a file of a megabyte at most; `nil` when it cannot be read.
  static func contents(of path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 65_536)
    while bytes.count <= 1 << 20 {
      let count = read(descriptor, &part, part.count)
      guard count > 0 else { return count == 0 ? bytes : nil }
      bytes += part[..<count]
    }
    return nil
  }

  /// What is in a folder, sorted by name; nothing when there is no such folder.
  static func names(in folder: String) -> [String] {
    ((try? File.names(in: folder)) ?? []).sorted()
  }

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

extension Files {
  /// The first line that a program prints; `nil` when it cannot be started, fails, or says nothing for five
  /// seconds.
  static func output(of program: String, _ argument: String) -> String? {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[0]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(program), strdup(argument), nil]
    defer { for argument in arguments { free(argument) } }
    var process: pid_t = 0
    let status = posix_spawn(&process, program, &actions, nil, &arguments, environ)
    close(ends[1])
    guard status == 0 else { return nil }
    var polled = pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0)
    var bytes = [UInt8](repeating: 0, count: 512)
    let count = poll(&polled, 1, 5_000) == 1 ? read(ends[0], &bytes, bytes.count) : 0
    kill(process, SIGKILL)
    var ignored: Int32 = 0
    waitpid(process, &ignored, 0)
    guard count > 0 else { return nil }
    let line = bytes[..<count].prefix { $0 != UInt8(ascii: "\n") }
    return String(decoding: line, as: UTF8.self)
  }
}
