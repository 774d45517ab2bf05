extension Interpretation {
  /// The value of an expression.
  ///
  /// Each kind has a function of its own, so that the frames of nested expressions stay small.
  func evaluate(_ expression: Expression, in scope: Scope?) throws(CellError) -> Value {
    try checkStack(at: expression.span)
    switch expression.kind {
    case .nilLiteral: return .none
    case .boolean(let flag): return .boolean(flag)
    case .integer(let integer): return .integer(integer)
    case .number(let number): return .number(number)
    case .string(let string): return .string(string)
    case .name(let name): return try evaluateName(name, in: scope, at: expression.span)
    case .parenthesized(let inner): return try evaluate(inner, in: scope)
    case .interpolation(let pieces):
      return try evaluateInterpolation(pieces, in: scope, at: expression.span)
    case .array(let elements): return try evaluateArray(elements, in: scope, at: expression.span)
    case .dictionary(let entries):
      return try evaluateDictionary(entries, in: scope, at: expression.span)
    case .tuple(let elements): return try evaluateTuple(elements, in: scope, at: expression.span)
    case .closureArgument(let place):
      return try evaluateName("$\(place)", in: scope, at: expression.span)
    case .operatorReference(let word): return .function(operatorFunction(word))
    case .implicitMember(let name): return .implicitMember(ImplicitMember(name))
    case .member(let base, let name, let span):
      return try evaluateMember(of: base, name, span, in: scope)
    case .tupleElement(let base, let place):
      return try evaluateTupleElement(of: base, place, in: scope, at: expression.span)
    case .call(let callee, let call):
      return try evaluateCall(callee, call, in: scope, at: expression.span)
    case .element(let base, let index):
      return try evaluateElement(of: base, index, in: scope)
    case .unwrap(let inner): return try evaluateUnwrap(inner, in: scope, at: expression.span)
    case .prefix(let word, let operand):
      return try evaluatePrefix(word, operand, in: scope, at: expression.span)
    case .binary(let word, _, let left, let right):
      return try evaluateBinary(expression, word, left, right, in: scope)
    case .oneSided(let lower, let upper, let isClosed):
      return try evaluateOneSided(lower, upper, isClosed, in: scope, at: expression.span)
    case .ternary(let guardian, let first, let second):
      return try evaluate(try condition(guardian, in: scope) ? first : second, in: scope)
    case .closure(let closure):
      return .function(try makeClosure(closure, in: scope, at: expression.span))
    case .assignment(let word, let span, let target, let value):
      try assign(word, span, target: target, value: value, in: scope)
      return .none
    case .discard:
      throw failure(.syntaxError, "`_` has no value", at: expression.span)
    }
  }

  private func evaluateName(_ name: String, in scope: Scope?, at span: Span) throws(CellError)
    -> Value
  {
    if let value = try loaded(name, in: scope, at: span) { return value }
    if let command = evaluator.vocabulary.lookup(name) { return .function(Function(command)) }
    if name.hasPrefix("$") {
      throw failure(
        .argumentError, "the closure was called with too few arguments for \(name)", at: span)
    }
    throw unknownName(name, in: scope, at: span)
  }

  private func evaluateInterpolation(_ pieces: [StringPiece], in scope: Scope?, at span: Span)
    throws(CellError) -> Value
  {
    var text = ""
    for piece in pieces {
      switch piece {
      case .text(let piece): text += piece
      case .value(let expression): text += try evaluate(expression, in: scope).description
      }
      try checkLength(text, at: span)
    }
    return .string(text)
  }

  func checkLength(_ text: String, at span: Span) throws(CellError) {
    guard text.utf8.count <= limits.stringBytes else {
      throw failure(
        .limitExceeded, "a string may hold at most \(grouped(limits.stringBytes)) bytes", at: span)
    }
  }

  private func evaluateArray(_ elements: [Expression], in scope: Scope?, at span: Span)
    throws(CellError) -> Value
  {
    var values: [Value] = []
    values.reserveCapacity(elements.count)
    for element in elements { values.append(try evaluate(element, in: scope)) }
    try checkNesting(.array(values), at: span)
    return .array(values)
  }

  private func evaluateDictionary(
    _ entries: [(key: Expression, value: Expression)], in scope: Scope?, at span: Span
  ) throws(CellError) -> Value {
    var dictionary = ValueDictionary()
    for entry in entries {
      let key = try key(try evaluate(entry.key, in: scope), at: entry.key.span)
      guard dictionary[key] == nil else {
        throw failure(
          .argumentError, "the key \(key.value.cellText) stands twice", at: entry.key.span,
          fix: "leave one out")
      }
      dictionary[key] = try evaluate(entry.value, in: scope)
    }
    try checkNesting(.dictionary(dictionary), at: span)
    return .dictionary(dictionary)
  }

  func key(_ value: Value, at span: Span) throws(CellError) -> ValueDictionary.Key {
    guard let key = ValueDictionary.Key(value) else {
      throw failure(
        .typeError, "\(value.phrase) cannot be a key", at: span,
        fix: "keys are strings, numbers and truth values")
    }
    return key
  }

  private func evaluateTuple(_ elements: [ArgumentSyntax], in scope: Scope?, at span: Span)
    throws(CellError) -> Value
  {
    var values: [TupleElement] = []
    for element in elements {
      values.append(
        TupleElement(label: element.label, value: try evaluate(element.value, in: scope)))
    }
    try checkNesting(.tuple(values), at: span)
    return .tuple(values)
  }

  private func evaluateTupleElement(
    of base: Expression, _ place: Int, in scope: Scope?, at span: Span
  )
    throws(CellError) -> Value
  {
    let value = try evaluate(base, in: scope)
    guard case .tuple(let elements) = value else {
      throw failure(
        .typeError, "\(value.phrase) has no element .\(place)", at: span, fix: "only tuples do")
    }
    guard elements.indices.contains(place) else {
      throw failure(
        .rangeError,
        "the tuple has \(counted(elements.count, "element")), .0 to .\(elements.count - 1)",
        at: span)
    }
    return elements[place].value
  }

  private func evaluateUnwrap(_ inner: Expression, in scope: Scope?, at span: Span)
    throws(CellError)
    -> Value
  {
    let value = try evaluate(inner, in: scope)
    guard case .none = value else { return value }
    throw failure(
      .typeError, "'\(source.text(inner.span).prefix(60))' is nil", at: span,
      fix: "give a value for that case with ??")
  }

  // MARK: Operators

  private func evaluatePrefix(
    _ word: String, _ operand: Expression, in scope: Scope?, at span: Span
  )
    throws(CellError) -> Value
  {
    let value = try evaluate(operand, in: scope)
    return try located(at: span) { () throws(CellError) in try Arithmetic.prefix(word, value) }
  }

  private func evaluateBinary(
    _ expression: Expression, _ word: String, _ left: Expression, _ right: Expression,
    in scope: Scope?
  ) throws(CellError) -> Value {
    switch word {
    case "&&", "||":
      // The right side is looked at only when the left one leaves the answer open.
      if try condition(left, in: scope) != (word == "&&") { return .boolean(word == "||") }
      return .boolean(try condition(right, in: scope))
    case "??":
      let value = try evaluate(left, in: scope)
      if case .none = value { return try evaluate(right, in: scope) }
      return value
    default: return try evaluateChain(expression, in: scope)
    }
  }

  /// `a + b - c …`, which leans to the left: a loop, so that a long sum needs no deep stack.
  private func evaluateChain(_ expression: Expression, in scope: Scope?) throws(CellError) -> Value
  {
    var steps: [(word: String, span: Span, right: Expression)] = []
    var first = expression
    while case .binary(let word, let span, let left, let right) = first.kind,
      word != "&&", word != "||", word != "??"
    {
      steps.append((word, span, right))
      first = left
    }
    var value = try evaluate(first, in: scope)
    for (word, span, right) in steps.reversed() {
      let second = try evaluate(right, in: scope)
      value = try apply(word, value, second, at: span)
    }
    return value
  }

  /// Applies a binary operator to values and bounds the result.
  func apply(_ word: String, _ first: Value, _ second: Value, at span: Span) throws(CellError)
    -> Value
  {
    switch (first, second) {
    case (.array(let a), .array(let b)) where word == "+":
      try checkCount(a.count + b.count, at: span)
    case (.string(let a), .string(let b)) where word == "+":
      guard a.utf8.count + b.utf8.count <= limits.stringBytes else {
        throw failure(
          .limitExceeded, "a string may hold at most \(grouped(limits.stringBytes)) bytes", at: span
        )
      }
    default: break
    }
    return try located(at: span) { () throws(CellError) in
      try Arithmetic.binary(word, first, second)
    }
  }

  private func evaluateOneSided(
    _ lower: Expression?, _ upper: Expression?, _ isClosed: Bool, in scope: Scope?, at span: Span
  ) throws(CellError) -> Value {
    let ends = [lower, upper]
    var values: [Value?] = []
    for end in ends {
      values.append(try end.map { end throws(CellError) in try evaluate(end, in: scope) })
    }
    switch (values[0], values[1]) {
    case (.integer(let lower)?, nil):
      return .range(ValueRange(.integers(lower: lower, upper: nil), isClosed: isClosed))
    case (.number(let lower)?, nil):
      return .range(ValueRange(.numbers(lower: lower, upper: nil), isClosed: isClosed))
    case (nil, .integer(let upper)?):
      return .range(ValueRange(.integers(lower: nil, upper: upper), isClosed: isClosed))
    case (nil, .number(let upper)?):
      return .range(ValueRange(.numbers(lower: nil, upper: upper), isClosed: isClosed))
    default:
      let value = values.compactMap { $0 }.first ?? .none
      throw failure(.typeError, "a range ends in a number, not in \(value.phrase)", at: span)
    }
  }
}
