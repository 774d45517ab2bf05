/// Where a kernel listens and with which key it signs, as the launcher wrote it down.
public struct ConnectionFile: Sendable, Equatable {
  /// How the sockets are reached.
  public enum Transport: String, Sendable {
    /// TCP: the address is a host, the ports are ports.
    case tcp
    /// Unix domain sockets: the address is a path, and `-port` is appended to it.
    case ipc
  }

  /// Who wants to know which ports a kernel has chosen, when the file leaves the choice to the kernel.
  public struct RegistrationService: Sendable, Equatable {
    /// The kernel's name in the message.
    public var kernelID: String
    /// The host, or the path of the socket file.
    public var address: String
    /// The port of the message.
    public var port: Int

    /// Makes a description of a service.
    public init(kernelID: String, address: String, port: Int) {
      self.kernelID = kernelID
      self.address = address
      self.port = port
    }
  }

  /// The port that stands for any free one.
  public static let anyPort = 0

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
  /// Where to register the ports; without, they are those of the file.
  public var registration: RegistrationService?

  /// Makes a description of a connection.
  public init(
    transport: Transport, address: String, shellPort: Int, iopubPort: Int, stdinPort: Int,
    controlPort: Int, heartbeatPort: Int, key: [UInt8], scheme: SignatureScheme = .sha256,
    curve: CurveKeys? = nil, registration: RegistrationService? = nil
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
    self.registration = registration
  }

  /// The ZeroMQ endpoint of a port.
  public func endpoint(_ port: Int) -> String {
    Self.endpoint(transport, address, port)
  }

  /// The ZeroMQ endpoint of the service where ports are registered.
  public func endpoint(of service: RegistrationService) -> String {
    Self.endpoint(transport, service.address, service.port)
  }

  private static func endpoint(_ transport: Transport, _ address: String, _ port: Int) -> String {
    switch transport {
    case .tcp:
      "tcp://\(address.contains(":") ? "[\(address)]" : address):\(port == anyPort ? "*" : "\(port)")"
    case .ipc: "ipc://\(address)-\(port)"
    }
  }
}
