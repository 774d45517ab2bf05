import JupyterProtocol
import Testing

@Suite struct BundleTests {
  /// The vectors of RFC 4648, section 10.
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
    ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
  ])
  func base64OfRFC4648(_ text: String, _ code: String) {
    #expect(Base64.encode(Array(text.utf8)) == code)
  }

  @Test func base64HasNoLineBreaks() {
    let code = Base64.encode((0..<10_000).map { UInt8(truncatingIfNeeded: $0) })
    #expect(code.utf8.allSatisfy { $0 > 0x20 })
    #expect(code.utf8.count == 13_336)
  }

  @Test func bundlesKeepTheirKinds() {
    var bundle = MIMEBundle(png: [1, 2, 3], width: 30, height: 20, text: "a picture")
    bundle["application/json"] = .json(["a": 1])
    #expect(
      bundle.data
        == ["image/png": "AQID", "text/plain": "a picture", "application/json": ["a": 1]])
    #expect(bundle.metadata == ["image/png": ["width": 30, "height": 20]])
    #expect(bundle.plainText == "a picture")
    bundle["text/plain"] = nil
    #expect(bundle.plainText == nil)
  }
}

@Suite struct ConnectionFileTests {
  static let valid: JSONObject = [
    "shell_port": 1001, "iopub_port": 1002, "stdin_port": 1003, "control_port": 1004,
    "hb_port": 1005, "ip": "127.0.0.1", "key": "abc", "transport": "tcp",
    "signature_scheme": "hmac-sha256", "kernel_name": "orbit",
  ]

  private func read(_ object: JSONObject) throws -> ConnectionFile {
    try ConnectionFile(parsing: object.serialized, path: "kernel.json")
  }

  @Test func aWholeFileIsRead() throws {
    let file = try read(Self.valid)
    #expect(file.key == Array("abc".utf8))
    #expect(file.endpoint(file.shellPort) == "tcp://127.0.0.1:1001")
    #expect(
      [file.iopubPort, file.stdinPort, file.controlPort, file.heartbeatPort] == [
        1002, 1003, 1004, 1005,
      ])
  }

  @Test func endpointsFollowTheTransport() throws {
    var object = Self.valid
    object["transport"] = "ipc"
    object["ip"] = "/run/kernel"
    #expect(try read(object).endpoint(7) == "ipc:///run/kernel-7")
    object["transport"] = "tcp"
    object["ip"] = "::1"
    #expect(try read(object).endpoint(7) == "tcp://[::1]:7")
  }

  @Test(
    arguments: [
      ("shell_port", nil), ("shell_port", 0), ("hb_port", 65_536), ("iopub_port", -1),
      ("control_port", "x"), ("stdin_port", 1001), ("transport", "carrier pigeon"), ("ip", nil),
      ("ip", ""), ("signature_scheme", "hmac-md5"),
    ] as [(String, JSONValue?)])
  func wrongFieldsAreNamed(_ field: String, _ value: JSONValue?) throws {
    var object = Self.valid
    object[field] = value
    let error = try #require(throws: ConnectionFileError.self) { try read(object) }
    #expect(error.description.contains("kernel.json"))
    if field != "stdin_port" { #expect(error.description.contains(field)) }
  }

  @Test func filesThatAreNoneAreRefused() {
    #expect(throws: ConnectionFileError.self) {
      try ConnectionFile(parsing: Array("[]".utf8), path: "a")
    }
    #expect(throws: ConnectionFileError.self) {
      try ConnectionFile(parsing: Array("{".utf8), path: "a")
    }
    #expect(throws: ConnectionFileError.self) { try ConnectionFile(path: "/no/such/file") }
    #expect(throws: ConnectionFileError.self) { try ConnectionFile(path: "/") }
  }
}
