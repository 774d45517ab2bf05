import Glibc

/// The right to write into a workspace's folder, which one process has at a time.
///
/// It is a lock of the system on an open file, so a process that dies, however it does, gives it back.
struct FolderLock: Sendable {
  private let descriptor: Int32

  /// Takes the lock; `nil` where a living process has it, or the folder cannot be written to.
  init?(folder: String) {
    descriptor = open("\(folder)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return nil }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      Glibc.close(descriptor)
      return nil
    }
  }

  /// Gives the lock back.
  func release() { Glibc.close(descriptor) }
}
