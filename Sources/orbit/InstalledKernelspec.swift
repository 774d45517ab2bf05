import Glibc
import JupyterProtocol

/// A kernelspec that Jupyter finds, and that starts Orbit.
struct InstalledKernelspec {
  /// The name by which programs find it.
  let name: String
  /// Its folder.
  let folder: String
  /// What its `kernel.json` says; `nil` when it is not JSON.
  let description: JSONValue?
  /// The folder of another kernelspec of the same name, which Jupyter finds before this one.
  let hiddenBy: String?

  /// The program that it starts.
  var executable: String { description?["argv"]?.elements?.first?.text ?? "" }

  /// What else it hands to the program's `kernel` command: the value of an option.
  func option(_ name: String) -> String? {
    let arguments = (description?["argv"]?.elements ?? []).map { $0.text ?? "" }
    guard let place = arguments.firstIndex(of: name), place + 1 < arguments.count else {
      return nil
    }
    return arguments[place + 1]
  }

  /// All that start Orbit, in the order in which Jupyter looks.
  static func all(in folders: [String] = JupyterFolders.kernels) -> [InstalledKernelspec] {
    var found: [InstalledKernelspec] = []
    var owners: [String: String] = [:]
    for folder in folders {
      for name in Files.names(in: folder) {
        let path = "\(folder)/\(name)"
        guard let bytes = Files.contents(of: "\(path)/kernel.json") else { continue }
        let key = name.lowercased()
        let kernelspec = InstalledKernelspec(
          name: key, folder: path, description: try? JSONValue(parsing: bytes),
          hiddenBy: owners[key])
        if owners[key] == nil { owners[key] = path }
        if kernelspec.startsOrbit { found.append(kernelspec) }
      }
    }
    return found
  }

  /// Whether it calls a program's `kernel` command as `orbit install` writes it, or is named like one that does.
  private var startsOrbit: Bool {
    let arguments = (description?["argv"]?.elements ?? []).map { $0.text ?? "" }
    let program = executable.split(separator: "/").last ?? ""
    let isThis = (try? Files.runningProgram()) == JupyterFolders.resolved(executable)
    let isCalled = arguments.dropFirst().first == "kernel"
    return isCalled && (program == "orbit" || isThis) || description == nil && name == "orbit"
  }

  /// Whether the program that it starts is the one that runs now.
  var startsThisProgram: Bool {
    (try? Files.runningProgram()) == JupyterFolders.resolved(executable)
  }
}
