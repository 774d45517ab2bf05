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
    let launcher = getenv("JPY_PARENT_PID").flatMap { Int32(String(cString: $0)) }
    let isInherited = launcher.map { environment(of: $0).contains("\(variable)=\(name)") }
    return isInherited == true ? nil : name
  }

  /// What a process was started with; empty where that cannot be read.
  private static func environment(of process: Int32) -> [String] {
    let descriptor = open("/proc/\(process)/environ", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 65_536)
    while case let count = read(descriptor, &part, part.count), count > 0 {
      bytes += part[..<count]
    }
    return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }
}
