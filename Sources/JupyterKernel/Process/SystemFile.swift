import Glibc

/// Files that the system makes up as they are read, such as those of `/proc`, whose sizes nobody can ask for.
enum SystemFile {
  /// All that such a file says; nothing where it cannot be read.
  static func bytes(of path: String) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 4_096)
    while case let count = read(descriptor, &part, part.count), count > 0 {
      bytes += part[..<count]
    }
    return bytes
  }

  /// The same as text.
  static func text(of path: String) -> String { String(decoding: bytes(of: path), as: UTF8.self) }
}
