import Glibc

/// The mathematical words; whole numbers stay whole where the result is one.
enum Mathematics {
  static func magnitude(_ value: Value) throws(CellError) -> Value {
    switch value {
    case .integer(let integer):
      guard integer != Int.min else { throw Arithmetic.tooLarge("abs(\(integer))") }
      return .integer(abs(integer))
    case .number(let number): return .number(abs(number))
    default: throw CellError(.typeError, "`x` takes a number, not \(value.phrase)")
    }
  }

  private static func function(
    _ name: String, _ summary: String, example: String, in range: (any BoundsConvertible)? = nil,
    _ body: @escaping @Sendable (Double) -> Double
  ) -> Command {
    Command(
      name, summary, parameters: Parameter<Double>("x", label: .none, in: range, "the number"),
      returns: "Double",
      topic: "mathematics", example: example
    ) { _, x in .number(body(x)) }
  }

  /// Rounding leaves whole numbers as they are.
  private static func rounding(
    _ name: String, _ summary: String, _ rule: FloatingPointRoundingRule
  ) -> Command {
    Command(
      name, summary, parameters: Parameter<Value>("x", label: .none, "the number"),
      returns: "Double",
      topic: "mathematics", example: "\(name)(2.5)"
    ) { _, value in
      switch value {
      case .integer: return value
      case .number(let number): return .number(number.rounded(rule))
      default: throw CellError(.typeError, "`x` takes a number, not \(value.phrase)")
      }
    }
  }

  private static func extreme(_ name: String, _ summary: String, largest: Bool) -> Command {
    Command(
      name, summary,
      parameters: Parameter<Variadic<Value>>(
        "values", label: .none, "numbers, or one array of them"),
      returns: "Int", topic: "mathematics", example: "\(name)(3, 1, 2)"
    ) { _, values in
      var elements = values.elements
      if elements.count == 1, case .array(let inner) = elements[0] { elements = inner }
      guard var best = elements.first else {
        throw CellError(.argumentError, "\(name) needs at least one value")
      }
      // One value has an order too: a lone string is itself, a lone model is a mistake.
      _ = try Equality.less(best, best)
      for element in elements.dropFirst() {
        if try largest ? Equality.less(best, element) : Equality.less(element, best) {
          best = element
        }
      }
      return best
    }
  }

  static let commands: [Command] = [
    extreme("min", "The smallest of the values.", largest: false),
    extreme("max", "The largest of the values.", largest: true),
    Command(
      "abs", "The value without its sign.",
      parameters: Parameter<Value>("x", label: .none, "the number"),
      returns: "Int", topic: "mathematics", example: "abs(-3)"
    ) { _, value in try magnitude(value) },
    function("sqrt", "The square root; not a number for a negative one.", example: "sqrt(2)") {
      $0.squareRoot()
    },
    function("exp", "e to the power of x.", example: "exp(1)") { Glibc.exp($0) },
    function(
      "log", "The natural logarithm; -inf for 0, not a number for a negative one.",
      example: "log(10)"
    ) {
      Glibc.log($0)
    },
    function("log2", "The logarithm to base 2.", example: "log2(8)") { Glibc.log2($0) },
    function("log10", "The logarithm to base 10.", example: "log10(100)") { Glibc.log10($0) },
    function("sin", "The sine of an angle in radians.", example: "sin(1.5708)") { Glibc.sin($0) },
    function("cos", "The cosine of an angle in radians.", example: "cos(0)") { Glibc.cos($0) },
    function("tan", "The tangent of an angle in radians.", example: "tan(0.5)") { Glibc.tan($0) },
    function("tanh", "The hyperbolic tangent.", example: "tanh(0.5)") { Glibc.tanh($0) },
    Command(
      "pow", "A number to the power of another.",
      parameters: Parameter<Double>("base", label: .none, "the base"),
      Parameter<Double>("exponent", label: .none, "the exponent"), returns: "Double",
      topic: "mathematics",
      example: "pow(2, 10)"
    ) { _, base, exponent in .number(Glibc.pow(base, exponent)) },
    rounding("round", "The nearest whole number, halves away from zero.", .toNearestOrAwayFromZero),
    rounding("floor", "The next whole number below.", .down),
    rounding("ceil", "The next whole number above.", .up),
  ]

  static func stride(from start: Value, _ end: Value, includesEnd: Bool, by step: Value) throws
    -> [Value]
  {
    let most = Sequences.mostElements
    func checkStep(_ isZero: Bool) throws {
      if isZero { throw CellError(.rangeError, "`by` takes a step other than 0") }
    }
    func checkCount(_ count: Double) throws {
      guard count <= Double(most) else {
        throw CellError(
          .limitExceeded, "stride would give more than \(grouped(most)) numbers",
          fix: "take larger steps")
      }
    }
    if case .integer(let first) = start, case .integer(let last) = end, case .integer(let by) = step
    {
      try checkStep(by == 0)
      try checkCount((Double(last) - Double(first)) / Double(by))
      return includesEnd
        ? Swift.stride(from: first, through: last, by: by).map { .integer($0) }
        : Swift.stride(from: first, to: last, by: by).map { .integer($0) }
    }
    let (first, last, by) = (try Double.from(start), try Double.from(end), try Double.from(step))
    try checkStep(by == 0)
    guard first.isFinite, last.isFinite, by.isFinite else {
      throw CellError(.rangeError, "stride takes finite numbers")
    }
    try checkCount((last - first) / by)
    return includesEnd
      ? Swift.stride(from: first, through: last, by: by).map { .number($0) }
      : Swift.stride(from: first, to: last, by: by).map { .number($0) }
  }
}
