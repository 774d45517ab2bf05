import Glibc

/// What comes of loading a library that reads a format.
enum LibraryLoading {
  /// Makes an error of the loader's reason, which is freed; nothing, where it is null.
  ///
  /// - Throws: `FormatError.unsupported`.
  static func check(
    _ reason: UnsafeMutablePointer<CChar>?, _ library: String, format: String, path: String
  ) throws(FormatError) {
    guard let reason else { return }
    defer { free(reason) }
    throw .unsupported(
      format: format, path: path, reason: "it takes \(library) (\(String(cString: reason)))",
      fix: "install \(library); orbit doctor names the package")
  }
}
