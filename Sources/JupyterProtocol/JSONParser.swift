/// Why a text is not JSON, or more than is accepted.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The byte at which reading stopped.
  public let offset: Int
  /// What was wrong there.
  public let reason: String

  /// The error in a sentence.
  public var description: String { "JSON, byte \(offset): \(reason)" }
}

extension JSONValue {
  /// How deeply arrays and objects may be nested; no Jupyter message comes near it.
  public static let maximumDepth = 256

  /// How many values a document may hold, so that a message cannot blow up in memory.
  public static let maximumValues = 4_000_000

  /// Reads a JSON document.
  ///
  /// Bytes that are not UTF-8 and surrogates without a partner become U+FFFD, so that a message whose
  /// text is damaged can still be answered.
  ///
  /// - Throws: `JSONError` when the bytes are not one JSON value, or exceed the limits.
  public init(parsing bytes: [UInt8]) throws(JSONError) {
    let outcome = bytes.withUnsafeBufferPointer { buffer -> Result<JSONValue, JSONError> in
      var parser = JSONParser(buffer)
      do throws(JSONError) {
        return .success(try parser.document())
      } catch {
        return .failure(error)
      }
    }
    self = try outcome.get()
  }
}

/// A recursive-descent reader over borrowed bytes.
private struct JSONParser {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var index = 0
  private var values = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
  }

  mutating func document() throws(JSONError) -> JSONValue {
    let value = try value(depth: 0)
    skipSpace()
    guard index == bytes.count else { throw error("text after the end of the value") }
    return value
  }

  private func error(_ reason: String) -> JSONError { JSONError(offset: index, reason: reason) }

  private var current: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      index += 1
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard current == byte else { return false }
    index += 1
    return true
  }

  private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    guard depth <= JSONValue.maximumDepth else {
      throw error("nested deeper than \(JSONValue.maximumDepth)")
    }
    values += 1
    guard values <= JSONValue.maximumValues else {
      throw error("more than \(JSONValue.maximumValues) values")
    }
    skipSpace()
    switch current {
    case UInt8(ascii: "{"): return .object(try object(depth: depth))
    case UInt8(ascii: "["): return .array(try array(depth: depth))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .boolean(true))
    case UInt8(ascii: "f"): return try word("false", .boolean(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case nil: throw error("a value was expected, the text ends")
    case UInt8(ascii: "-"): return try number()
    case let byte? where (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte):
      return try number()
    default: throw error("a value was expected")
    }
  }

  private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONError)
    -> JSONValue
  {
    for position in 0..<word.utf8CodeUnitCount where !take(word.utf8Start[position]) {
      throw error("'\(word)' was expected")
    }
    return value
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
    index += 1
    var members: [JSONObject.Member] = []
    skipSpace()
    if take(UInt8(ascii: "}")) { return JSONObject() }
    while true {
      skipSpace()
      guard current == UInt8(ascii: "\"") else { throw error("a key was expected") }
      let key = try string()
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw error("':' was expected") }
      members.append(JSONObject.Member(key: key, value: try value(depth: depth + 1)))
      skipSpace()
      if take(UInt8(ascii: "}")) { return JSONObject(members) }
      guard take(UInt8(ascii: ",")) else { throw error("',' or '}' was expected") }
    }
  }

  private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
    index += 1
    var elements: [JSONValue] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return elements }
    while true {
      elements.append(try value(depth: depth + 1))
      skipSpace()
      if take(UInt8(ascii: "]")) { return elements }
      guard take(UInt8(ascii: ",")) else { throw error("',' or ']' was expected") }
    }
  }

  private mutating func digits() throws(JSONError) -> Range<Int> {
    let start = index
    while let byte = current, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { index += 1 }
    guard index > start else { throw error("a digit was expected") }
    return start..<index
  }

  private mutating func number() throws(JSONError) -> JSONValue {
    let start = index
    let negative = take(UInt8(ascii: "-"))
    let whole = try digits()
    if whole.count > 1, bytes[whole.lowerBound] == UInt8(ascii: "0") {
      throw error("a number starts with a superfluous 0")
    }
    var isWhole = true
    if take(UInt8(ascii: ".")) {
      isWhole = false
      _ = try digits()
    }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      isWhole = false
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      _ = try digits()
    }
    // "-0" stays a floating-point number: an integer would lose its sign.
    if isWhole, !(negative && whole.count == 1 && bytes[whole.lowerBound] == UInt8(ascii: "0")),
      let integer = integer(whole, negative: negative)
    {
      return .integer(integer)
    }
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    guard !isWhole || whole.count <= 15, let number = Double(text), number.isFinite else {
      return .literal(text)
    }
    return .number(number)
  }

  private func integer(_ range: Range<Int>, negative: Bool) -> Int? {
    var result = 0
    for position in range {
      let (product, productOverflows) = result.multipliedReportingOverflow(by: 10)
      let digit = Int(bytes[position] - UInt8(ascii: "0"))
      let (sum, sumOverflows) = product.addingReportingOverflow(negative ? -digit : digit)
      if productOverflows || sumOverflows { return nil }
      result = sum
    }
    return result
  }

  private mutating func string() throws(JSONError) -> String {
    index += 1
    let start = index
    while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
      index += 1
    }
    if current == UInt8(ascii: "\"") {
      defer { index += 1 }
      return String(decoding: bytes[start..<index], as: UTF8.self)
    }
    var text = Array(bytes[start..<index])
    while let byte = current {
      switch byte {
      case UInt8(ascii: "\""):
        index += 1
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        index += 1
        try escape(into: &text)
      case 0..<0x20:
        throw error("a control character stands unescaped in a string")
      default:
        text.append(byte)
        index += 1
      }
    }
    throw error("a string does not end")
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
    guard let byte = current else { throw error("a string does not end") }
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      var scalar = UInt32(try codeUnit())
      if scalar & 0xFC00 == 0xD800, index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"),
        bytes[index + 1] == UInt8(ascii: "u")
      {
        let afterFirst = index
        index += 2
        let low = UInt32(try codeUnit())
        if low & 0xFC00 == 0xDC00 {
          scalar = 0x10000 + ((scalar & 0x3FF) << 10) + (low & 0x3FF)
        } else {
          index = afterFirst
        }
      }
      text.append(contentsOf: String(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8)
    default: throw error("an unknown escape stands in a string")
    }
  }

  private mutating func codeUnit() throws(JSONError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw error("four hexadecimal digits were expected")
      }
      unit = unit << 4 | UInt16(digit)
      index += 1
    }
    return unit
  }
}
