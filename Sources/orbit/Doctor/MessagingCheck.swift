import CSodium
import CZeroMQ

/// The libraries that carry messages and sign them.
enum MessagingCheck {
  static func findings() -> [Finding] { [zeroMQ, sodium] }

  private static var zeroMQ: Finding {
    var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
    zmq_version(&major, &minor, &patch)
    let version = "\(major).\(minor).\(patch)"
    guard (major, minor) >= (4, 2) else {
      return .problem(
        "libzmq", "\(version) is older than 4.2", wayOut: "update it: apt-get install libzmq5")
    }
    guard zmq_has("curve") == 1 else {
      return .note(
        "libzmq", "\(version), without CURVE: messages are signed and cannot be encrypted",
        wayOut: "install a libzmq that is built with libsodium")
    }
    return .ok("libzmq", "\(version), with CURVE")
  }

  private static var sodium: Finding {
    guard sodium_init() >= 0 else {
      return .problem(
        "libsodium", "it cannot be initialised, so messages cannot be signed",
        wayOut: "reinstall it: apt-get install --reinstall libsodium23")
    }
    return .ok("libsodium", String(cString: sodium_version_string()))
  }
}
