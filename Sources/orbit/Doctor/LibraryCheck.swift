import CLazyLibrary
import Glibc

/// The libraries that are loaded when they are first needed; nothing but this looks for them before.
enum LibraryCheck {
  /// A problem for each library that cannot be loaded, or one line when all can.
  static func findings() -> [Finding] {
    let missing = libraries.compactMap { library -> Finding? in
      guard let reason = orbit_lazy_load(library) else { return nil }
      defer { free(reason) }
      return .problem(
        "libraries", "\(text(library.pointee.title)) cannot be loaded: \(String(cString: reason))",
        wayOut: "install it: apt-get install \(text(library.pointee.package))")
    }
    guard missing.isEmpty else { return missing }
    let titles = libraries.map { text($0.pointee.title) }.sorted().joined(separator: ", ")
    return [.ok("libraries", "\(titles) can be loaded")]
  }

  /// Whether the engine has what it computes with; without it, no question can be put to it.
  static var hasEngine: Bool {
    libraries.filter { ["OpenBLAS", "oneDNN"].contains(text($0.pointee.title)) }
      .allSatisfy { library in
        let reason = orbit_lazy_load(library)
        free(reason)
        return reason == nil
      }
  }

  private static var libraries: [UnsafeMutablePointer<orbit_lazy_library>] {
    Array(
      sequence(state: orbit_lazy_libraries()) { library in
        defer { library = library?.pointee.next }
        return library
      })
  }

  private static func text(_ words: UnsafePointer<CChar>?) -> String {
    words.map { String(cString: $0) } ?? ""
  }
}
