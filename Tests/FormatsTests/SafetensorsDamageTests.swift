import Formats
import Testing

@Suite("Damaged safetensors")
struct SafetensorsDamageTests {
  /// A file with this header and `count` zero bytes of values.
  static func file(_ header: String, _ count: Int = 0) -> [UInt8] {
    let text = Array(header.utf8)
    let length = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> ($0 * 8)) }
    return length + text + [UInt8](repeating: 0, count: count)
  }

  static func entry(_ dtype: String, _ shape: String, _ offsets: String) -> String {
    "{\"dtype\":\"\(dtype)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
  }

  static func failure(_ bytes: [UInt8]) -> String? {
    formatError { () throws(FormatError) in
      _ = try SafetensorsFile(parsing: bytes, path: "f.safetensors")
    }?.description
  }

  @Test("a file cut anywhere is an error")
  func truncated() throws {
    let bytes = try SafetensorsTests.file().encoded()
    for length in 0..<bytes.count {
      let message = try #require(Self.failure(Array(bytes.prefix(length))), "\(length)")
      #expect(message.contains("\"f.safetensors\" is not a valid safetensors file"))
    }
    #expect(Self.failure(bytes + [0])?.contains("it has") == true)
  }

  @Test("a changed byte of the length or the header never goes unnoticed as the same file")
  func damaged() throws {
    let original = try SafetensorsTests.file()
    let bytes = try original.encoded()
    let header = 8 + Int(bytes[0]) + Int(bytes[1]) << 8
    // The header holds words, braces and numbers: whatever is left standing must be another valid file.
    for index in bytes.indices {
      for bit in 0..<8 {
        var wrong = bytes
        wrong[index] ^= 1 << UInt8(bit)
        do throws(FormatError) {
          let read = try SafetensorsFile(parsing: wrong, path: "f")
          #expect(index >= 8, "the length is checked")
          if index < header {
            // A blank of the padding may become another kind of blank.
            let isBlank = bytes[index] == 0x20 && [0x09, 0x0a, 0x0d].contains(wrong[index])
            #expect(read != original || isBlank, "byte \(index), bit \(bit)")
          }
        } catch {
          #expect(error.path == "f")
        }
      }
    }
  }

  @Test(
    "broken rules are named",
    arguments: [
      ("{}", 4, "its entries need 0 bytes of values, it has 4"),
      ("[]", 0, "its header does not begin with {"),
      (" {}", 0, "its header does not begin with {"),
      ("{} x", 0, "text follows the header"),
      ("{\"a\":1}", 0, "\"a\" is not described by an object"),
      ("{\"a\":\(entry("F32", "[1]", "[0,4]")),}", 4, "a string is missing"),
      (
        "{\"a\":\(entry("F32", "[1]", "[0,4]")),\"a\":\(entry("F32", "[1]", "[4,8]"))}", 8,
        "the name \"a\" appears twice"
      ),
      (
        "{\"a\":\(entry("F32", "[1]", "[0,4]")),\"\\u0061\":\(entry("F32", "[1]", "[4,8]"))}", 8,
        "the name \"a\" appears twice"
      ),
      (
        "{\"a\":\(entry("F32", "[2]", "[0,8]")),\"b\":\(entry("F32", "[2]", "[4,12]"))}", 12,
        "\"b\" overlaps the entry before it"
      ),
      (
        "{\"a\":\(entry("F32", "[1]", "[0,4]")),\"b\":\(entry("F32", "[1]", "[8,12]"))}", 12,
        "\"b\" leaves a hole before it"
      ),
      ("{\"a\":\(entry("F32", "[1]", "[4,8]"))}", 8, "\"a\" leaves a hole before it"),
      ("{\"a\":\(entry("F32", "[1]", "[0,4]"))}", 3, "its entries need 4 bytes of values"),
      ("{\"a\":\(entry("F32", "[2]", "[0,4]"))}", 4, "has the shape [2] of F32 but 4 bytes"),
      ("{\"a\":\(entry("I64", "[1]", "[0,4]"))}", 4, "has the shape [1] of I64 but 4 bytes"),
      ("{\"a\":\(entry("F32", "[-1]", "[0,4]"))}", 4, "is not a list of sizes"),
      ("{\"a\":\(entry("F32", "[1.0]", "[0,4]"))}", 4, "not a whole number"),
      ("{\"a\":\(entry("F32", "[\"1\"]", "[0,4]"))}", 4, "is not a list of sizes"),
      ("{\"a\":\(entry("F32", "[1]", "[4,0]"))}", 4, "are not a range of bytes"),
      ("{\"a\":\(entry("F32", "[1]", "[-4,0]"))}", 4, "are not a range of bytes"),
      ("{\"a\":\(entry("F32", "[1]", "[0,4,8]"))}", 4, "are not a range of bytes"),
      (
        "{\"a\":\(entry("F32", "[4611686018427387904,4]", "[0,0]"))}", 0, "is not a list of sizes"
      ),
      ("{\"a\":\(entry("F32", "[4611686018427387904]", "[0,0]"))}", 0, "but 0 bytes"),
      (
        "{\"a\":\(entry("F32", "[1]", "[9223372036854775804,9223372036854775807]"))}", 4,
        "but 3 bytes"
      ),
      ("{\"a\":\(entry("F32", "[1]", "[0,18446744073709551616]"))}", 4, "not a whole number"),
      ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "\"a\" has no data_offsets"),
      (
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0],\"x\":1}}", 0,
        "has a member \"x\" that is not of the format"
      ),
      ("{\"__metadata__\":[]}", 0, "its __metadata__ is not an object"),
      ("{\"__metadata__\":{\"a\":1}}", 0, "its metadata \"a\" is not a string"),
      (
        "{\"__metadata__\":{\"\u{e9}\":\"1\",\"e\u{301}\":\"2\"}}", 0, "twice"
      ),
      ("{\"\\ud800\":{}}", 0, "half a character"),
      ("{\"\\udc00\\ud800\":{}}", 0, "half a character"),
      ("{\"\\ud800\\u0041\":{}}", 0, "half a character"),
      ("{\"\\x\":{}}", 0, "an escape is not one of JSON's"),
      ("{\"\\u12\":{}}", 0, "four hexadecimal digits"),
      ("{\"a\tb\":{}}", 0, "a bare control character"),
      ("{\"a", 0, "a string is not closed"),
      ("{\"a\\", 0, "a string is not closed"),
      ("{\"a\" {}}", 0, "\":\" is missing"),
      ("{\"a\":{}", 0, "\"}\" is missing"),
      ("{\"a\":null}", 0, "something other than strings"),
      ("{\"a\":01}", 0, "not a whole number"),
      ("{\"a\":-}", 0, "not a whole number"),
      ("{\"a\":\(String(repeating: "[", count: 100_000))", 0, "nests more than 16 deep"),
    ])
  func rules(header: String, values: Int, reason: String) {
    let message = Self.failure(Self.file(header, values))
    #expect(message?.contains(reason) == true, "\(message ?? "no error")")
  }

  @Test("a header longer than the file or the limit is refused without reading it")
  func length() {
    let claims: [[UInt8]] = [
      [200, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 128],
      [255, 255, 255, 255, 255, 255, 255, 255], [0, 0, 0, 0, 0, 0, 0, 0],
    ]
    for claim in claims { #expect(Self.failure(claim + Array("{}".utf8)) != nil) }
    #expect(Self.failure([0, 0, 0, 6, 0, 0, 0, 0])?.contains("the limit is 100000000") == true)
  }

  @Test("a header that is not UTF-8 is refused")
  func encoding() {
    var bytes = Self.file("{\"ab\":{}}")
    bytes[10] = 0xff
    #expect(Self.failure(bytes)?.contains("not valid UTF-8 at byte 9") == true)
  }

  @Test("types that are not read are named with a way out")
  func types() throws {
    let error = try #require(
      formatError { () throws(FormatError) in
        _ = try SafetensorsFile.read((try? fixture("half.safetensors")) ?? "")
      })
    guard case .unsupported("safetensors", _, let reason, let fix) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(reason == "\"half\" has the type F16")
    #expect(fix.contains("F32"))
  }

  @Test("escapes and pairs of escapes are understood")
  func escapes() throws {
    let header = "{\"__metadata__\":{\"\\ud83e\\ude90\\/\\b\\f\\n\\r\\t\\u00e9\":\"\\\"\\\\\"}}"
    let file = try SafetensorsFile(parsing: Self.file(header), path: "f")
    #expect(file.metadata == ["🪐/\u{8}\u{c}\n\r\té": "\"\\"])
  }
}
