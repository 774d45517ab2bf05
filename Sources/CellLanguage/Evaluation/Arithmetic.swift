/// The operators on values: whole numbers stay whole, a whole number with a number gives a number.
enum Arithmetic {
  static func prefix(_ word: String, _ value: Value) throws(CellError) -> Value {
    switch (word, value) {
    case ("!", .boolean(let flag)): return .boolean(!flag)
    case ("-", .number(let number)): return .number(-number)
    case ("+", .integer), ("+", .number): return value
    case ("-", .integer(let integer)):
      let (result, overflow) = (0).subtractingReportingOverflow(integer)
      guard !overflow else { throw tooLarge("-(\(integer))") }
      return .integer(result)
    default:
      throw CellError(
        .typeError, "`\(word)` does not apply to \(value.phrase)",
        fix: word == "!" ? "it turns true to false" : "it applies to numbers")
    }
  }

  static func binary(_ word: String, _ a: Value, _ b: Value) throws(CellError) -> Value {
    switch word {
    case "==": return .boolean(try isEqual(a, b, word))
    case "!=": return .boolean(try !isEqual(a, b, word))
    case "<": return .boolean(try Equality.less(a, b))
    case ">": return .boolean(try Equality.less(b, a))
    case "<=": return .boolean(try lessOrEqual(a, b))
    case ">=": return .boolean(try lessOrEqual(b, a))
    case "...", "..<": return try range(a, b, isClosed: word == "...")
    case "&&", "||":
      guard case .boolean(let first) = a, case .boolean(let second) = b else {
        throw mismatch(word, a, b)
      }
      return .boolean(word == "&&" ? first && second : first || second)
    case "+":
      switch (a, b) {
      case (.string(let a), .string(let b)): return .string(a + b)
      case (.array(let a), .array(let b)): return .array(a + b)
      default: return try calculate(word, a, b)
      }
    default: return try calculate(word, a, b)
    }
  }

  private static func lessOrEqual(_ a: Value, _ b: Value) throws(CellError) -> Bool {
    if try Equality.less(a, b) { return true }
    return try Equality.equal(a, b)
  }

  /// Values of types that can never be equal are a mistake, and so an error.
  private static func isEqual(_ a: Value, _ b: Value, _ word: String) throws(CellError) -> Bool {
    switch (a, b) {
    case (.none, _), (_, .none), (.object, .object): break
    case (.function, _), (_, .function): throw mismatch(word, a, b)
    case (.integer, .number), (.number, .integer): break
    default:
      guard a.typeName == b.typeName else { throw mismatch(word, a, b) }
    }
    return try Equality.equal(a, b)
  }

  static func mismatch(_ word: String, _ a: Value, _ b: Value) -> CellError {
    var fix: String?
    switch (word, a, b) {
    case (_, .none, _), (_, _, .none): fix = "a value is missing; give one with ??"
    case ("+", .string, _), ("+", _, .string):
      fix = "write \"\\(value)\" to put a value into a string"
    case ("+", .array, _): fix = "put the element in brackets, or use append"
    case ("&&", _, _), ("||", _, _): fix = "both sides are true or false"
    case ("==", _, _), ("!=", _, _): fix = "compare values of the same type"
    default: break
    }
    return CellError(
      .typeError, "`\(word)` does not apply to \(a.phrase) and \(b.phrase)", fix: fix)
  }

  private static func calculate(_ word: String, _ a: Value, _ b: Value) throws(CellError) -> Value {
    switch (a, b) {
    case (.integer(let a), .integer(let b)): return .integer(try integers(word, a, b))
    case (.number(let a), .number(let b)): return .number(try numbers(word, a, b))
    case (.integer(let a), .number(let b)): return .number(try numbers(word, Double(a), b))
    case (.number(let a), .integer(let b)): return .number(try numbers(word, a, Double(b)))
    default: throw mismatch(word, a, b)
    }
  }

  private static func integers(_ word: String, _ a: Int, _ b: Int) throws(CellError) -> Int {
    let (result, overflow): (Int, Bool)
    switch word {
    case "+": (result, overflow) = a.addingReportingOverflow(b)
    case "-": (result, overflow) = a.subtractingReportingOverflow(b)
    case "*": (result, overflow) = a.multipliedReportingOverflow(by: b)
    case "/", "%":
      guard b != 0 else {
        throw CellError(
          .arithmeticError, "division by zero: \(a) \(word) 0", fix: "check the divisor first")
      }
      (result, overflow) =
        word == "/"
        ? a.dividedReportingOverflow(by: b) : a.remainderReportingOverflow(dividingBy: b)
    default: throw mismatch(word, .integer(a), .integer(b))
    }
    guard !overflow else { throw tooLarge("\(a) \(word) \(b)") }
    return result
  }

  private static func numbers(_ word: String, _ a: Double, _ b: Double) throws(CellError) -> Double
  {
    switch word {
    case "+": return a + b
    case "-": return a - b
    case "*": return a * b
    case "/": return a / b
    case "%":
      guard b != 0 else {
        throw CellError(
          .arithmeticError, "division by zero: \(a) % \(b)", fix: "check the divisor first")
      }
      return a.truncatingRemainder(dividingBy: b)
    default: throw mismatch(word, .number(a), .number(b))
    }
  }

  static func tooLarge(_ calculation: String) -> CellError {
    CellError(
      .arithmeticError, "\(calculation) is too large for a whole number",
      fix: "write one of them with a point, such as 2.0, to calculate with numbers")
  }

  private static func range(_ a: Value, _ b: Value, isClosed: Bool) throws(CellError) -> Value {
    let range: ValueRange
    let isOrdered: Bool
    switch (a, b) {
    case (.integer(let a), .integer(let b)):
      range = ValueRange(.integers(lower: a, upper: b), isClosed: isClosed)
      isOrdered = a <= b
    default:
      guard let a = try? Double.from(a), let b = try? Double.from(b) else {
        throw mismatch(isClosed ? "..." : "..<", a, b)
      }
      range = ValueRange(.numbers(lower: a, upper: b), isClosed: isClosed)
      isOrdered = a <= b
    }
    guard isOrdered else {
      throw CellError(
        .rangeError, "the range \(range.cellText) begins after its end",
        fix: "write the smaller end first; stride(from:to:by:) counts down")
    }
    return .range(range)
  }
}
