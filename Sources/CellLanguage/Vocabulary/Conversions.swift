extension Value: CellConvertible {
  /// Any value.
  public static var typeDescription: String { "any value" }
  /// The value itself.
  public static func from(_ value: Value) throws(ConversionError) -> Value { value }
  /// The value as it is written in a cell.
  public var cellText: String {
    if case .string(let string) = self { return quoted(string) }
    return description
  }
  /// The number, if it is one.
  public var boundedNumbers: [Double] {
    switch self {
    case .integer(let integer): [Double(integer)]
    case .number(let number): [number]
    default: []
    }
  }
}

extension Int: CellConvertible {
  /// A whole number.
  public static var typeDescription: String { "whole number" }
  /// The whole number; a number with a fraction is refused, and so is one without.
  public static func from(_ value: Value) throws(ConversionError) -> Int {
    guard case .integer(let integer) = value else {
      if case .number(let number) = value, let integer = Int(exactly: number) {
        throw mismatch(value, fix: "write \(integer)")
      }
      throw mismatch(value)
    }
    return integer
  }
  /// The digits.
  public var cellText: String { "\(self)" }
  /// The number itself.
  public var boundedNumbers: [Double] { [Double(self)] }
}

extension Double: CellConvertible {
  /// A number.
  public static var typeDescription: String { "number" }
  /// The number; whole numbers are numbers too.
  public static func from(_ value: Value) throws(ConversionError) -> Double {
    switch value {
    case .integer(let integer): return Double(integer)
    case .number(let number): return number
    default: throw mismatch(value)
    }
  }
  /// The shortest digits that mean the number.
  public var cellText: String { "\(self)" }
  /// The number itself.
  public var boundedNumbers: [Double] { [self] }
}

extension Float: CellConvertible {
  /// A number.
  public static var typeDescription: String { "number" }
  /// The nearest single-precision number.
  public static func from(_ value: Value) throws(ConversionError) -> Float {
    let number = try Double.from(value)
    guard !number.isFinite || Float(number).isFinite else {
      throw ConversionError("\(number) is too large for a single-precision number")
    }
    return Float(number)
  }
  /// The shortest digits that mean the number.
  public var cellText: String { "\(self)" }
  /// The number itself.
  public var boundedNumbers: [Double] { [Double(self)] }
}

extension Bool: CellConvertible {
  /// True or false.
  public static var typeDescription: String { "truth value" }
  /// The truth value.
  public static func from(_ value: Value) throws(ConversionError) -> Bool {
    guard case .boolean(let flag) = value else { throw mismatch(value, fix: "write true or false") }
    return flag
  }
  /// `true` or `false`.
  public var cellText: String { "\(self)" }
}

extension String: CellConvertible {
  /// A string.
  public static var typeDescription: String { "string" }
  /// The string.
  public static func from(_ value: Value) throws(ConversionError) -> String {
    guard case .string(let string) = value else { throw mismatch(value) }
    return string
  }
  /// The string in quotes.
  public var cellText: String { quoted(self) }
}

extension Function: CellConvertible {
  /// A function.
  public static var typeDescription: String { "function" }
  /// The function.
  public static func from(_ value: Value) throws(ConversionError) -> Function {
    guard case .function(let function) = value else {
      throw mismatch(value, fix: "write a closure { … } or a function's name")
    }
    return function
  }
  /// The function's name.
  public var cellText: String { name }
}

extension Optional: CellConvertible where Wrapped: CellConvertible {
  /// What the wrapped type is called.
  public static var typeDescription: String { Wrapped.typeDescription }
  /// Nil for `nil`, otherwise the wrapped type's conversion.
  public static func from(_ value: Value) throws(ConversionError) -> Wrapped? {
    if case .none = value { return nil }
    return try Wrapped.from(value)
  }
  /// The wrapped value's text, or `nil`.
  public var cellText: String { map(\.cellText) ?? "nil" }
  /// The wrapped type's choices.
  public static var choices: [Choice] { Wrapped.choices }
  /// Nil: the argument may be left out.
  public static var whenAbsent: Wrapped?? { .some(nil) }
  /// The wrapped value's numbers.
  public var boundedNumbers: [Double] { map(\.boundedNumbers) ?? [] }
}

extension Array: CellConvertible where Element: CellConvertible {
  /// An array of the elements' type.
  public static var typeDescription: String {
    Element.self == Value.self ? "array" : "array of \(Element.typeDescription)s"
  }
  /// Every element converted; a range of whole numbers counts as the array of its numbers.
  public static func from(_ value: Value) throws(ConversionError) -> [Element] {
    let values: [Value]
    switch value {
    case .array(let elements): values = elements
    case .range(let range):
      guard let integers = range.integers, integers.count <= 10_000_000 else {
        throw mismatch(value)
      }
      values = integers.map { .integer($0) }
    default: throw mismatch(value)
    }
    var converted: [Element] = []
    converted.reserveCapacity(values.count)
    for (place, element) in values.enumerated() {
      do {
        converted.append(try Element.from(element))
      } catch {
        throw ConversionError("element \(place): \(error.reason)", fix: error.fix)
      }
    }
    return converted
  }
  /// The elements in brackets.
  public var cellText: String { "[" + map(\.cellText).joined(separator: ", ") + "]" }
  /// The elements' numbers.
  public var boundedNumbers: [Double] { flatMap(\.boundedNumbers) }
}

extension Dictionary: CellConvertible where Key == String, Value: CellConvertible {
  /// A dictionary with strings as keys.
  public static var typeDescription: String { "dictionary with strings as keys" }
  /// Every value converted.
  public static func from(_ value: CellLanguage.Value) throws(ConversionError) -> [String: Value] {
    guard case .dictionary(let dictionary) = value else { throw mismatch(value) }
    var converted: [String: Value] = [:]
    for entry in dictionary.entries {
      guard case .string(let key) = entry.key else {
        throw ConversionError("the key \(entry.key.value) is not a string")
      }
      do {
        converted[key] = try Value.from(entry.value)
      } catch {
        throw ConversionError("the value of \(quoted(key)): \(error.reason)", fix: error.fix)
      }
    }
    return converted
  }
  /// The entries in brackets, by key.
  public var cellText: String {
    guard !isEmpty else { return "[:]" }
    let entries = sorted { $0.key < $1.key }.map { "\(quoted($0.key)): \($0.value.cellText)" }
    return "[" + entries.joined(separator: ", ") + "]"
  }
  /// The values' numbers.
  public var boundedNumbers: [Double] { values.flatMap(\.boundedNumbers) }
}
