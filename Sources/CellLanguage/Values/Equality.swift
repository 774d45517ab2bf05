/// Comparing values; values of different types are unequal, except that whole numbers equal
/// numbers.
enum Equality {
  /// How many elements one comparison may look at; shared parts of nested arrays count each time.
  static let mostElements = 10_000_000

  static func equal(_ a: Value, _ b: Value) throws(CellError) -> Bool {
    var budget = mostElements
    return try equal(a, b, &budget)
  }

  private static func equal(_ a: Value, _ b: Value, _ budget: inout Int) throws(CellError) -> Bool {
    budget -= 1
    guard budget > 0 else {
      throw CellError(
        .limitExceeded, "a comparison may look at \(grouped(mostElements)) elements at most")
    }
    switch (a, b) {
    case (.none, .none): return true
    case (.boolean(let a), .boolean(let b)): return a == b
    case (.integer(let a), .integer(let b)): return a == b
    case (.number(let a), .number(let b)): return a == b
    case (.integer(let a), .number(let b)), (.number(let b), .integer(let a)):
      return Int(exactly: b) == a
    case (.string(let a), .string(let b)): return a == b
    case (.range(let a), .range(let b)): return a == b
    case (.object(let a), .object(let b)): return a === b
    case (.array(let a), .array(let b)):
      guard a.count == b.count else { return false }
      for place in a.indices where try !equal(a[place], b[place], &budget) { return false }
      return true
    case (.tuple(let a), .tuple(let b)):
      guard a.count == b.count else { return false }
      for place in a.indices where try !equal(a[place].value, b[place].value, &budget) {
        return false
      }
      return true
    case (.dictionary(let a), .dictionary(let b)):
      guard a.count == b.count else { return false }
      for entry in a.entries {
        guard let other = b[entry.key], try equal(entry.value, other, &budget) else { return false }
      }
      return true
    case (.implicitMember(let a), .implicitMember(let b)):
      guard a.name == b.name, a.arguments.count == b.arguments.count else { return false }
      for (one, other) in zip(a.arguments, b.arguments) {
        guard one.label == other.label, try equal(one.value, other.value, &budget) else {
          return false
        }
      }
      return true
    default: return false
    }
  }

  /// Whether the first value comes before the second; numbers by size, strings by their characters.
  static func less(_ a: Value, _ b: Value) throws(CellError) -> Bool {
    switch (a, b) {
    case (.integer(let a), .integer(let b)): a < b
    case (.number(let a), .number(let b)): a < b
    case (.integer(let a), .number(let b)): compares(a, b) == .before
    case (.number(let a), .integer(let b)): compares(b, a) == .after
    case (.string(let a), .string(let b)): a < b
    default:
      throw CellError(
        .typeError, "\(a.phrase) and \(b.phrase) have no order",
        fix: "numbers are compared with numbers, strings with strings")
    }
  }

  private enum Order {
    case before, same, after, none
  }

  /// Compares a whole number with a number exactly, also where a `Double` cannot hold the whole
  /// number.
  private static func compares(_ integer: Int, _ number: Double) -> Order {
    if number.isNaN { return .none }
    if number >= 0x1p63 { return .before }
    if number < -0x1p63 { return .after }
    let whole = Int(number.rounded(.down))
    if integer != whole { return integer < whole ? .before : .after }
    return number == number.rounded(.down) ? .same : .before
  }
}
