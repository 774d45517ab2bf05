import CZeroMQ
import Glibc
import JupyterProtocol
import Testing

@testable import JupyterKernel

/// A launcher that is told the ports of its kernels.
private final class Launcher {
  let context: ZeroMQContext
  let socket: Socket
  let signature = Signature(key: Array("secret".utf8))
  let folder: String
  let transport: ConnectionFile.Transport
  private let port: Int

  init(_ transport: ConnectionFile.Transport) throws {
    var template = Array("/tmp/orbit-launcher-XXXXXX".utf8CString)
    folder = String(cString: try #require(mkdtemp(&template)))
    self.transport = transport
    context = try ZeroMQContext()
    socket = try Socket(.router, in: context)
    socket.set(ZMQ_LINGER, 0)
    socket.set(ZMQ_RCVTIMEO, 10_000)
    var port = ConnectionFile.anyPort
    try socket.listen(
      ConnectionFile(
        transport: transport, address: transport == .tcp ? "127.0.0.1" : folder + "/r",
        shellPort: 0, iopubPort: 0, stdinPort: 0, controlPort: 0, heartbeatPort: 0, key: []),
      &port, takesEarlyListener: false)
    self.port = port
  }

  /// What a kernel is given.
  func file(of kernelID: String) -> ConnectionFile {
    ConnectionFile(
      transport: transport, address: transport == .tcp ? "127.0.0.1" : folder + "/k", shellPort: 0,
      iopubPort: 0, stdinPort: 0, controlPort: 0, heartbeatPort: 0, key: Array("secret".utf8),
      registration: .init(
        kernelID: kernelID, address: transport == .tcp ? "127.0.0.1" : folder + "/r", port: port))
  }

  /// The next registration, answered; with an answer of a stranger before it.
  func register() throws -> JSONValue {
    guard case .message(let frames) = socket.receive(waiting: true) else {
      throw Client.Failure.nothingCame("to register")
    }
    try #require(frames.count == 4)
    #expect(frames[1] == WireMessage.delimiter)
    #expect(signature.verifies(frames[2], frames[3]))
    let answer = Array("ACK".utf8)
    let forged = Signature(key: Array("guess".utf8)).sign(answer)
    _ = socket.send([frames[0], WireMessage.delimiter, forged, answer])
    _ = socket.send([frames[0], [1, 2]])
    _ = socket.send([frames[0], WireMessage.delimiter, signature.sign(answer), answer])
    return try JSONValue(parsing: frames[3])
  }

  deinit {
    socket.close()
    context.terminate()
    rmdir(folder)
  }
}

@Suite struct RegistrationTests {
  @Test(arguments: [ConnectionFile.Transport.tcp, .ipc])
  func aKernelChoosesItsPortsAndSaysWhich(_ transport: ConnectionFile.Transport) throws {
    let launcher = try Launcher(transport)
    let interpreter = EchoInterpreter()
    let started = Monitor<Kernel?>(nil)
    let file = launcher.file(of: "k1")
    KernelThread.start(name: "kernel") {
      let kernel = try? Kernel(connection: file, ownsProcess: false) { interpreter }
      started.change { $0 = kernel }
    }
    let content = try launcher.register()
    let kernel = try #require(started.wait(until: MonotonicClock.milliseconds + 10_000) { $0 })
    #expect(content["kernel_id"] == "k1")
    let connection = kernel.connection
    for (field, port) in [
      ("shell_port", connection.shellPort), ("iopub_port", connection.iopubPort),
      ("stdin_port", connection.stdinPort), ("control_port", connection.controlPort),
      ("hb_port", connection.heartbeatPort),
    ] {
      #expect(port > 0)
      #expect(content[field]?.text == String(port))
    }
    #expect(content.members?.members.count == 6)
    let client = try Client(connection)
    defer {
      client.close()
      kernel.shutdown()
      kernel.waitUntilEnded()
    }
    try client.awaitWelcome()
    let id = client.execute("20+3")
    #expect(try client.reply(to: id).content["status"] == "ok")
  }
}
