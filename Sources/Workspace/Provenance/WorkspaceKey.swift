import Formats
import Glibc

/// The key of a workspace: the file `key` in its folder, which its owner alone may read.
///
/// It is made when something is signed for the first time and never written again; who has it signs in the
/// workspace's name. It holds the 32 secret bytes of an Ed25519 key as 64 hexadecimal digits.
enum WorkspaceKey {
  /// Why a workspace cannot sign.
  struct Problem: Error, CustomStringConvertible {
    let path: String
    let reason: String
    let fix: String

    var description: String { "the workspace's key \"\(path)\" \(reason); \(fix)" }
  }

  /// The key in a folder, made where there is none.
  static func at(_ folder: String) throws(Problem) -> SigningKey {
    let path = "\(folder)/key"
    if let key = try read(path) { return key }
    let key = SigningKey.random()
    // Under a name of its own first, and linked when it is whole: of two kernels that start at once, one wins,
    // and a crash leaves no half key.
    let temporary = "\(folder)/\(partialPrefix)\(getpid())\(partialSuffix)"
    unlink(temporary)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failed("made", path, errno) }
    let text = Array((Hexadecimal.text(key.seed) + "\n").utf8)
    let isWritten = write(descriptor, text, text.count) == text.count && fsync(descriptor) == 0
    let code = errno
    close(descriptor)
    defer { unlink(temporary) }
    guard isWritten else { throw failed("made", path, code) }
    guard link(temporary, path) == 0 else {
      guard errno == EEXIST, let other = try read(path) else { throw failed("made", path, errno) }
      return other
    }
    return key
  }

  private static let partialPrefix = ".key."
  private static let partialSuffix = ".partial"

  /// Removes what processes left in a folder that died while they made its key.
  static func removeRemains(in folder: String) {
    for name in (try? File.names(in: folder)) ?? []
    where name.hasPrefix(partialPrefix) && name.hasSuffix(partialSuffix) {
      let process = Int32(name.dropFirst(partialPrefix.count).dropLast(partialSuffix.count))
      if let process, kill(process, 0) == 0 || errno == EPERM { continue }
      unlink("\(folder)/\(name)")
    }
  }

  /// The key of a file; `nil` when there is none.
  private static func read(_ path: String) throws(Problem) -> SigningKey? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      guard errno == ENOENT else { throw failed("read", path, errno) }
      return nil
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failed("read", path, errno) }
    guard status.st_mode & 0o077 == 0 else {
      throw Problem(
        path: path, reason: "may be read or written by others", fix: "chmod 600 makes it secret")
    }
    var bytes = [UInt8](repeating: 0, count: 80)
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    guard count >= 0 else { throw failed("read", path, errno) }
    let text = String(decoding: bytes[..<count].filter { $0 > 0x20 }, as: UTF8.self)
    guard let seed = Hexadecimal.bytes(text), let key = SigningKey(seed: seed) else {
      throw Problem(
        path: path, reason: "is damaged",
        fix: "put it back from a copy, or move it away, and a new one is made")
    }
    return key
  }

  private static func failed(_ what: String, _ path: String, _ code: Int32) -> Problem {
    Problem(
      path: path, reason: "cannot be \(what) (\(String(cString: strerror(code))))",
      fix: "check the folder and its permissions")
  }
}
