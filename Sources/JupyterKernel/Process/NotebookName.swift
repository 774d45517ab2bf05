import Glibc

/// The notebook that Jupyter's server started the kernel for.
public enum NotebookName {
  private static let variable = "JPY_SESSION_NAME"

  /// The name in `JPY_SESSION_NAME`; `nil` where there is none, or where it is another kernel's.
  ///
  /// The server sets it for the kernel alone. A kernel hands it on to the programs that its cells run, such as
  /// papermill, and these to the kernels that they start: then whoever started this one (`JPY_PARENT_PID`) was
  /// itself started with the name.
  public static func ofProcess() -> String? {
    guard let name = getenv(variable).map({ String(cString: $0) }) else { return nil }
    guard let launcher = ParentProcess.announced else { return name }
    // What a process was started with, each variable ended by a zero.
    let environment = SystemFile.bytes(of: "/proc/\(launcher)/environ").split(separator: 0)
    return environment.contains { $0.elementsEqual("\(variable)=\(name)".utf8) } ? nil : name
  }
}
