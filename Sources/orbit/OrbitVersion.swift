/// The version of this program.
enum OrbitVersion {
  /// What `orbit --version` prints.
  static let current = "0.1.0"
}
