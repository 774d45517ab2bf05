import Glibc

/// Jupyter's server, where it started this process and passes on what its kernel publishes.
public enum JupyterServer {
  /// Whether a server started this process as a kernel.
  ///
  /// Each server keeps a record named after its process's number, `jpserver-NUMBER.json`, in the folder where it
  /// also writes its kernels' connection files, and tells kernels its number in `JPY_PARENT_PID`. Servers that
  /// keep no record still name the notebook, except for kernels that have none (`POST /api/kernels`).
  ///
  /// - Parameter connectionFile: the path of the connection file that this process was started with.
  public static func started(connectionFile: String) -> Bool {
    guard let launcher = getenv("JPY_PARENT_PID").map({ String(cString: $0) }) else {
      return NotebookName.ofProcess() != nil
    }
    return hasRecord(of: launcher, beside: connectionFile) || NotebookName.ofProcess() != nil
  }

  /// Whether the folder of a connection file holds a server's record for a process's number.
  static func hasRecord(of launcher: String, beside connectionFile: String) -> Bool {
    guard Int32(launcher) != nil else { return false }
    let folder = connectionFile.lastIndex(of: "/").map { connectionFile[...$0] } ?? ""
    return access("\(folder)jpserver-\(launcher).json", F_OK) == 0
  }
}
