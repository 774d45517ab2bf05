import Glibc

/// Variables of the environment.
enum EnvironmentVariable {
  /// Its value; `nil` when it is not set, or set to nothing.
  static func value(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
  }
}
