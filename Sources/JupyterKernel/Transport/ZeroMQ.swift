import CEarlyListener
import CZeroMQ
import Glibc
import JupyterProtocol

/// Why the kernel cannot talk to its clients.
public struct TransportError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was tried.
  public let operation: String
  /// The reason, mostly ZeroMQ's.
  public let reason: String

  /// The error in a sentence.
  public var description: String { "The kernel could not \(operation): \(reason)." }

  init(_ operation: String) {
    self.init(operation, reason: String(cString: zmq_strerror(zmq_errno())))
  }

  init(_ operation: String, reason: String) {
    self.operation = operation
    self.reason = reason
  }
}

/// A ZeroMQ context, which owns the sockets made from it.
///
/// `@unchecked Sendable`: ZeroMQ documents contexts as safe to use from all threads.
final class ZeroMQContext: @unchecked Sendable {
  fileprivate let handle: UnsafeMutableRawPointer

  init() throws(TransportError) {
    guard let handle = zmq_ctx_new() else { throw TransportError("make a ZeroMQ context") }
    self.handle = handle
  }

  /// Makes every blocking call on the context's sockets return at once.
  func interrupt() {
    zmq_ctx_shutdown(handle)
  }

  /// Waits for the last messages (at most the sockets' linger time) and frees everything.
  ///
  /// All sockets must be closed before.
  func terminate() {
    while zmq_ctx_term(handle) != 0, zmq_errno() == EINTR {}
  }
}

/// A ZeroMQ socket; it belongs to one thread at a time.
///
/// `@unchecked Sendable`: a socket is made and bound by the starting thread and then handed over to the
/// thread that owns it, before that thread starts; nobody else touches it afterwards.
final class Socket: @unchecked Sendable {
  /// What a socket does.
  struct Kind {
    let code: Int32

    static let router = Kind(code: ZMQ_ROUTER)
    static let extendedPublisher = Kind(code: ZMQ_XPUB)
  }

  /// What came of a receive.
  enum Received {
    case nothing
    case message([[UInt8]])
    case tooLarge(String)
    case closed
  }

  /// What came of a send.
  enum Sent {
    case done
    case wouldBlock
    case failed
  }

  let handle: UnsafeMutableRawPointer

  init(_ kind: Kind, in context: ZeroMQContext) throws(TransportError) {
    guard let handle = zmq_socket(context.handle, kind.code) else {
      throw TransportError("make a socket")
    }
    self.handle = handle
  }

  /// Sets an option whose value is a C `int`.
  func set(_ option: Int32, _ value: Int32) {
    var value = value
    zmq_setsockopt(handle, option, &value, MemoryLayout<Int32>.size)
  }

  /// Sets an option whose value is 64 bits wide.
  func set(_ option: Int32, wide value: Int64) {
    var value = value
    zmq_setsockopt(handle, option, &value, MemoryLayout<Int64>.size)
  }

  /// Sets an option whose value is a string of bytes.
  func set(_ option: Int32, _ value: String) {
    zmq_setsockopt(handle, option, value, value.utf8.count)
  }

  /// Whether the ZeroMQ that runs was built with CURVE.
  static let canEncrypt = zmq_has("curve") == 1

  /// Lets in only clients that know the public key, and encrypts everything; to be called before `bind`.
  ///
  /// Unlike other options this one must not fail in silence: a socket that was to be encrypted and is not
  /// would answer anyone.
  func encrypt(with keys: CurveKeys) throws(TransportError) {
    let operation = "encrypt its sockets, as the curve keys in the connection file ask"
    guard Self.canEncrypt else {
      throw TransportError(operation, reason: "its ZeroMQ library was built without CURVE")
    }
    var isServer: Int32 = 1
    guard zmq_setsockopt(handle, ZMQ_CURVE_SERVER, &isServer, MemoryLayout<Int32>.size) == 0,
      zmq_setsockopt(handle, ZMQ_CURVE_PUBLICKEY, keys.publicKey, keys.publicKey.utf8.count) == 0,
      zmq_setsockopt(handle, ZMQ_CURVE_SECRETKEY, keys.secretKey, keys.secretKey.utf8.count) == 0
    else { throw TransportError(operation) }
  }

  /// Listens at a port of a connection file, encrypted if the file has keys for it.
  ///
  /// - Parameters:
  ///   - port: where to listen; with `ConnectionFile.anyPort` it becomes the free one that was taken.
  ///   - takesEarlyListener: whether the socket that the program opened before it was ready may be taken
  ///     over, with the clients that wait in its queue.
  func listen(
    _ connection: ConnectionFile, _ port: inout Int, takesEarlyListener: Bool
  ) throws(TransportError) {
    if let keys = connection.curve { try encrypt(with: keys) }
    if connection.address.contains(":") { set(ZMQ_IPV6, 1) }
    switch (connection.transport, port) {
    case (.tcp, ConnectionFile.anyPort):
      let wildcard = connection.endpoint(port)
      try bind(wildcard)
      guard let chosen = lastEndpoint.split(separator: ":").last.flatMap({ Int($0) }) else {
        throw TransportError("listen at \(wildcard)", reason: "ZeroMQ named no port")
      }
      port = chosen
    case (.ipc, ConnectionFile.anyPort):
      // ZeroMQ takes over a socket file that is there, whoever listens at it: a name must be new.
      repeat {
        port = Int.random(in: 1 << 16..<1 << 31)
      } while access("\(connection.address)-\(port)", F_OK) == 0
      try bind(connection.endpoint(port))
    default:
      if takesEarlyListener, connection.transport == .tcp {
        let early = orbit_take_early_listener(Int32(port))
        if early >= 0 { set(ZMQ_USE_FD, early) }
      }
      try bind(connection.endpoint(port))
    }
  }

  /// The endpoint that was bound last, with its port.
  private var lastEndpoint: String {
    var text = [UInt8](repeating: 0, count: 256)
    var count = text.count
    guard zmq_getsockopt(handle, ZMQ_LAST_ENDPOINT, &text, &count) == 0 else { return "" }
    return String(decoding: text[..<max(0, count - 1)], as: UTF8.self)
  }

  /// Listens at an endpoint.
  func bind(_ endpoint: String) throws(TransportError) {
    guard zmq_bind(handle, endpoint) == 0 else { throw TransportError("listen at \(endpoint)") }
  }

  /// Connects to an endpoint.
  func connect(_ endpoint: String) throws(TransportError) {
    guard zmq_connect(handle, endpoint) == 0 else {
      throw TransportError("connect to \(endpoint)")
    }
  }

  /// Takes the next whole message.
  ///
  /// - Parameters:
  ///   - waiting: whether to wait for one.
  ///   - maximumFrames: a message with more frames is read away and not kept.
  ///   - maximumBytes: the same for the sum of its frames.
  func receive(
    waiting: Bool = false, maximumFrames: Int = 1_024, maximumBytes: Int = 512 << 20
  ) -> Received {
    var frames: [[UInt8]] = []
    var count = 0
    var bytes = 0
    while true {
      var message = zmq_msg_t()
      zmq_msg_init(&message)
      defer { zmq_msg_close(&message) }
      guard zmq_msg_recv(&message, handle, waiting ? 0 : ZMQ_DONTWAIT) >= 0 else {
        switch zmq_errno() {
        case EINTR: continue
        case EAGAIN: return .nothing
        default: return .closed
        }
      }
      count += 1
      bytes += zmq_msg_size(&message)
      if count <= maximumFrames, bytes <= maximumBytes {
        frames.append(
          Array(
            UnsafeRawBufferPointer(
              start: zmq_msg_data(&message), count: zmq_msg_size(&message))))
      } else {
        frames = []
      }
      guard zmq_msg_more(&message) == 0 else { continue }
      guard count <= maximumFrames, bytes <= maximumBytes else {
        return .tooLarge("\(count) frames, \(bytes) bytes")
      }
      return .message(frames)
    }
  }

  /// Sends a whole message without waiting.
  func send(_ frames: [[UInt8]]) -> Sent {
    for (index, frame) in frames.enumerated() {
      let flags = ZMQ_DONTWAIT | (index + 1 < frames.count ? ZMQ_SNDMORE : 0)
      while zmq_send(handle, frame, frame.count, flags) < 0 {
        switch zmq_errno() {
        case EINTR: continue
        case EAGAIN where index == 0: return .wouldBlock
        default: return .failed
        }
      }
    }
    return .done
  }

  /// Closes the socket; unsent messages go on for the linger time.
  func close() {
    zmq_close(handle)
  }
}
