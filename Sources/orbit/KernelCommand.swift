import ArgumentParser
import Glibc
import JupyterKernel
import JupyterProtocol
import Workspace

/// `orbit kernel`: what Jupyter starts.
struct KernelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernel",
    abstract: "Run the kernel; front ends call this with the connection file that they wrote.")

  @Option(
    name: [.customShort("f"), .long], help: "The file with addresses, ports and the key.",
    completion: .file(extensions: ["json"]))
  var connectionFile: String

  @Option(
    help: ArgumentHelp(
      "The workspace's folder, which is made; .orbit/NAME beside the notebook NAME unless given.",
      valueName: "DIR"),
    completion: .directory)
  var workspace: String?

  @Argument(
    parsing: .allUnrecognized,
    help: ArgumentHelp(
      "Words that jupyter run and jupyter console hand on without meaning the kernel.",
      visibility: .hidden))
  var others: [String] = []

  func validate() throws {
    guard workspace?.isEmpty != true else {
      throw ValidationError("--workspace takes the path of a folder.")
    }
  }

  mutating func run() throws {
    let workspace = workspace
    try KernelProcess.run(connectionFile: connectionFile) {
      WorkspaceInterpreter(folder: workspace)
    }
  }
}
