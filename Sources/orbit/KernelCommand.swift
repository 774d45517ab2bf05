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

  mutating func run() throws {
    try KernelProcess.run(connectionFile: connectionFile) { WorkspaceInterpreter() }
  }
}
