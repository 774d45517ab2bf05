import Glibc
import Synchronization

/// Tells which sessions live: each holds a lock on one byte, that of its number, of a file beside the store.
///
/// The system takes the lock back however the process ends, so none is left of a dead one. The locks are those
/// of an open file (`F_OFD_SETLK` of Linux), not of a process, so that two stores of one process are told apart
/// and closing another descriptor of the file gives nothing away.
final class SessionLocks: Sendable {
  private let descriptor: Int32
  private let own = Mutex<Set<Int>>([])

  // The numbers that <fcntl.h> has for them, which Swift sees only under some of its settings.
  private static let getLock: Int32 = 36
  private static let setLock: Int32 = 37

  /// Opens the file, or makes it; `nil` where that cannot be done.
  init?(path: String) {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return nil }
  }

  deinit { close(descriptor) }

  /// Holds the lock of a session as long as this object is there.
  func hold(_ session: Int) {
    var lock = Self.byte(of: session)
    guard fcntl(descriptor, Self.setLock, &lock) == 0 else { return }
    own.withLock { _ = $0.insert(session) }
  }

  /// Whether somebody holds the lock of a session, this object included; yes where it cannot be told.
  func isHeld(_ session: Int) -> Bool {
    if own.withLock({ $0.contains(session) }) { return true }
    var lock = Self.byte(of: session)
    guard fcntl(descriptor, Self.getLock, &lock) == 0 else { return true }
    return lock.l_type != Int16(F_UNLCK)
  }

  private static func byte(of session: Int) -> flock {
    var lock = flock()
    lock.l_type = Int16(F_WRLCK)
    lock.l_whence = Int16(SEEK_SET)
    lock.l_start = session
    lock.l_len = 1
    return lock
  }
}
