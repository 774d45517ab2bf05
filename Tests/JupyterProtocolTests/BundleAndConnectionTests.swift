import Glibc
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

  @Test(arguments: SignatureScheme.allCases)
  func schemesAreReadByName(_ scheme: SignatureScheme) throws {
    var object = Self.valid
    object["signature_scheme"] = .string(scheme.rawValue)
    #expect(try read(object).scheme == scheme)
    object["signature_scheme"] = nil
    #expect(try read(object).scheme == .sha256)
  }

  @Test(arguments: ["hmac-sha384", "hmac-sha512_256", "hmac-md5", "sha256", ""])
  func otherSchemesAreRefusedWithAListOfThose(_ name: String) throws {
    var object = Self.valid
    object["signature_scheme"] = .string(name)
    let error = try #require(throws: ConnectionFileError.self) { try read(object) }
    #expect(error.reason.contains("'\(name)'"))
    #expect(error.reason.hasSuffix("hmac-sha256, hmac-sha512, hmac-blake2b"))
    // Without a key nothing is signed, so that it does not matter how.
    object["key"] = ""
    #expect(try read(object).key.isEmpty)
  }

  @Test(arguments: [51587, "51587"] as [JSONValue])
  func aRegistrationFileLeavesThePortsToTheKernel(_ port: JSONValue) throws {
    var object: JSONObject = [
      "kernel_id": "k1", "transport": "tcp", "registration_ip": "127.0.0.2",
      "registration_port": port, "signature_scheme": "hmac-sha512", "key": "abc",
    ]
    let file = try read(object)
    let service = try #require(file.registration)
    #expect(service == .init(kernelID: "k1", address: "127.0.0.2", port: 51_587))
    #expect(file.endpoint(of: service) == "tcp://127.0.0.2:51587")
    #expect(file.shellPort == ConnectionFile.anyPort)
    #expect(file.endpoint(file.shellPort) == "tcp://127.0.0.2:*")
    #expect(file.scheme == .sha512)
    object["ip"] = "127.0.0.3"
    #expect(try read(object).endpoint(1) == "tcp://127.0.0.3:1")
    for field in ["kernel_id", "registration_ip", "registration_port"] {
      var partial = object
      partial[field] = nil
      let error = try #require(throws: ConnectionFileError.self) { try read(partial) }
      #expect(error.reason.contains(field))
    }
    for port in [0, 65_536, "x", "", nil] as [JSONValue?] {
      object["registration_port"] = port ?? .null
      #expect(throws: ConnectionFileError.self) { try read(object) }
    }
  }

  /// Pairs that `zmq_curve_public` computes for the secret keys 0, 1, 2 … 31 and 1, 2, 3 … 32.
  static let curvePairs: [(publicKey: String, secretKey: String)] = [
    (
      "K3HW^WVq.zo69t)(umF>:XvwTj:QGN^yKlWaVH(S",
      "009c61o!#m2NH?C3>iWS5d]J*6CRx17-skh9337x"
    ),
    (
      "2CVWV6D&QXW]Ii55A)@qco1MAyn+7#3/w+9Xnrjk",
      "0rJua1Qkhq2)}4G4gS)W5Ft->6=4P585:Cl9uDpB"
    ),
  ]

  @Test func keysOfTheEncryptionAreRead() throws {
    #expect(try read(Self.valid).curve == nil)
    for pair in Self.curvePairs {
      var object = Self.valid
      object["curve_publickey"] = .string(pair.publicKey)
      object["curve_secretkey"] = .string(pair.secretKey)
      let keys = try #require(try read(object).curve)
      #expect(keys.publicKey == pair.publicKey)
      #expect(keys.secretKey == pair.secretKey)
    }
  }

  @Test func keysThatAreNoneAreRefusedAndNotRepeated() throws {
    let (pair, other) = (Self.curvePairs[0], Self.curvePairs[1])
    let cases: [(JSONValue?, JSONValue?, String)] = [
      (.string(pair.publicKey), nil, "curve_secretkey"), (nil, .string(pair.secretKey), "missing"),
      (.string(pair.publicKey), .null, "curve_secretkey"), ("", "", "40 characters of Z85"),
      (.string(pair.publicKey), 5, "curve_secretkey"),
      (.string(String(pair.publicKey.dropLast())), .string(pair.secretKey), "curve_publickey"),
      (.string(pair.publicKey + "00000"), .string(pair.secretKey), "curve_publickey"),
      (.string("~" + pair.publicKey.dropFirst()), .string(pair.secretKey), "curve_publickey"),
      // The largest word of five characters does not fit four bytes.
      (.string("#####" + pair.publicKey.dropFirst(5)), .string(pair.secretKey), "Z85"),
      (.string(other.publicKey), .string(pair.secretKey), "does not belong"),
    ]
    for (publicKey, secretKey, words) in cases {
      var object = Self.valid
      object["curve_publickey"] = publicKey
      object["curve_secretkey"] = secretKey
      let error = try #require(throws: ConnectionFileError.self) { try read(object) }
      #expect(error.description.contains(words))
      #expect(!error.description.contains(pair.secretKey))
    }
  }

  @Test(arguments: [
    (0o600, true), (0o400, true), (0o644, true), (0o620, false), (0o602, false), (0o666, false),
  ])
  func filesThatOthersCanWriteAreRefused(_ mode: Int, _ isGood: Bool) throws {
    var template = Array("/tmp/orbit-connection-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    try #require(descriptor >= 0)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { unlink(path) }
    let bytes = Self.valid.serialized
    #expect(write(descriptor, bytes, bytes.count) == bytes.count)
    fchmod(descriptor, mode_t(mode))
    close(descriptor)
    if isGood {
      #expect(try ConnectionFile(path: path) == read(Self.valid))
    } else {
      let error = try #require(throws: ConnectionFileError.self) { try ConnectionFile(path: path) }
      #expect(error.reason.contains("chmod 600 '\(path)'"))
    }
  }

  /// Only the administrator can give a file away, and so try this.
  @Test(.enabled(if: geteuid() == 0)) func filesOfOthersAreRefused() throws {
    var template = Array("/tmp/orbit-connection-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    try #require(descriptor >= 0)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { unlink(path) }
    let bytes = Self.valid.serialized
    #expect(write(descriptor, bytes, bytes.count) == bytes.count)
    fchown(descriptor, 12_345, 12_345)
    close(descriptor)
    let error = try #require(throws: ConnectionFileError.self) { try ConnectionFile(path: path) }
    #expect(error.reason.contains("user 12345"))
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
