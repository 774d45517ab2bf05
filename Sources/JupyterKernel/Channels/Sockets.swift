import CZeroMQ
import JupyterProtocol

/// The sockets that the I/O thread owns, bound and ready.
struct Sockets: Sendable {
  /// Messages that wait at most for one slow reader; beyond, the outbox keeps them, where updates and
  /// text shrink.
  ///
  /// So many displays of 9 KB are 5 MB a reader. It is not made smaller later: a reader says what it has read in
  /// steps of half of it, and one that has read everything would be taken for full.
  static let publicationHighWater: Int32 = 500
  /// Replies that wait at most for one slow client.
  static let replyHighWater: Int32 = 100_000
  /// The largest frame that is read, in bytes.
  static let maximumFrame: Int64 = 256 << 20
  /// How long unsent messages live on after the end, in milliseconds.
  static let linger: Int32 = 1_000

  let context: ZeroMQContext
  let shell: Socket
  let control: Socket
  let stdin: Socket
  let publications: Socket
  /// What wakes the I/O thread; a pipe costs half of what a pair of ZeroMQ's own sockets does.
  let wake: WakeUp

  /// Makes the sockets and listens; where the kernel chooses the ports, the choice is left in
  /// `connection`.
  init(_ connection: inout ConnectionFile, ownsProcess: Bool) throws(TransportError) {
    let context = try ZeroMQContext()
    self.context = context

    func router(_ port: WritableKeyPath<ConnectionFile, Int>) throws(TransportError) -> Socket {
      let socket = try Socket(.router, in: context)
      // A client that reconnects under its old identity takes over instead of being ignored.
      socket.set(ZMQ_ROUTER_HANDOVER, 1)
      socket.set(ZMQ_SNDHWM, Self.replyHighWater)
      socket.set(ZMQ_LINGER, Self.linger)
      socket.set(ZMQ_MAXMSGSIZE, wide: Self.maximumFrame)
      try socket.listen(connection, &connection[keyPath: port], takesEarlyListener: ownsProcess)
      return socket
    }
    shell = try router(\.shellPort)
    control = try router(\.controlPort)
    stdin = try router(\.stdinPort)

    publications = try Socket(.extendedPublisher, in: context)
    // Verbose: a topic that someone has subscribed to already is reported again, so that every
    // subscriber gets its welcome; and every end of a subscription, so that they can be counted. No drop: a full reader is reported instead of skipped in silence.
    publications.set(ZMQ_XPUB_VERBOSER, 1)
    publications.set(ZMQ_XPUB_NODROP, 1)
    publications.set(ZMQ_SNDHWM, Self.publicationHighWater)
    publications.set(ZMQ_LINGER, Self.linger)
    // Subscribers send topics and nothing else.
    publications.set(ZMQ_MAXMSGSIZE, wide: 4_096)
    try publications.listen(
      connection, &connection.iopubPort, takesEarlyListener: ownsProcess)

    wake = try WakeUp()
  }

  /// Closes every socket and waits for the last messages, at most the linger time.
  func close() {
    for socket in [shell, control, stdin, publications] { socket.close() }
    wake.close()
    context.terminate()
  }
}
