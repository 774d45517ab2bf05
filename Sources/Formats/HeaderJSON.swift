/// The JSON (RFC 8259) of a safetensors header: strings, whole numbers, arrays and objects.
///
/// Written for this one use, since Foundation's parser silently keeps one of two equal keys, which in this
/// format is an attack to be refused, and loses the order that makes files reproducible.
enum HeaderJSON: Equatable {
  case string(String)
  case integer(Int)
  case array([HeaderJSON])
  /// The members in their order; no name appears twice.
  case object([(name: String, value: HeaderJSON)])

  static func == (left: HeaderJSON, right: HeaderJSON) -> Bool {
    switch (left, right) {
    case (.string(let a), .string(let b)): a == b
    case (.integer(let a), .integer(let b)): a == b
    case (.array(let a), .array(let b)): a == b
    case (.object(let a), .object(let b)):
      a.count == b.count && zip(a, b).allSatisfy { $0.name == $1.name && $0.value == $1.value }
    default: false
    }
  }

  /// What is wrong, and at which byte of the text.
  struct Failure: Error {
    let position: Int
    let reason: String
  }

  /// Understands a text that is one value, with blanks around it at most.
  init(parsing bytes: ArraySlice<UInt8>) throws(Failure) {
    var parser = Parser(bytes: bytes, place: bytes.startIndex)
    self = try parser.value(depth: 0)
    parser.skipBlanks()
    guard parser.place == bytes.endIndex else { throw parser.failure("text follows the header") }
  }

  /// The text without blanks; members in their order.
  var text: String {
    switch self {
    case .string(let string): Self.quoted(string)
    case .integer(let number): String(number)
    case .array(let values): "[" + values.map(\.text).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { Self.quoted($0.name) + ":" + $0.value.text }.joined(separator: ",") + "}"
    }
  }

  private static func quoted(_ string: String) -> String {
    var result = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{8}": result += "\\b"
      case "\u{c}": result += "\\f"
      case "\u{0}"..<"\u{20}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

private struct Parser {
  let bytes: ArraySlice<UInt8>
  var place: Int

  /// A header nests three deep; more is refused before it can fill the stack.
  static let deepest = 16

  func failure(_ reason: String, at position: Int? = nil) -> HeaderJSON.Failure {
    HeaderJSON.Failure(position: (position ?? place) - bytes.startIndex, reason: reason)
  }

  var next: UInt8? { place < bytes.endIndex ? bytes[place] : nil }

  mutating func skipBlanks() {
    while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 {
      place += 1
    }
  }

  mutating func accept(_ character: Unicode.Scalar) -> Bool {
    skipBlanks()
    guard next == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  mutating func expect(_ character: Unicode.Scalar) throws(HeaderJSON.Failure) {
    guard accept(character) else { throw failure("\"\(character)\" is missing in the header") }
  }

  mutating func value(depth: Int) throws(HeaderJSON.Failure) -> HeaderJSON {
    guard depth < Self.deepest else {
      throw failure("the header nests more than \(Self.deepest) deep")
    }
    if accept("{") { return try object(depth: depth) }
    if accept("[") { return try array(depth: depth) }
    guard let first = next else { throw failure("the header ends too early") }
    if first == UInt8(ascii: "\"") { return .string(try string()) }
    if first == UInt8(ascii: "-") || isDigit(first) { return .integer(try integer()) }
    throw failure("the header holds something other than strings, whole numbers, lists and objects")
  }

  private mutating func object(depth: Int) throws(HeaderJSON.Failure) -> HeaderJSON {
    var members: [(name: String, value: HeaderJSON)] = []
    // Names are compared byte for byte: Swift's own equality would join canonically equivalent ones.
    var names: Set<[UInt8]> = []
    if accept("}") { return .object([]) }
    repeat {
      skipBlanks()
      let start = place
      let name = try string()
      guard names.insert(Array(name.utf8)).inserted else {
        throw failure("the name \"\(name)\" appears twice", at: start)
      }
      try expect(":")
      members.append((name, try value(depth: depth + 1)))
    } while accept(",")
    try expect("}")
    return .object(members)
  }

  private mutating func array(depth: Int) throws(HeaderJSON.Failure) -> HeaderJSON {
    var values: [HeaderJSON] = []
    if accept("]") { return .array([]) }
    repeat { values.append(try value(depth: depth + 1)) } while accept(",")
    try expect("]")
    return .array(values)
  }

  private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private mutating func integer() throws(HeaderJSON.Failure) -> Int {
    let start = place
    if next == UInt8(ascii: "-") { place += 1 }
    let digits = place
    while let byte = next, isDigit(byte) { place += 1 }
    let isWhole = next.map { ![0x2e, 0x45, 0x65].contains($0) } ?? true
    let leadsWithZero = place - digits > 1 && bytes[digits] == 0x30
    guard isWhole, !leadsWithZero,
      let number = Int(String(decoding: bytes[start..<place], as: UTF8.self))
    else { throw failure("a number is not a whole number of 64 bits", at: start) }
    return number
  }

  private mutating func string() throws(HeaderJSON.Failure) -> String {
    let start = place
    guard next == UInt8(ascii: "\"") else { throw failure("a string is missing in the header") }
    place += 1
    var text: [UInt8] = []
    while let byte = next {
      place += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else {
          throw failure("a string is not valid UTF-8", at: start)
        }
        return string
      case UInt8(ascii: "\\"): text += try escape()
      case 0..<0x20: throw failure("a string holds a bare control character", at: place - 1)
      default: text.append(byte)
      }
    }
    throw failure("a string is not closed", at: start)
  }

  private mutating func escape() throws(HeaderJSON.Failure) -> [UInt8] {
    let start = place - 1
    guard let kind = next else { throw failure("a string is not closed") }
    place += 1
    switch Unicode.Scalar(kind) {
    case "\"", "\\", "/": return [kind]
    case "b": return [0x08]
    case "f": return [0x0c]
    case "n": return [0x0a]
    case "r": return [0x0d]
    case "t": return [0x09]
    case "u":
      var value = try hexadecimal()
      if (0xd800..<0xdc00).contains(value), bytes[place...].starts(with: [0x5c, 0x75]) {
        place += 2
        let low = try hexadecimal()
        guard (0xdc00..<0xe000).contains(low) else {
          throw failure("an escape is half a character", at: start)
        }
        value = 0x10000 + (value - 0xd800) << 10 + (low - 0xdc00)
      }
      guard let scalar = Unicode.Scalar(value) else {
        throw failure("an escape is half a character", at: start)
      }
      return Array(String(Character(scalar)).utf8)
    default: throw failure("an escape is not one of JSON's", at: start)
    }
  }

  private mutating func hexadecimal() throws(HeaderJSON.Failure) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw failure("an escape needs four hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
      place += 1
    }
    return value
  }
}
