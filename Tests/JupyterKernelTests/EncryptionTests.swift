import CZeroMQ
import JupyterProtocol
import Testing

@testable import JupyterKernel

/// A new key pair, as ZeroMQ makes them.
private func keyPair() -> (publicKey: String, secretKey: String) {
  var publicKey = [CChar](repeating: 0, count: 41)
  var secretKey = publicKey
  zmq_curve_keypair(&publicKey, &secretKey)
  func text(_ key: [CChar]) -> String {
    String(decoding: key.prefix(40).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
  return (text(publicKey), text(secretKey))
}

extension Socket {
  /// Becomes a CURVE client of a kernel whose connection file has keys.
  func encrypt(for connection: ConnectionFile) {
    guard let keys = connection.curve else { return }
    let own = keyPair()
    set(ZMQ_CURVE_SERVERKEY, keys.publicKey)
    set(ZMQ_CURVE_PUBLICKEY, own.publicKey)
    set(ZMQ_CURVE_SECRETKEY, own.secretKey)
  }
}

@Suite(.enabled(if: Socket.canEncrypt)) struct EncryptionTests {
  private static func keys() throws -> CurveKeys {
    let pair = keyPair()
    return try CurveKeys(publicKey: pair.publicKey, secretKey: pair.secretKey)
  }

  @Test(arguments: [ConnectionFile.Transport.tcp, .ipc])
  func clientsThatKnowTheKeyAreServedOnEveryChannel(_ transport: ConnectionFile.Transport) throws {
    let kernel = try TestKernel(transport: transport, curve: try Self.keys())
    let client = try Client(kernel.connection)
    defer {
      client.close()
      kernel.stop()
    }
    try client.awaitWelcome()
    for socket in [client.shell, client.control] {
      let id = client.send("kernel_info_request", on: socket)
      #expect(try client.reply(to: id, on: socket).content["status"] == "ok")
      #expect(try client.publications(of: id).map(\.sign) == ["busy", "idle"])
    }
    client.execute("input who?", ["allow_stdin": true])
    #expect(try client.receive(client.stdin).content["prompt"] == "who?")
    client.send("input_reply", ["value": "Ada"], on: client.stdin)
    #expect(try client.receive().content["status"] == "ok")
    let heartbeat = try Socket(Socket.Kind(code: ZMQ_REQ), in: client.context)
    defer { heartbeat.close() }
    heartbeat.set(ZMQ_LINGER, 0)
    heartbeat.set(ZMQ_RCVTIMEO, 10_000)
    heartbeat.encrypt(for: kernel.connection)
    try heartbeat.connect(kernel.connection.endpoint(kernel.connection.heartbeatPort))
    _ = heartbeat.send([[7]])
    guard case .message([[7]]) = heartbeat.receive(waiting: true) else {
      Issue.record("no echo")
      return
    }
  }

  /// Strangers: one that talks in the clear with the right signature, and one with another server's key.
  @Test(arguments: [ConnectionFile.Transport.tcp, .ipc], [true, false])
  func othersGetNothingAndChangeNothing(_ transport: ConnectionFile.Transport, _ isPlain: Bool)
    throws
  {
    let kernel = try TestKernel(transport: transport, curve: try Self.keys())
    var wrong = kernel.connection
    wrong.curve = isPlain ? nil : try Self.keys()
    let stranger = try Client(wrong)
    let echo = try Socket(Socket.Kind(code: ZMQ_DEALER), in: stranger.context)
    echo.set(ZMQ_LINGER, 0)
    echo.encrypt(for: wrong)
    try echo.connect(wrong.endpoint(wrong.heartbeatPort))
    let client = try Client(kernel.connection)
    defer {
      echo.close()
      stranger.close()
      client.close()
      kernel.stop()
    }
    try client.awaitWelcome()
    stranger.execute("print hacked")
    stranger.send("kernel_info_request")
    stranger.send("shutdown_request", ["restart": false], on: stranger.control)
    _ = echo.send([[7]])
    // Long enough for a plain client to be answered, several times over.
    Pause.milliseconds(500)
    let id = client.execute("20+3")
    #expect(try client.reply(to: id).content["execution_count"] == 1)
    for socket in [stranger.shell, stranger.control, stranger.iopub, echo] {
      #expect(stranger.isQuiet(socket))
    }
  }
}
