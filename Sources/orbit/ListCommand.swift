import ArgumentParser
import JupyterProtocol

/// `orbit list`: where Jupyter finds this kernel.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the kernelspecs that start Orbit, in the order in which Jupyter finds them.")

  @Flag(help: "As JSON, for programs.")
  var json = false

  @Option(
    help: "Only those in DIR/share/jupyter/kernels.", completion: .directory)
  var prefix: String?

  mutating func run() throws {
    let folders = prefix.map { ["\($0)/share/jupyter/kernels"] } ?? JupyterFolders.kernels
    let kernelspecs = InstalledKernelspec.all(in: folders)
    if json {
      print(String(decoding: JSONValue.array(kernelspecs.map(\.json)).serialized, as: UTF8.self))
      return
    }
    guard !kernelspecs.isEmpty else {
      print("Jupyter finds no kernelspec that starts Orbit; `orbit install` makes one.")
      return
    }
    let width = kernelspecs.map(\.name.count).max() ?? 0
    for kernelspec in kernelspecs {
      let name = kernelspec.name + String(repeating: " ", count: width - kernelspec.name.count)
      let note = kernelspec.hiddenBy.map { " (hidden by \($0))" } ?? ""
      print("\(name)  \(kernelspec.folder)  starts \(kernelspec.executable)\(note)")
    }
  }
}

extension InstalledKernelspec {
  /// The kernelspec as `orbit list --json` writes it.
  fileprivate var json: JSONValue {
    [
      "name": .string(name), "folder": .string(folder), "executable": .string(executable),
      "display_name": description?["display_name"] ?? .null,
      "workspace": option("--workspace").map { .string($0) } ?? .null,
      "hidden_by": hiddenBy.map { .string($0) } ?? .null,
    ]
  }
}
