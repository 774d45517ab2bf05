import CellLanguage
import JupyterProtocol

/// Why a value cannot be kept, in the words of a note: `a function that keeps names of its own`.
struct NotKept: Error, CustomStringConvertible {
  let reason: String
  var description: String { reason }
}

/// Values of cells as JSON.
///
/// Plain ones stand as they are, the others as an object with one member that says what they are,
/// `{"tuple": …}`. Objects of the workspace are numbers that whoever keeps them gives meaning to.
enum ValueCoding {
  /// Deeper collections are not kept, so that JSON can be read again.
  static let nesting = 60
  /// Longer collections are not kept.
  static let values = 1_000_000

  /// The value as JSON.
  ///
  /// - Throws: `NotKept`, and what `object` throws.
  static func json(
    _ value: Value, object: (any HostObject) throws -> Int
  ) throws -> JSONValue {
    var left = values
    return try json(value, depth: nesting, &left, object)
  }

  private static func json(
    _ value: Value, depth: Int, _ left: inout Int, _ object: (any HostObject) throws -> Int
  ) throws -> JSONValue {
    left -= 1
    guard left > 0 else { throw NotKept(reason: "a collection of more than a million values") }
    guard depth > 0 else { throw NotKept(reason: "collections more than \(nesting) deep") }
    func inner(_ value: Value) throws -> JSONValue {
      try json(value, depth: depth - 1, &left, object)
    }
    switch value {
    case .none: return .null
    case .boolean(let flag): return .boolean(flag)
    case .integer(let integer): return .integer(integer)
    case .number(let number): return real(number)
    case .string(let string): return .string(string)
    case .array(let elements): return .array(try elements.map(inner))
    case .dictionary(let dictionary):
      return [
        "dictionary": .array(
          try dictionary.entries.map { .array([try inner($0.key.value), try inner($0.value)]) })
      ]
    case .tuple(let elements):
      return [
        "tuple": .array(
          try elements.map { .array([$0.label.map { .string($0) } ?? .null, try inner($0.value)]) })
      ]
    case .range(let range): return ["range": json(range)]
    case .implicitMember(let member):
      let arguments = try member.arguments.map { argument -> JSONValue in
        .array([argument.label.map { .string($0) } ?? .null, try inner(argument.value)])
      }
      return ["member": .string(member.name), "arguments": .array(arguments)]
    case .function(let function):
      guard let source = function.source else {
        throw NotKept(reason: "a function that keeps names of its own")
      }
      return ["function": .string(source), "name": .string(function.name)]
    case .object(let host): return ["object": .integer(try object(host))]
    }
  }

  private static func real(_ number: Double) -> JSONValue {
    number.isFinite ? .number(number) : ["number": .string("\(number)")]
  }

  private static func json(_ range: ValueRange) -> JSONValue {
    let ends: [JSONValue] =
      switch range.ends {
      case .integers(let lower, let upper): [lower, upper].map { $0.map { .integer($0) } ?? .null }
      case .numbers(let lower, let upper): [lower, upper].map { $0.map(real) ?? .null }
      }
    let isWhole = if case .integers = range.ends { true } else { false }
    return .array(ends + [.boolean(range.isClosed), .boolean(isWhole)])
  }

  /// The value that JSON stands for.
  ///
  /// - Throws: `NotKept` for JSON that is not of this making, and what the closures throw.
  static func value(
    _ json: JSONValue, object: (Int) throws -> Value,
    function: (_ source: String, _ name: String) throws -> Value
  ) throws -> Value {
    func inner(_ json: JSONValue) throws -> Value {
      try value(json, object: object, function: function)
    }
    func pairs(_ json: JSONValue?) throws -> [(JSONValue, Value)] {
      try (json?.elements ?? []).map { pair in
        guard let parts = pair.elements, parts.count == 2 else { throw damaged }
        return (parts[0], try inner(parts[1]))
      }
    }
    switch json {
    case .null: return .none
    case .boolean(let flag): return .boolean(flag)
    case .integer(let integer): return .integer(integer)
    case .number(let number): return .number(number)
    case .string(let string): return .string(string)
    case .array(let elements): return .array(try elements.map(inner))
    case .literal: throw damaged
    case .object(let members):
      guard let first = members.members.first else { throw damaged }
      switch first.key {
      case "number": return .number(Double(first.value.text ?? "") ?? .nan)
      case "dictionary":
        var dictionary = ValueDictionary()
        for (key, value) in try pairs(first.value) {
          guard let key = ValueDictionary.Key(try inner(key)) else { throw damaged }
          dictionary[key] = value
        }
        return .dictionary(dictionary)
      case "tuple":
        return .tuple(try pairs(first.value).map { TupleElement(label: $0.text, value: $1) })
      case "member":
        let arguments = try pairs(members["arguments"])
        return .implicitMember(
          ImplicitMember(
            first.value.text ?? "",
            arguments: arguments.map { Argument(label: $0.text, value: $1) }))
      case "range": return .range(try range(first.value))
      case "function": return try function(first.value.text ?? "", members["name"]?.text ?? "")
      case "object":
        guard let id = first.value.whole else { throw damaged }
        return try object(id)
      default: throw damaged
      }
    }
  }

  private static func range(_ json: JSONValue) throws -> ValueRange {
    guard let parts = json.elements, parts.count == 4, let isClosed = parts[2].truth,
      let isWhole = parts[3].truth
    else { throw damaged }
    func number(_ json: JSONValue) -> Double? {
      switch json {
      case .integer(let integer): Double(integer)
      case .number(let number): number
      case .object(let members): Double(members["number"]?.text ?? "")
      default: nil
      }
    }
    return ValueRange(
      isWhole
        ? .integers(lower: parts[0].whole, upper: parts[1].whole)
        : .numbers(lower: number(parts[0]), upper: number(parts[1])), isClosed: isClosed)
  }

  private static var damaged: NotKept {
    NotKept(reason: "the workspace's database holds something that Orbit did not write")
  }

  /// Whether loading the value takes more than reading it: it holds objects or functions.
  static func isPlain(_ json: JSONValue) -> Bool {
    switch json {
    case .array(let elements): return elements.allSatisfy(isPlain)
    case .object(let members):
      guard let first = members.members.first, first.key != "object", first.key != "function"
      else { return false }
      return members.members.allSatisfy { isPlain($0.value) }
    default: return true
    }
  }
}
