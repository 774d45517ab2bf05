/// Where a kernel listens and with which key it signs, as the launcher wrote it down.
public struct ConnectionFile: Sendable, Equatable {
  /// How the sockets are reached.
  public enum Transport: String, Sendable {
    /// TCP: the address is a host, the ports are ports.
    case tcp
    /// Unix domain sockets: the address is a path, and `-port` is appended to it.
    case ipc
  }

  /// How the sockets are reached.
  public var transport: Transport
  /// The host, or the path of the socket files.
  public var address: String
  /// The port of requests.
  public var shellPort: Int
  /// The port of outputs.
  public var iopubPort: Int
  /// The port of questions to the person.
  public var stdinPort: Int
  /// The port of interrupt and shutdown.
  public var controlPort: Int
  /// The port of the echo that shows life.
  public var heartbeatPort: Int
  /// The key of the signatures; empty when messages are not signed.
  public var key: [UInt8]
  /// How messages are signed with the key.
  public var scheme: SignatureScheme
  /// The keys of the encryption; without, everything is sent in the clear.
  public var curve: CurveKeys?

  /// Makes a description of a connection.
  public init(
    transport: Transport, address: String, shellPort: Int, iopubPort: Int, stdinPort: Int,
    controlPort: Int, heartbeatPort: Int, key: [UInt8], scheme: SignatureScheme = .sha256,
    curve: CurveKeys? = nil
  ) {
    self.transport = transport
    self.address = address
    self.shellPort = shellPort
    self.iopubPort = iopubPort
    self.stdinPort = stdinPort
    self.controlPort = controlPort
    self.heartbeatPort = heartbeatPort
    self.key = key
    self.scheme = scheme
    self.curve = curve
  }

  /// The ZeroMQ endpoint of a port.
  public func endpoint(_ port: Int) -> String {
    switch transport {
    case .tcp where address.contains(":"): "tcp://[\(address)]:\(port)"
    case .tcp: "tcp://\(address):\(port)"
    case .ipc: "ipc://\(address)-\(port)"
    }
  }
}
