import Formats
import Glibc

/// The right to write into a workspace's folder, which one process has at a time.
///
/// It is a lock of the system on an open file, so a process that dies, however it does, gives it back.
struct FolderLock: Sendable {
  private let descriptor: Int32

  /// Takes the lock; `nil` where a living process has it.
  ///
  /// - Throws: `FormatError.file` with the system's reason, where the folder cannot be written to or locked.
  init?(folder: String) throws(FormatError) {
    let path = "\(folder)/lock"
    func failure() -> FormatError {
      .file(
        operation: "lock", path: path, reason: String(cString: strerror(errno)),
        fix: "free some space, or choose a folder that you may write to")
    }
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure() }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      defer { Glibc.close(descriptor) }
      if errno == EWOULDBLOCK { return nil }
      throw failure()
    }
  }

  /// Gives the lock back.
  func release() { Glibc.close(descriptor) }
}
