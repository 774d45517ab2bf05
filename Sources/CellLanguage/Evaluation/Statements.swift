/// How a statement ended.
enum Flow {
  /// A statement without a value.
  case done
  /// An expression's value.
  case value(Value)
  case leave
  case goOn
  case giveBack(Value)
}

extension Interpretation {
  /// Runs the statements of a block until one of them leaves it; the last value counts.
  func run(_ statements: [Statement], in scope: Scope?) throws(CellError) -> Flow {
    var last = Flow.done
    for statement in statements {
      last = try run(statement, in: scope)
      switch last {
      case .leave, .goOn, .giveBack: return last
      case .done, .value: continue
      }
    }
    return last
  }

  /// Runs a block in a scope of its own.
  func runBlock(_ statements: [Statement], in scope: Scope?) throws(CellError) -> Flow {
    let flow = try run(statements, in: Scope(parent: scope, isFunction: false))
    if case .value = flow { return .done }
    return flow
  }

  func run(_ statement: Statement, in scope: Scope?) throws(CellError) -> Flow {
    try step(at: statement.span)
    switch statement.kind {
    case .expression(let expression): return try runExpression(expression, in: scope)
    case .declaration(let isConstant, let bindings):
      try runDeclaration(bindings, isConstant: isConstant, in: scope)
      return .done
    case .function(let function):
      let value = try makeFunction(function, in: scope, at: statement.span)
      declare(function.name, .function(value), isConstant: true, in: scope)
      return .done
    case .conditional(let branches, let otherwise):
      return try runConditional(branches, otherwise: otherwise, in: scope)
    case .choice(let subject, let cases): return try runSwitch(subject, cases, in: scope)
    case .loop(let pattern, let sequence, let condition, let body):
      return try runFor(pattern, sequence, condition, body, in: scope)
    case .whileLoop(let condition, let body):
      return try runWhile(condition, body, in: scope)
    case .repeatLoop(let body, let condition):
      return try runRepeat(body, condition, in: scope)
    case .giveBack(let expression):
      guard let expression else { return .giveBack(.none) }
      return .giveBack(try evaluate(expression, in: scope))
    case .leave: return .leave
    case .goOn: return .goOn
    }
  }

  private func runExpression(_ expression: Expression, in scope: Scope?) throws(CellError) -> Flow {
    if case .assignment(let word, let span, let target, let value) = expression.kind {
      try assign(word, span, target: target, value: value, in: scope)
      return .done
    }
    return .value(try evaluate(expression, in: scope))
  }

  private func runDeclaration(_ bindings: [Statement.Binding], isConstant: Bool, in scope: Scope?)
    throws(CellError)
  {
    for binding in bindings {
      var value = try evaluate(binding.value, in: scope)
      if let type = binding.type {
        value = try located(at: binding.value.span) { () throws(CellError) in
          try type.check(value, for: "the value")
        }
      }
      try checkNesting(value, at: binding.value.span)
      try bind(
        binding.pattern, to: value, isConstant: isConstant, in: scope, at: binding.value.span)
    }
  }

  func condition(_ expression: Expression, in scope: Scope?) throws(CellError) -> Bool {
    let value = try evaluate(expression, in: scope)
    guard case .boolean(let flag) = value else {
      throw failure(
        .typeError, "a condition is true or false, not \(value.phrase)", at: expression.span,
        fix: "compare it, for example with == or >")
    }
    return flag
  }

  private func runConditional(
    _ branches: [Statement.Branch], otherwise: [Statement]?, in scope: Scope?
  ) throws(CellError) -> Flow {
    for branch in branches where try condition(branch.condition, in: scope) {
      return try runBlock(branch.body, in: scope)
    }
    guard let otherwise else { return .done }
    return try runBlock(otherwise, in: scope)
  }

  // MARK: Switch

  private func runSwitch(_ subject: Expression, _ cases: [Statement.Case], in scope: Scope?)
    throws(CellError) -> Flow
  {
    let value = try evaluate(subject, in: scope)
    var fallback: [Statement]?
    for item in cases {
      if item.isDefault { fallback = item.body }
      for (pattern, guardian) in item.patterns {
        guard try matches(value, pattern, in: scope) else { continue }
        if let guardian, try !condition(guardian, in: scope) { continue }
        return try runCase(item.body, in: scope)
      }
    }
    guard let fallback else {
      throw failure(
        .rangeError, "no case fits \(value.phrase)", at: subject.span, fix: "add `default:`")
    }
    return try runCase(fallback, in: scope)
  }

  private func runCase(_ body: [Statement], in scope: Scope?) throws(CellError) -> Flow {
    let flow = try runBlock(body, in: scope)
    if case .leave = flow { return .done }
    return flow
  }

  /// Whether a value equals a pattern's, or lies in its range.
  private func matches(_ value: Value, _ pattern: Expression, in scope: Scope?) throws(CellError)
    -> Bool
  {
    let wanted = try evaluate(pattern, in: scope)
    switch (wanted, value) {
    case (.range(let range), .integer(let integer)): return range.contains(integer)
    case (.range(let range), .number(let number)): return range.contains(number)
    default:
      return try located(at: pattern.span) { () throws(CellError) in
        try Equality.equal(value, wanted)
      }
    }
  }

  // MARK: Loops

  /// Runs a loop's body once; nil to go on, otherwise how the loop ends.
  private func turn(_ body: [Statement], in scope: Scope) throws(CellError) -> Flow? {
    switch try run(body, in: scope) {
    case .leave: return .done
    case .giveBack(let value): return .giveBack(value)
    case .done, .value, .goOn: return nil
    }
  }

  private func runFor(
    _ pattern: Pattern, _ sequence: Expression, _ guardian: Expression?, _ body: [Statement],
    in scope: Scope?
  ) throws(CellError) -> Flow {
    let values = try evaluate(sequence, in: scope)
    if case .range(let range) = values {
      guard case .integers(let lower?, _?) = range.ends else {
        throw notASequence(values, at: sequence.span)
      }
      var current = lower
      while range.contains(current) {
        if let flow = try runTurn(
          .integer(current), pattern, guardian, body, in: scope, at: sequence.span)
        {
          return flow
        }
        let (next, overflow) = current.addingReportingOverflow(1)
        if overflow { break }
        current = next
      }
      return .done
    }
    guard let elements = Sequences.elements(of: values) else {
      throw notASequence(values, at: sequence.span)
    }
    for element in elements {
      if let flow = try runTurn(element, pattern, guardian, body, in: scope, at: sequence.span) {
        return flow
      }
    }
    return .done
  }

  private func notASequence(_ value: Value, at span: Span) -> CellError {
    failure(
      .typeError,
      "a `for` runs over an array, a range, a dictionary or a string, not over \(value.phrase)",
      at: span, fix: "write 0..<n to count")
  }

  private func runTurn(
    _ value: Value, _ pattern: Pattern, _ guardian: Expression?, _ body: [Statement],
    in scope: Scope?,
    at span: Span
  ) throws(CellError) -> Flow? {
    try step(at: span)
    let inner = Scope(parent: scope, isFunction: false)
    try bind(pattern, to: value, isConstant: true, in: inner, at: span)
    if let guardian, try !condition(guardian, in: inner) { return nil }
    return try turn(body, in: inner)
  }

  private func runWhile(_ guardian: Expression, _ body: [Statement], in scope: Scope?)
    throws(CellError) -> Flow
  {
    while try condition(guardian, in: scope) {
      try step(at: guardian.span)
      if let flow = try turn(body, in: Scope(parent: scope, isFunction: false)) { return flow }
    }
    return .done
  }

  private func runRepeat(_ body: [Statement], _ guardian: Expression, in scope: Scope?)
    throws(CellError) -> Flow
  {
    repeat {
      try step(at: guardian.span)
      if let flow = try turn(body, in: Scope(parent: scope, isFunction: false)) { return flow }
    } while try condition(guardian, in: scope)
    return .done
  }
}
