import Workspace

/// The version of this program.
enum OrbitVersion {
  /// What `orbit --version` prints; the kernel tells front ends the same.
  static let current = WorkspaceInterpreter.version
}
