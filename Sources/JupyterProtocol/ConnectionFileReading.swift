import Glibc

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
  /// - Throws: `ConnectionFileError` when it cannot be read, when others can write it, or when a field is
  ///   missing or out of range.
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
    let registration = try Self.registrationService(of: object, transport, path: path)
    // A registration file need not say where to listen: the launcher expects the kernel beside itself.
    guard let address = object["ip"]?.text ?? registration?.address, !address.isEmpty,
      !address.utf8.contains(0)
    else { throw failure("ip is missing") }
    let key = Array((object["key"]?.text ?? "").utf8)
    let schemeName = object["signature_scheme"]?.text ?? SignatureScheme.sha256.rawValue
    guard let scheme = SignatureScheme(rawValue: schemeName) ?? (key.isEmpty ? .sha256 : nil) else {
      let known = SignatureScheme.allCases.map(\.rawValue).joined(separator: ", ")
      throw failure("signature_scheme is '\(schemeName)', but only these are known: \(known)")
    }
    func port(_ field: String) throws(ConnectionFileError) -> Int {
      guard registration == nil else { return Self.anyPort }
      guard let port = object[field]?.whole else { throw failure("\(field) is missing") }
      guard port > 0, transport == .ipc || port <= 65_535 else {
        throw failure("\(field) is \(port), but a port lies in 1...65535")
      }
      return port
    }
    self.init(
      transport: transport, address: address, shellPort: try port("shell_port"),
      iopubPort: try port("iopub_port"), stdinPort: try port("stdin_port"),
      controlPort: try port("control_port"), heartbeatPort: try port("hb_port"), key: key,
      scheme: scheme, curve: try Self.curveKeys(of: object, path: path),
      registration: registration)
    guard registration == nil else { return }
    let ports = [shellPort, iopubPort, stdinPort, controlPort, heartbeatPort]
    guard Set(ports).count == ports.count else {
      throw failure("two of its ports are equal (\(ports))")
    }
  }

  /// Where the ports are to be registered, when this is a registration file (protocol 5.6, JEP 66).
  private static func registrationService(
    of object: JSONObject, _ transport: Transport, path: String
  ) throws(ConnectionFileError) -> RegistrationService? {
    guard object["registration_port"] != nil || object["registration_ip"] != nil else { return nil }
    func failure(_ reason: String) -> ConnectionFileError {
      ConnectionFileError(path: path, reason: reason)
    }
    guard let address = object["registration_ip"]?.text, !address.isEmpty,
      !address.utf8.contains(0)
    else { throw failure("registration_ip is missing") }
    // The specification shows a number, and launchers write a string.
    let written = object["registration_port"]
    guard let port = written?.whole ?? written?.text.flatMap({ Int($0) }), port > 0,
      transport == .ipc || port <= 65_535
    else { throw failure("registration_port is no port; it lies in 1...65535") }
    guard let kernelID = object["kernel_id"]?.text else { throw failure("kernel_id is missing") }
    return RegistrationService(kernelID: kernelID, address: address, port: port)
  }

  /// The keys of the encryption.
  ///
  /// Half a pair, or one that is no pair, is refused: whoever wrote it down wanted encryption, and must
  /// not get a kernel that talks in the clear instead.
  private static func curveKeys(of object: JSONObject, path: String) throws(ConnectionFileError)
    -> CurveKeys?
  {
    func field(_ name: String) throws(ConnectionFileError) -> String? {
      guard let value = object[name], value != .null else { return nil }
      guard let text = value.text else {
        throw ConnectionFileError(
          path: path, reason: CurveKeyError.malformed(field: name).description)
      }
      return text
    }
    let keys = (try field("curve_publickey"), try field("curve_secretkey"))
    switch keys {
    case (nil, nil): return nil
    case (let publicKey?, let secretKey?):
      do throws(CurveKeyError) {
        return try CurveKeys(publicKey: publicKey, secretKey: secretKey)
      } catch {
        throw ConnectionFileError(path: path, reason: error.description)
      }
    case (nil, _):
      throw ConnectionFileError(
        path: path, reason: "curve_secretkey is there, but curve_publickey is missing")
    case (_, nil):
      throw ConnectionFileError(
        path: path, reason: "curve_publickey is there, but curve_secretkey is missing")
    }
  }

  /// Refuses a file that others can write, or have written: its key decides who may run code here.
  ///
  /// The open file is looked at, not its path, so that what was checked is what is read. As elsewhere,
  /// the administrator's files are trusted like one's own.
  private static func refuseFileOfOthers(_ descriptor: Int32, _ path: String)
    throws(ConnectionFileError)
  {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw ConnectionFileError(path: path, reason: String(cString: strerror(errno)))
    }
    guard status.st_uid == geteuid() || status.st_uid == 0 else {
      throw ConnectionFileError(
        path: path,
        reason: "it belongs to somebody else (user \(status.st_uid)), who could have put in any "
          + "key; make one of your own and run chmod 600 on it")
    }
    guard status.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
      throw ConnectionFileError(
        path: path,
        reason: "others can write it and could have put in any key; run chmod 600 '\(path)'")
    }
  }

  private static func contents(of path: String) throws(ConnectionFileError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw ConnectionFileError(path: path, reason: String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    try refuseFileOfOthers(descriptor, path)
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
