import CZeroMQ
import Glibc
import JupyterProtocol
import Testing

@testable import JupyterKernel

/// A kernel with its sockets in this process, and the address to reach it at.
final class TestKernel {
  let interpreter = EchoInterpreter()
  let kernel: Kernel
  let connection: ConnectionFile
  private let folder: String

  init(
    transport: ConnectionFile.Transport = .ipc, key: String = "secret", curve: CurveKeys? = nil,
    comms: CommRegistry = CommRegistry()
  ) throws {
    var template = Array("/tmp/orbit-kernel-XXXXXX".utf8CString)
    let path = try #require(mkdtemp(&template))
    folder = String(cString: path)
    let ports = transport == .tcp ? try Self.freePorts(5) : [1, 2, 3, 4, 5]
    connection = ConnectionFile(
      transport: transport, address: transport == .tcp ? "127.0.0.1" : folder + "/k",
      shellPort: ports[0], iopubPort: ports[1], stdinPort: ports[2], controlPort: ports[3],
      heartbeatPort: ports[4], key: Array(key.utf8), curve: curve)
    let interpreter = interpreter
    kernel = try Kernel(connection: connection, ownsProcess: false, comms: comms) {
      interpreter
    }
  }

  /// Ends the kernel in order.
  func stop() {
    kernel.shutdown()
    kernel.waitUntilEnded()
  }

  deinit {
    for port in 1...5 { unlink("\(folder)/k-\(port)") }
    rmdir(folder)
  }

  /// Ports that nobody listens at now.
  private static func freePorts(_ count: Int) throws -> [Int] {
    var sockets: [Int32] = []
    defer { for socket in sockets { close(socket) } }
    return try (0..<count).map { _ in
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      sockets.append(descriptor)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let port = withUnsafeMutablePointer(to: &address) { pointer -> Int? in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
          guard bind(descriptor, address, length) == 0,
            getsockname(descriptor, address, &length) == 0
          else { return nil }
          return 0
        }
      }
      _ = try #require(port)
      return Int(UInt16(bigEndian: address.sin_port))
    }
  }
}

/// A message as a client reads it.
struct ClientMessage {
  let header: Header
  let parent: JSONValue
  let metadata: JSONValue
  let content: JSONValue

  var type: String { header.type }
  var parentID: String { parent["msg_id"]?.text ?? "" }
  /// `busy`, `idle`, `starting`, or the type of any other message.
  var sign: String { content["execution_state"]?.text ?? type }
}

/// A client with real sockets.
final class Client {
  enum Failure: Error { case nothingCame(String) }

  let context: ZeroMQContext
  let shell: Socket
  let control: Socket
  let stdin: Socket
  let iopub: Socket
  let signature: Signature
  let session = Identifier.random()
  private var count = 0

  /// Connects to a kernel; as its connection file asks, so encrypted if there are keys.
  init(_ connection: ConnectionFile, key: [UInt8]? = nil, topic: String = "") throws {
    let context = try ZeroMQContext()
    self.context = context
    signature = Signature(key: key ?? connection.key, scheme: connection.scheme)
    let identity = session
    func dealer(_ port: Int) throws -> Socket {
      let socket = try Socket(Socket.Kind(code: ZMQ_DEALER), in: context)
      // Shell and stdin must share an identity: the kernel asks back under the one of the request.
      socket.set(ZMQ_ROUTING_ID, identity)
      socket.set(ZMQ_LINGER, 0)
      socket.set(ZMQ_RCVTIMEO, 10_000)
      socket.encrypt(for: connection)
      try socket.connect(connection.endpoint(port))
      return socket
    }
    shell = try dealer(connection.shellPort)
    control = try dealer(connection.controlPort)
    stdin = try dealer(connection.stdinPort)
    iopub = try Socket(Socket.Kind(code: ZMQ_SUB), in: context)
    iopub.set(ZMQ_LINGER, 0)
    iopub.set(ZMQ_RCVHWM, 0)
    iopub.set(ZMQ_RCVTIMEO, 10_000)
    iopub.set(ZMQ_SUBSCRIBE, topic)
    iopub.encrypt(for: connection)
    try iopub.connect(connection.endpoint(connection.iopubPort))
  }

  func close() {
    for socket in [shell, control, stdin, iopub] { socket.close() }
    context.terminate()
  }

  /// The frames of a signed request.
  func frames(
    _ type: String, _ content: JSONValue = [:], header: [UInt8]? = nil, body: [UInt8]? = nil,
    buffers: [[UInt8]] = []
  ) -> (id: String, frames: [[UInt8]]) {
    count += 1
    let request = Header(
      messageID: "\(session)-\(count)", session: session, date: Timestamp.now(), type: type)
    let message = WireMessage(
      identities: [], header: header ?? request.serialized, parentHeader: Array("{}".utf8),
      metadata: Array("{}".utf8), content: body ?? content.serialized, buffers: buffers,
      signedBy: signature)
    return (request.messageID, message.frames)
  }

  @discardableResult
  func send(_ type: String, _ content: JSONValue = [:], on socket: Socket? = nil) -> String {
    let (id, frames) = frames(type, content)
    _ = (socket ?? shell).send(frames)
    return id
  }

  @discardableResult
  func execute(_ code: String, _ options: JSONObject = [:]) -> String {
    var content: JSONObject = ["code": .string(code)]
    for member in options.members { content[member.key] = member.value }
    return send("execute_request", .object(content))
  }

  /// Waits for the next message of a socket; its signature must be right.
  func receive(_ socket: Socket? = nil) throws -> ClientMessage {
    guard case .message(let frames) = (socket ?? shell).receive(waiting: true) else {
      throw Failure.nothingCame("within ten seconds")
    }
    let wire = try WireMessage(frames: frames, verifiedBy: signature)
    return ClientMessage(
      header: try Header(parsing: wire.header), parent: try JSONValue(parsing: wire.parentHeader),
      metadata: try JSONValue(parsing: wire.metadata),
      content: try JSONValue(parsing: wire.content))
  }

  /// The answer to a request; answers to others are skipped.
  func reply(to id: String, on socket: Socket? = nil) throws -> ClientMessage {
    while true {
      let message = try receive(socket)
      if message.parentID == id { return message }
    }
  }

  /// Everything published for a request, up to and with its idle.
  func publications(of id: String) throws -> [ClientMessage] {
    var messages: [ClientMessage] = []
    while true {
      let message = try receive(iopub)
      guard message.parentID == id else { continue }
      messages.append(message)
      if message.sign == "idle" { return messages }
    }
  }

  /// Waits for the greeting, after which nothing published is missed.
  func awaitWelcome() throws {
    while try receive(iopub).type != "iopub_welcome" {}
  }

  /// Whether nothing is there to be read on a socket now.
  func isQuiet(_ socket: Socket) -> Bool {
    if case .nothing = socket.receive() { return true }
    return false
  }
}

/// Runs a test against a kernel and a client that has been welcomed.
func withKernel(
  transport: ConnectionFile.Transport = .ipc, key: String = "secret",
  _ body: (Client, TestKernel) throws -> Void
) throws {
  let kernel = try TestKernel(transport: transport, key: key)
  let client = try Client(kernel.connection)
  defer {
    client.close()
    kernel.stop()
  }
  try client.awaitWelcome()
  try body(client, kernel)
}
