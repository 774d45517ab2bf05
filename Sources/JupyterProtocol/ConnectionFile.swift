import Glibc

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

  /// Makes a description of a connection.
  public init(
    transport: Transport, address: String, shellPort: Int, iopubPort: Int, stdinPort: Int,
    controlPort: Int, heartbeatPort: Int, key: [UInt8]
  ) {
    self.transport = transport
    self.address = address
    self.shellPort = shellPort
    self.iopubPort = iopubPort
    self.stdinPort = stdinPort
    self.controlPort = controlPort
    self.heartbeatPort = heartbeatPort
    self.key = key
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

/// Why a connection file cannot be used.
public struct ConnectionFileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file.
  public let path: String
  /// What is wrong with it and what would be right.
  public let reason: String

  /// The error in a sentence.
  public var description: String { "The connection file \(path) cannot be used: \(reason)." }
}

extension ConnectionFile {
  /// Reads a connection file.
  ///
  /// - Throws: `ConnectionFileError` when it cannot be read, or a field is missing or out of range.
  public init(path: String) throws(ConnectionFileError) {
    try self.init(parsing: try Self.contents(of: path), path: path)
  }

  /// Reads the text of a connection file.
  ///
  /// - Throws: `ConnectionFileError` when a field is missing or out of range.
  public init(parsing bytes: [UInt8], path: String) throws(ConnectionFileError) {
    func failure(_ reason: String) -> ConnectionFileError {
      ConnectionFileError(path: path, reason: reason)
    }
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue(parsing: bytes)
    } catch {
      throw failure("it is not JSON (\(error))")
    }
    guard case .object(let object) = value else { throw failure("it is not a JSON object") }

    let transportName = object["transport"]?.text ?? "tcp"
    guard let transport = Transport(rawValue: transportName) else {
      throw failure("transport is '\(transportName)', but only tcp and ipc are known")
    }
    guard let address = object["ip"]?.text, !address.isEmpty, !address.utf8.contains(0) else {
      throw failure("ip is missing")
    }
    let key = Array((object["key"]?.text ?? "").utf8)
    let scheme = object["signature_scheme"]?.text ?? "hmac-sha256"
    guard key.isEmpty || scheme == "hmac-sha256" else {
      throw failure("signature_scheme is '\(scheme)', but only hmac-sha256 is known")
    }
    func port(_ field: String) throws(ConnectionFileError) -> Int {
      guard let port = object[field]?.whole else { throw failure("\(field) is missing") }
      guard port > 0, transport == .ipc || port <= 65_535 else {
        throw failure("\(field) is \(port), but a port lies in 1...65535")
      }
      return port
    }
    self.init(
      transport: transport, address: address, shellPort: try port("shell_port"),
      iopubPort: try port("iopub_port"), stdinPort: try port("stdin_port"),
      controlPort: try port("control_port"), heartbeatPort: try port("hb_port"), key: key)
    let ports = [shellPort, iopubPort, stdinPort, controlPort, heartbeatPort]
    guard Set(ports).count == ports.count else {
      throw failure("two of its ports are equal (\(ports))")
    }
  }

  private static func contents(of path: String) throws(ConnectionFileError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw ConnectionFileError(path: path, reason: String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    // A connection file has some 400 bytes; whatever is longer than this is something else.
    var bytes = [UInt8](repeating: 0, count: 65_536)
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes { buffer in
        read(descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled)
      }
      if count < 0 {
        guard errno == EINTR else {
          throw ConnectionFileError(path: path, reason: String(cString: strerror(errno)))
        }
      } else if count == 0 {
        return Array(bytes[..<filled])
      } else {
        filled += count
      }
    }
    throw ConnectionFileError(path: path, reason: "it is longer than \(bytes.count) bytes")
  }
}
