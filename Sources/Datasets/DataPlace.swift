import Formats
import Glibc

/// Where data sets are looked for, and where a download puts them.
enum DataPlace {
  /// The folder that the environment variable `ORBIT_DATA` names.
  static var root: String? { variable("ORBIT_DATA") }

  /// The folder for downloads when nothing else is said: `orbit/data` in the user's cache.
  static var cache: String? {
    if let cache = variable("XDG_CACHE_HOME") { return "\(cache)/orbit/data" }
    return variable("HOME").map { "\($0)/.cache/orbit/data" }
  }

  private static func variable(_ name: String) -> String? {
    guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else { return nil }
    return value
  }

  /// A folder, and where a data set may be in it.
  static func within(_ folder: String, _ folders: [String]) -> [String] {
    [folder] + folders.map { "\(folder)/\($0)" }
  }

  /// The folders to look in: those of `folder`, or, without one, of the usual places.
  static func candidates(_ folders: [String], at folder: String?, installed: String?) -> [String] {
    if let folder { return within(folder, folders) }
    return [root, cache].compactMap { $0 }.flatMap { within($0, folders) }
      + (installed.map { [$0] } ?? [])
  }

  /// The folder that a download goes to.
  static func downloads(_ name: String, at folder: String?) -> String? {
    folder ?? (root ?? cache).map { "\($0)/\(name)" }
  }
}
