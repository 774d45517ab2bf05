import CZeroMQ
import JupyterProtocol

/// Echoes what clients send to see that the process lives.
///
/// It has its own thread and its own context, so that nothing that the kernel does can delay it.
final class Heartbeat: Sendable {
  private let context: ZeroMQContext
  private let socket: Socket
  private let ended = Monitor(false)

  /// Makes the socket and listens; a port that the kernel chooses is left in `connection`.
  init(_ connection: inout ConnectionFile, ownsProcess: Bool) throws(TransportError) {
    context = try ZeroMQContext()
    socket = try Socket(.router, in: context)
    socket.set(ZMQ_ROUTER_HANDOVER, 1)
    socket.set(ZMQ_LINGER, 0)
    socket.set(ZMQ_MAXMSGSIZE, wide: 4_096)
    try socket.listen(
      connection, &connection.heartbeatPort, takesEarlyListener: ownsProcess)
  }

  /// The life of the thread.
  func run() {
    loop: while true {
      switch socket.receive(waiting: true, maximumFrames: 16, maximumBytes: 16_384) {
      case .message(let frames): _ = socket.send(frames)
      case .tooLarge, .nothing: continue
      case .closed: break loop
      }
    }
    socket.close()
    context.terminate()
    ended.change { $0 = true }
  }

  /// Ends the thread.
  func stop(deadline: Int) {
    context.interrupt()
    _ = ended.wait(until: deadline) { $0 ? true : nil }
  }
}
