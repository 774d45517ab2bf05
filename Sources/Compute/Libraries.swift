import COneDNN
import COpenBLAS

/// The libraries below, as they are on this machine.
public enum Libraries {
  /// oneDNN's version at run time, like `2.6.3`.
  public static var oneDNNVersion: String {
    let version = orbit_onednn_version()
    return "\(version / 10_000).\(version / 100 % 100).\(version % 100)"
  }

  /// OpenBLAS's description of itself: version, options and the processor it chose.
  public static var openBLASConfiguration: String {
    openblas_get_config().map { String(cString: $0) } ?? "unknown"
  }

  /// Whether OpenBLAS works on an OpenMP team, as oneDNN does, and not on threads of its own beside it.
  ///
  /// A build with threads of its own would compete with them for cores.
  public static var openBLASSharesThreads: Bool {
    openblas_get_parallel() == OPENBLAS_OPENMP
  }
}
