private import CZip

/// The files of a zip archive, read through libzip.
public struct ZipArchive: Sendable {
  /// One file of the archive.
  public struct Entry: Sendable, Equatable {
    /// The name, with folders before it.
    public let name: String
    /// The content.
    public let bytes: [UInt8]
  }

  /// The files whose names `isWanted` accepts, in the archive's order.
  ///
  /// - Parameter limit: the largest sum of contents accepted, in bytes: a small archive can claim to hold
  ///   very much.
  /// - Throws: `FormatError.file` when the system refuses it, `FormatError.damaged` when it is no whole
  ///   archive, `FormatError.tooLarge`, `FormatError.unsupported` where libzip is not installed.
  public static func read(
    _ path: String, limit: Int = 1 << 34, where isWanted: (String) -> Bool = { _ in true }
  ) throws(FormatError) -> [Entry] {
    // What the system says of the file is clearer than what libzip makes of it.
    guard File.stamp(of: path) != nil else {
      _ = try File.read(path)
      return []
    }
    try LibraryLoading.check(orbit_load_zip(), "libzip", format: "zip", path: path)
    var code: Int32 = 0
    guard let archive = zip_open(path, ZIP_RDONLY, &code) else {
      throw damaged(path, "libzip cannot open it (code \(code))")
    }
    defer { zip_discard(archive) }
    var entries: [Entry] = []
    var room = limit
    for index in 0..<UInt64(max(0, zip_get_num_entries(archive, 0))) {
      var status = zip_stat_t()
      guard zip_stat_index(archive, index, 0, &status) == 0, let text = status.name else {
        throw damaged(path, "its entry \(index) cannot be read")
      }
      let name = String(cString: text)
      guard !name.hasSuffix("/"), isWanted(name) else { continue }
      guard status.size <= UInt64(room) else {
        throw .tooLarge(
          format: "zip", path: path, limit: limit, fix: "check that it is the right file")
      }
      let size = Int(status.size)
      room -= size
      guard let file = zip_fopen_index(archive, index, 0) else {
        throw damaged(path, "\"\(name)\" in it: \(reason(archive))")
      }
      defer { zip_fclose(file) }
      let bytes = [UInt8](unsafeUninitializedCapacity: size) { target, count in
        while count < size, let base = target.baseAddress {
          let got = zip_fread(file, base + count, UInt64(size - count))
          guard got > 0 else { break }
          count += Int(got)
        }
      }
      guard bytes.count == size else {
        throw damaged(path, "\"\(name)\" in it ends after \(bytes.count) of \(size) bytes")
      }
      // libzip compares the checksum when the end has been reached.
      var beyond: UInt8 = 0
      guard zip_fread(file, &beyond, 1) == 0 else {
        throw damaged(path, "\"\(name)\" in it does not have its checksum")
      }
      entries.append(Entry(name: name, bytes: bytes))
    }
    return entries
  }

  private static func reason(_ archive: OpaquePointer) -> String {
    zip_strerror(archive).map { String(cString: $0) } ?? "it cannot be opened"
  }

  private static func damaged(_ path: String, _ reason: String) -> FormatError {
    .damaged(
      format: "zip", path: path, position: nil, reason: reason,
      fix: "fetch or save the file again")
  }
}
