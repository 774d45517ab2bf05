import CZeroMQ
import JupyterProtocol

/// Tells the launcher which ports a kernel has chosen (protocol 5.6, JEP 66).
///
/// A launcher that chooses ports cannot keep them free until the kernel listens; a kernel that takes free
/// ones can. The message is not a whole Jupyter message: it is a delimiter, a signature and one
/// dictionary, and so is the answer.
final class Registration {
  /// How long the answer may take, in milliseconds; then nobody waits for this kernel.
  static let patience = 10_000

  private let context: ZeroMQContext
  private let socket: Socket
  private let signature: Signature
  private let endpoint: String

  /// Sends the ports; the sockets listen already, so that a client may come as soon as it knows them.
  init(
    of connection: ConnectionFile, at service: ConnectionFile.RegistrationService,
    signature: Signature
  ) throws(TransportError) {
    endpoint = connection.endpoint(of: service)
    self.signature = signature
    context = try ZeroMQContext()
    do throws(TransportError) {
      socket = try Socket(Socket.Kind(code: ZMQ_DEALER), in: context)
    } catch {
      context.terminate()
      throw error
    }
    socket.set(ZMQ_LINGER, 0)
    if service.address.contains(":") { socket.set(ZMQ_IPV6, 1) }
    try socket.connect(endpoint)
    let content: JSONObject = [
      "kernel_id": .string(service.kernelID),
      "control_port": .string(String(connection.controlPort)),
      "shell_port": .string(String(connection.shellPort)),
      "stdin_port": .string(String(connection.stdinPort)),
      "iopub_port": .string(String(connection.iopubPort)),
      "hb_port": .string(String(connection.heartbeatPort)),
    ]
    let bytes = content.serialized
    _ = socket.send([WireMessage.delimiter, signature.sign(bytes), bytes])
  }

  /// Waits for the launcher's answer, whose content is nobody's business but its own.
  ///
  /// - Throws: `TransportError` when none with the right signature comes in time.
  func awaitAcknowledgement() throws(TransportError) {
    let deadline = MonotonicClock.milliseconds + Self.patience
    while true {
      let left = deadline - MonotonicClock.milliseconds
      guard left > 0 else {
        throw TransportError(
          "register at \(endpoint)",
          reason: "no answer with a valid signature came within \(Self.patience / 1_000) s")
      }
      socket.set(ZMQ_RCVTIMEO, Int32(left))
      let frames: [[UInt8]]
      switch socket.receive(waiting: true, maximumFrames: 16, maximumBytes: 1 << 20) {
      case .message(let received): frames = received
      case .nothing, .tooLarge: continue
      case .closed: throw TransportError("register at \(endpoint)")
      }
      guard let split = frames.firstIndex(of: WireMessage.delimiter), frames.count >= split + 3
      else { continue }
      if signature.verifies(frames[split + 1], frames[split + 2]) { return }
    }
  }

  deinit {
    socket.close()
    context.terminate()
  }
}
