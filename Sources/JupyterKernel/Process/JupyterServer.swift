import Glibc

/// Jupyter's server, where it started this process and passes on what its kernel publishes.
public enum JupyterServer {
  /// Whether a server started this process as a kernel.
  ///
  /// A server names the notebook, except for kernels that have none (`POST /api/kernels`). Those are known by its
  /// record: it is named after the number of the server's process, which launchers give, and lies where the server
  /// also writes its kernels' connection files.
  ///
  /// - Parameter connectionFile: the path of the connection file that this process was started with.
  public static func started(connectionFile: String) -> Bool {
    if NotebookName.ofProcess() != nil { return true }
    guard let launcher = ParentProcess.announced else { return false }
    return hasRecord(of: launcher, beside: connectionFile)
  }

  /// Whether the folder of a connection file holds a server's record, `jpserver-NUMBER.json`, for a process's number.
  static func hasRecord(of launcher: Int32, beside connectionFile: String) -> Bool {
    let folder = connectionFile.lastIndex(of: "/").map { connectionFile[...$0] } ?? ""
    return access("\(folder)jpserver-\(launcher).json", F_OK) == 0
  }
}
