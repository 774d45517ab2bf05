import CZeroMQ
import Glibc

/// The process that started the kernel, and with which the kernel ends.
struct ParentProcess: Sendable {
  /// How the end of the parent shows.
  enum Sign: Equatable, Sendable {
    /// `getppid` returns another number than this one.
    case changedParent(Int32)
    /// No process has this number any more.
    case missing(Int32)
    /// There is nobody to watch.
    case none
  }

  let sign: Sign

  /// The number that the launcher gives for itself, in `JPY_PARENT_PID`; `nil` where it gives none.
  static var announced: Int32? { getenv("JPY_PARENT_PID").flatMap { Int32(String(cString: $0)) } }

  /// Finds whom to watch.
  ///
  /// When the launcher that gave its number is the direct parent, a change of parent shows its end exactly.
  /// When there is a process in between (a wrapper script), its number must exist. Without a number the
  /// direct parent counts. A parent with number 1 is the init process of a machine or a container, or
  /// stands in for one that is gone; it cannot be watched.
  init() { self.init(announced: Self.announced, direct: getppid()) }

  init(announced: Int32?, direct: Int32) {
    switch announced {
    case let announced? where announced > 1:
      sign = announced == direct ? .changedParent(direct) : .missing(announced)
    case _?: sign = .none
    case nil: sign = direct > 1 ? .changedParent(direct) : .none
    }
  }

  /// Whether the parent has ended.
  var isGone: Bool {
    switch sign {
    case .changedParent(let parent): getppid() != parent
    case .missing(let process):
      kill(process, 0) != 0 && errno == ESRCH || Self.isZombie(process)
    case .none: false
    }
  }

  /// Opens a descriptor that turns readable at the end of the parent; `nil` where the system has none, or nobody is
  /// watched.
  ///
  /// `isGone` is to be asked once more behind this, since the parent may have ended before.
  func openDescriptor() -> Int32? {
    let process: Int32
    switch sign {
    case .changedParent(let parent): process = parent
    case .missing(let announced): process = announced
    case .none: return nil
    }
    let descriptor = orbit_open_process(process)
    return descriptor >= 0 ? descriptor : nil
  }

  /// Whether a process has ended and only waits for its own parent to ask for its status.
  static func isZombie(_ process: Int32) -> Bool {
    let bytes = SystemFile.bytes(of: "/proc/\(process)/stat")
    // The state follows the name in parentheses, which may hold anything.
    guard let end = bytes.lastIndex(of: UInt8(ascii: ")")), end + 2 < bytes.count else {
      return false
    }
    return bytes[end + 2] == UInt8(ascii: "Z")
  }
}
