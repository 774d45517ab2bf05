import Formats
import Glibc

/// Immutable files, each named by the SHA-256 of what it holds.
///
/// A file is written under another name, synced and renamed, so that one that is there is whole. The same
/// content is kept once, however many names lead to it.
struct BlobFolder: Sendable {
  let path: String

  private func file(_ hash: String) -> String { "\(path)/\(hash)" }

  /// Keeps the bytes.
  ///
  /// - Returns: their SHA-256, as 64 hexadecimal digits.
  /// - Throws: `FormatError.file` with the system's reason; nothing is left behind.
  func write(_ bytes: [UInt8]) throws(FormatError) -> String {
    let hash = SHA256.hex(of: bytes)
    // One that was damaged meanwhile is written anew.
    if File.stamp(of: file(hash))?.size == bytes.count, (try? read(hash)) != nil { return hash }
    mkdir(path, 0o700)
    try File.write(bytes, to: file(hash))
    return hash
  }

  /// Reads what was kept.
  ///
  /// - Throws: `FormatError` when it is not there, or is not any more what it was.
  func read(_ hash: String) throws(FormatError) -> [UInt8] {
    func lost(_ reason: String) -> FormatError {
      .file(
        operation: "read", path: file(hash), reason: reason,
        fix: "bring the file back from a backup; what does not need it can be used without")
    }
    guard File.stamp(of: file(hash)) != nil else { throw lost("the file is gone") }
    let bytes = try File.read(file(hash))
    guard SHA256.hex(of: bytes) == hash else {
      throw lost("its bytes are not those that were written")
    }
    return bytes
  }

  /// Removes a blob.
  func remove(_ hash: String) { unlink(file(hash)) }

  /// The blobs that are there, with their sizes in bytes.
  var all: [(hash: String, bytes: Int)] {
    names.filter { $0.count == 64 }.compactMap { name in
      File.stamp(of: file(name)).map { (name, $0.size) }
    }
  }

  /// Removes the blobs that are not needed, and what a write that was cut off left.
  ///
  /// - Returns: the bytes that were freed.
  @discardableResult
  func collect(except needed: Set<String>) -> Int {
    names.reduce(0) { freed, name in
      let isBlob = name.count == 64
      guard isBlob ? !needed.contains(name) : name.hasSuffix(".partial"),
        let size = File.stamp(of: file(name))?.size, unlink(file(name)) == 0
      else { return freed }
      return freed + size
    }
  }

  private var names: [String] { (try? File.names(in: path)) ?? [] }
}
