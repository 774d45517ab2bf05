import JupyterProtocol
import Testing

@Suite struct JSONTests {
  private func parse(_ text: String) throws -> JSONValue {
    try JSONValue(parsing: Array(text.utf8))
  }

  private func write(_ value: JSONValue) -> String {
    String(decoding: value.serialized, as: UTF8.self)
  }

  @Test(arguments: [
    "null", "true", "false", "0", "-1", "9223372036854775807", "-9223372036854775808", "1.5",
    "1e+300", "[]", "{}", #""""#, #""a\"b\\c\u0001\n\t""#, #"[1,[2,[3,{"a":null}]]]"#,
    #"{"z":1,"a":2,"m":{"y":true,"b":[]}}"#, "123456789012345678901234567890",
    "-123456789012345678901234567890", "1e999", #""é😀﷽""#, #""\u2028\u2029""#,
  ])
  func textSurvivesTheRoundTrip(_ text: String) throws {
    #expect(write(try parse(text)) == text)
  }

  @Test func generatedValuesSurviveTheRoundTrip() throws {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<500 {
      let value = Self.value(depth: 4, &generator)
      #expect(try JSONValue(parsing: value.serialized) == value)
    }
  }

  private static func value(
    depth: Int, _ generator: inout SystemRandomNumberGenerator
  ) -> JSONValue {
    switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &generator) {
    case 0: return .null
    case 1: return .boolean(.random(using: &generator))
    case 2: return .integer(.random(in: Int.min...Int.max, using: &generator))
    case 3:
      let bits = UInt64.random(in: 0...UInt64.max, using: &generator)
      let number = Double(bitPattern: bits)
      return number.isFinite ? .number(number) : .null
    case 4, 5:
      let scalars = (0..<Int.random(in: 0..<12, using: &generator)).map { _ in
        Unicode.Scalar(UInt32.random(in: 0..<0x11_0000, using: &generator)) ?? "?"
      }
      return .string(String(String.UnicodeScalarView(scalars)))
    case 6:
      return .array(
        (0..<Int.random(in: 0..<5, using: &generator)).map { _ in
          value(depth: depth - 1, &generator)
        })
    default:
      return .object(
        JSONObject(
          (0..<Int.random(in: 0..<5, using: &generator)).map { index in
            JSONObject.Member(key: "k\(index)", value: value(depth: depth - 1, &generator))
          }))
    }
  }

  @Test(arguments: [
    "", " ", "nul", "tru", "01", "1.", ".5", "+1", "1e", "-", "[1,]", "[1 2]", "{", "[", #"{"a"}"#,
    #"{"a":1,}"#, "{a:1}", "{1:2}", #"""#, #""\x""#, #""\u12g4""#, #""\u12"#, "\"\u{1}\"", "1 2",
    "[]]", "'a'", "NaN", "Infinity", "-Infinity", "\u{FEFF}1",
  ])
  func malformedTextIsRefused(_ text: String) {
    #expect(throws: JSONError.self) { try parse(text) }
  }

  @Test func numbersStayExact() throws {
    #expect(try parse("3") == .integer(3))
    #expect(try parse("3.0") == .number(3))
    #expect(try parse("3.0").whole == 3)
    #expect(try parse("3.5").whole == nil)
    #expect(try parse("9223372036854775808") == .literal("9223372036854775808"))
    #expect(try parse("0.1") == .number(0.1))
    #expect(try parse("-0") == .number(-0.0))
  }

  @Test func numbersThatAreNotFiniteBecomeNull() {
    #expect(write([.number(.nan), .number(.infinity), .number(-.infinity)]) == "[null,null,null]")
  }

  @Test func surrogatesArePairedOrReplaced() throws {
    #expect(try parse(#""\ud83d\ude00""#) == "😀")
    #expect(try parse(#""a\ud83db""#) == "a\u{FFFD}b")
    #expect(try parse(#""\ude00""#) == "\u{FFFD}")
    #expect(try parse(#""\ud83d\ud83d\ude00""#) == "\u{FFFD}😀")
    #expect(try parse(#""\ud83d\n""#) == "\u{FFFD}\n")
  }

  @Test func invalidUTF8IsReplaced() throws {
    let bytes: [UInt8] = [0x22, 0x61, 0xFF, 0x62, 0xC3, 0x22]
    #expect(try JSONValue(parsing: bytes) == "a\u{FFFD}b\u{FFFD}")
  }

  @Test func depthIsLimited() throws {
    let limit = JSONValue.maximumDepth
    let deep = { (count: Int) in
      String(repeating: "[", count: count) + String(repeating: "]", count: count)
    }
    _ = try parse(deep(limit))
    #expect(throws: JSONError.self) { try parse(deep(limit + 2)) }
    #expect(throws: JSONError.self) { try parse(String(repeating: "[", count: 200_000)) }
    #expect(throws: JSONError.self) { try parse(String(repeating: #"{"a":"#, count: 200_000)) }
  }

  @Test func damagedDocumentsNeverTrap() throws {
    let whole = Array(
      #"{"a":[1,2.5e3,"x\u00e9\ud83d\ude00"],"b":{"c":null,"d":true},"e":-12}"#.utf8)
    for length in 0..<whole.count {
      #expect(throws: JSONError.self) { try JSONValue(parsing: Array(whole[..<length])) }
    }
    for index in whole.indices {
      for byte in [0, 0x22, 0x5C, 0x7B, 0x5D, 0x80, 0xFF] as [UInt8] {
        var damaged = whole
        damaged[index] = byte
        if let value = try? JSONValue(parsing: damaged) {
          #expect(try JSONValue(parsing: value.serialized) == value)
        }
      }
    }
  }

  @Test func objectsKeepOrderAndTheLastOfRepeatedKeys() throws {
    let object = try #require(try parse(#"{"b":1,"a":2,"b":3}"#).members)
    #expect(object.members.map(\.key) == ["b", "a", "b"])
    #expect(object["b"] == 3)
    var changed: JSONObject = ["x": 1, "y": 2]
    changed["x"] = 5
    changed["z"] = 6
    changed["y"] = nil
    #expect(changed == ["x": 5, "z": 6])
  }
}
