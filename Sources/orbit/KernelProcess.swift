import Glibc
import JupyterKernel
import JupyterProtocol

/// The life of a process that is a kernel.
enum KernelProcess {
  /// Runs a kernel until it is ended, and then ends the process.
  ///
  /// - Throws: `ConnectionFileError` or `TransportError` when the kernel cannot start.
  static func run(
    connectionFile: String, makeInterpreter: () -> any Interpreter
  ) throws -> Never {
    // Before any other thread exists, also those that the interpreter starts.
    Kernel.prepareProcess()
    let connection = try ConnectionFile(path: connectionFile)
    let kernel = try Kernel(
      connection: connection, ownsProcess: true,
      isBehindServer: JupyterServer.started(connectionFile: connectionFile),
      makeInterpreter: makeInterpreter)
    kernel.waitUntilEnded()
    // Not `exit`: a cell that was given up may still be running, and must not see global state
    // being taken down around it.
    _exit(0)
  }
}
