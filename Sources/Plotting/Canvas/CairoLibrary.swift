import CCairo
import Glibc

/// Cairo, which is loaded when something is drawn or measured for the first time.
enum CairoLibrary {
  /// Why it cannot be loaded; `nil` when it is there.
  static var problem: String? {
    guard let reason = orbit_load_cairo() else { return nil }
    defer { free(reason) }
    return String(cString: reason)
  }
}
