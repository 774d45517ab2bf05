import CellLanguage
import JupyterProtocol
import Testing

@testable import Workspace

/// Values of cells as JSON and back, over values of every kind.
@Suite struct KeepingValueTests {
  /// The kinds of values; `kind` is where a new one has to be added, and then it has to be drawn too.
  static let kinds: Set<String> = [
    "none", "boolean", "integer", "number", "string", "array", "dictionary", "tuple", "range",
    "function", "member", "object",
  ]

  static func kind(_ value: Value) -> String {
    switch value {
    case .none: "none"
    case .boolean: "boolean"
    case .integer: "integer"
    case .number: "number"
    case .string: "string"
    case .array: "array"
    case .dictionary: "dictionary"
    case .tuple: "tuple"
    case .range: "range"
    case .function: "function"
    case .implicitMember: "member"
    case .object: "object"
    }
  }

  final class Thing: HostObject {
    let typeName = "Thing"
    let summary = "a thing"
    let number: Int
    init(_ number: Int) { self.number = number }
  }

  /// Draws values, and notes their kinds.
  struct Draws {
    var dice: Dice
    var seen: Set<String> = []
    let functions: [Value]

    static let numbers: [Double] = [
      0, -0.0, 3, -1.5, 0.1, 1e300, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .infinity,
      -.infinity, .nan,
      0x1p53, 0x1p63, 1e22, .pi,
    ]
    static let integers = [0, 1, -1, .max, .min, 1 << 53, (1 << 53) + 1, -(1 << 53) - 1]
    static let strings = [
      "", "a", "\"\\/\n\t\r\u{8}\u{c}", "\u{0}\u{1f}\u{7f}", "é", "e\u{301}", "👩‍👩‍👧", "\u{2028}",
      "object", "{\"object\":1}", "\u{10FFFF}", "日本",
    ]

    mutating func number() -> Double {
      dice.below(3) == 0
        ? Double(bitPattern: dice.next()) : dice.one(of: Self.numbers)
    }

    mutating func label() -> String? {
      dice.one(of: [nil, "x", "to", "object", ""])
    }

    mutating func some(_ depth: Int) -> [Value] {
      (0..<dice.below(4)).map { _ in value(depth - 1) }
    }

    mutating func value(_ depth: Int) -> Value {
      let value = drawn(depth)
      seen.insert(kind(value))
      return value
    }

    private mutating func drawn(_ depth: Int) -> Value {
      switch dice.below(depth > 0 ? 12 : 8) {
      case 0: return .none
      case 1: return .boolean(dice.below(2) == 0)
      case 2: return .integer(dice.one(of: Self.integers))
      case 3: return .number(number())
      case 4: return .string(dice.one(of: Self.strings))
      case 5:
        func end(_ value: Int) -> Int? { dice.below(4) == 0 ? nil : value }
        let lower = dice.one(of: Self.integers)
        let isClosed = dice.below(2) == 0
        if dice.below(2) == 0 {
          return .range(
            ValueRange(.integers(lower: end(lower), upper: end(.max)), isClosed: isClosed))
        }
        return .range(
          ValueRange(
            .numbers(
              lower: dice.below(3) == 0 ? nil : 0.5, upper: [nil, 3, .infinity][dice.below(3)]),
            isClosed: isClosed))
      case 6: return dice.one(of: functions)
      case 7: return .object(Thing(dice.below(1000)))
      case 8: return .array(some(depth))
      case 9:
        var dictionary = ValueDictionary()
        for value in some(depth) {
          let keys: [ValueDictionary.Key] = [
            .string(dice.one(of: Self.strings)), .integer(.min), .boolean(true),
            .number(0.5), .number(.infinity),
          ]
          dictionary[dice.one(of: keys)] = value
        }
        return .dictionary(dictionary)
      case 10: return .tuple(some(depth).map { TupleElement(label: label(), value: $0) })
      default:
        return .implicitMember(
          ImplicitMember(
            dice.one(of: Self.strings),
            arguments: some(depth).map { Argument(label: label(), value: $0) }))
      }
    }
  }

  /// Whether a value came back as it was: numbers to the bit, functions as their text.
  static func same(_ before: Value, _ after: Value) -> Bool {
    func all(_ first: [Value], _ second: [Value]) -> Bool {
      first.count == second.count && zip(first, second).allSatisfy(same)
    }
    func equal(_ first: Double?, _ second: Double?) -> Bool {
      first?.isNaN == true
        ? second?.isNaN == true : first?.bitPattern == second?.bitPattern
    }
    switch (before, after) {
    case (.none, .none): return true
    case (.boolean(let first), .boolean(let second)): return first == second
    case (.integer(let first), .integer(let second)): return first == second
    case (.number(let first), .number(let second)): return equal(first, second)
    case (.string(let first), .string(let second)):
      return Array(first.unicodeScalars) == Array(second.unicodeScalars)
    case (.array(let first), .array(let second)): return all(first, second)
    case (.dictionary(let first), .dictionary(let second)):
      return all(first.keys.map(\.value), second.keys.map(\.value))
        && all(first.values, second.values)
    case (.tuple(let first), .tuple(let second)):
      return first.map(\.label) == second.map(\.label)
        && all(first.map(\.value), second.map(\.value))
    case (.range(let first), .range(let second)):
      guard first.isClosed == second.isClosed else { return false }
      switch (first.ends, second.ends) {
      case (.integers(let a, let b), .integers(let c, let d)): return a == c && b == d
      case (.numbers(let a, let b), .numbers(let c, let d)): return equal(a, c) && equal(b, d)
      default: return false
      }
    case (.implicitMember(let first), .implicitMember(let second)):
      return first.name == second.name
        && first.arguments.map(\.label) == second.arguments.map(\.label)
        && all(first.arguments.map(\.value), second.arguments.map(\.value))
    case (.function(let first), .string(let text)):
      return first.source.map { "\(first.name): \($0)" } == text
    case (.object(let first), .object(let second)):
      return (first as? Thing)?.number == (second as? Thing)?.number
    default: return false
    }
  }

  static func json(_ value: Value) throws -> JSONValue {
    try ValueCoding.json(value) { ($0 as? Thing)?.number ?? -1 }
  }

  static func value(_ json: JSONValue) throws -> Value {
    try ValueCoding.value(json) {
      .object(Thing($0))
    } function: {
      .string("\($1): \($0)")
    }
  }

  private static func functions() -> [Value] {
    let notebook = Notebook()
    notebook.run(
      "func twice(_ x: Int) -> Int { return x * 2 }\nlet add = { (a, b) in a + b } // \"é\"")
    return ["twice", "add"].compactMap { notebook.value($0) }
  }

  @Test(arguments: 1...8) func everyValueComesBack(seed: UInt64) throws {
    var draws = Draws(dice: Dice(seed), functions: Self.functions())
    #expect(draws.functions.count == 2)
    for _ in 0..<200 {
      let value = draws.value(5)
      let bytes = try Self.json(value).serialized
      let again = try JSONValue(parsing: bytes)
      #expect(Self.same(value, try Self.value(again)), "\(value.cellText)")
      #expect(
        try Self.json(try Self.value(again)).serialized == bytes
          || !draws.seen.isDisjoint(with: ["function"]))
      let needsLoading = String(decoding: bytes, as: UTF8.self)
      if !needsLoading.contains("\"object\""), !needsLoading.contains("\"function\"") {
        #expect(ValueCoding.isPlain(again))
      }
    }
    #expect(draws.seen == Self.kinds)
  }

  @Test func whatLeadsToObjectsIsNotPlain() throws {
    let thing = Value.object(Thing(7))
    let function = try #require(Self.functions().first)
    for value in [thing, function] {
      var dictionary = ValueDictionary()
      dictionary["object"] = value
      for wrapped in [
        value, .array([.integer(1), value]), .tuple([TupleElement(value: value)]),
        .dictionary(dictionary),
        .implicitMember(ImplicitMember("x", arguments: [Argument(value: value)])),
      ] {
        #expect(!ValueCoding.isPlain(try Self.json(wrapped)), "\(wrapped.cellText)")
      }
    }
  }

  @Test func whatCannotBeKeptIsRefusedWithAReason() throws {
    func nested(_ depth: Int) -> Value {
      (1..<depth).reduce(.array([])) { value, _ in .array([value]) }
    }
    #expect(Self.same(nested(50), try Self.value(try Self.json(nested(50)))))
    #expect(throws: NotKept.self) { try Self.json(nested(61)) }
    #expect(throws: NotKept.self) {
      try Self.json(.array(Array(repeating: .integer(1), count: 1_000_001)))
    }
    let notebook = Notebook()
    notebook.run("func maker(_ n: Int) -> Any { return { x in x + n } }\nlet add = maker(3)")
    if let closure = notebook.value("add"), case .function(let function) = closure,
      function.source == nil
    {
      #expect(throws: NotKept.self) { try Self.json(closure) }
    }
  }

  @Test func foreignJSONIsRefused() throws {
    for text in [
      "{}", "{\"tensor\":1}", "{\"object\":\"a\"}", "{\"object\":1.5}", "{\"dictionary\":[[1]]}",
      "{\"dictionary\":[[null,1]]}", "{\"tuple\":[1]}", "{\"range\":[1,2]}",
      "{\"range\":[1,2,3,4]}",
      "{\"member\":\"a\",\"arguments\":[[1]]}", "1e999",
    ] {
      let json = try JSONValue(parsing: Array(text.utf8))
      #expect(throws: NotKept.self, "\(text)") { try Self.value(json) }
    }
  }
}
