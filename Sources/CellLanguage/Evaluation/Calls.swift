extension Interpretation {
  func evaluateCall(_ callee: Expression, _ call: CallSyntax, in scope: Scope?, at span: Span)
    throws(CellError) -> Value
  {
    try step(at: span)
    switch callee.kind {
    case .implicitMember(let name):
      let arguments = try evaluateArguments(call, in: scope)
      return .implicitMember(ImplicitMember(name, arguments: arguments))
    case .name(let name):
      let value = try loaded(name, in: scope, at: callee.span)
      if case .function(let function) = value {
        return try invoke(function, evaluateArguments(call, in: scope), call, at: callee.span)
      }
      // A variable that cannot be called hides no command: `let train = fashion.train` leaves train(…).
      if let command = evaluator.vocabulary.lookup(name) {
        return try invoke(command, call, in: scope, at: callee.span)
      }
      throw value.map { notAFunction($0, name, at: callee.span) }
        ?? unknownName(name, in: scope, at: callee.span)
    case .member(let base, let name, let nameSpan):
      return try callMember(of: base, name, nameSpan, call, in: scope)
    default:
      let value = try evaluate(callee, in: scope)
      guard case .function(let function) = value else {
        throw notAFunction(value, "it", at: callee.span)
      }
      return try invoke(function, evaluateArguments(call, in: scope), call, at: callee.span)
    }
  }

  private func notAFunction(
    _ value: Value, _ name: String, at span: Span, isMember: Bool = false
  ) -> CellError {
    if isMember {
      return failure(
        .typeError, "'\(name)' is \(value.phrase) and cannot be called", at: span,
        fix: "leave out the parentheses")
    }
    return failure(.typeError, "'\(name)' is \(value.phrase) and cannot be called", at: span)
  }

  /// The arguments' values in order; a trailing closure comes last.
  func evaluateArguments(_ call: CallSyntax, in scope: Scope?) throws(CellError) -> [Argument] {
    var arguments: [Argument] = []
    arguments.reserveCapacity(call.arguments.count + 1)
    for argument in call.arguments {
      arguments.append(
        Argument(label: argument.label, value: try evaluate(argument.value, in: scope)))
    }
    if let trailing = call.trailing {
      var argument = Argument(value: try evaluate(trailing, in: scope))
      argument.isTrailing = true
      arguments.append(argument)
    }
    return arguments
  }

  private func callMember(
    of base: Expression, _ name: String, _ span: Span, _ call: CallSyntax, in scope: Scope?
  ) throws(CellError) -> Value {
    if case .name(let word) = base.kind, lookup(word, in: scope) == nil,
      evaluator.vocabulary.lookup(word) != nil
    {
      let value = try evaluateMember(of: base, name, span, in: scope)
      guard case .function(let function) = value else {
        throw notAFunction(value, "\(word).\(name)", at: span)
      }
      return try invoke(function, evaluateArguments(call, in: scope), call, at: span)
    }
    if let result = try callMutating(base, name, span, call, in: scope) { return result }
    let value = try evaluate(base, in: scope)
    if case .object(let object) = value,
      let method = object.methods.first(where: { $0.name == name })
    {
      return try invoke(method, call, in: scope, at: span)
    }
    if let method = MemberTable.of(value).methods[name] {
      let arguments = try evaluateArguments(call, in: scope)
      return try placed(call, at: span) { () throws(ArgumentMatcher.Failure) in
        try method.command.match(arguments)
      } run: { values in
        try method.body(context, value, values)
      }
    }
    let member = try member(name, of: value, at: span)
    guard case .function(let function) = member else {
      throw notAFunction(member, name, at: span, isMember: true)
    }
    return try invoke(function, evaluateArguments(call, in: scope), call, at: span)
  }

  /// `array.append(x)` on a variable changes it where it stands; nil when the method is none of
  /// these.
  private func callMutating(
    _ base: Expression, _ name: String, _ span: Span, _ call: CallSyntax, in scope: Scope?
  ) throws(CellError) -> Value? {
    guard MutatingMethod.names.contains(name) else { return nil }
    guard let method = try mutatingMethod(name, of: base, in: scope) else { return nil }
    guard let target = try place(of: base, in: scope) else {
      throw failure(
        .typeError, "`\(name)` changes a variable, and this is only a value", at: span,
        fix: "put the value into a variable with `var` first")
    }
    let arguments = try evaluateArguments(call, in: scope)
    for argument in arguments { try checkNesting(argument.value, at: span) }
    try checkDeclared(target, in: scope)
    return try placed(call, at: span) { () throws(ArgumentMatcher.Failure) in
      try method.command.match(arguments)
    } run: { values in
      // The variable must be the only owner of the array for it to change without a copy.
      try modify(target, scope: scope) { [limits] value throws(CellError) in
        do {
          return try method.body(&value, values, limits)
        } catch {
          throw CellError.wrapping(error)
        }
      }
    }
  }

  /// The method that changes a value of the base's type; an object may have one of the same name
  /// that does not.
  ///
  /// The value that is looked at is let go of before it changes, or changing it would copy it.
  private func mutatingMethod(_ name: String, of base: Expression, in scope: Scope?)
    throws(CellError)
    -> MutatingMethod?
  {
    MutatingMethod.lookup(name, on: try evaluate(base, in: scope))
  }

  // MARK: Invoking

  private func invoke(_ command: Command, _ call: CallSyntax, in scope: Scope?, at span: Span)
    throws(CellError) -> Value
  {
    let arguments = try evaluateArguments(call, in: scope)
    return try placed(call, at: span) { () throws(ArgumentMatcher.Failure) in
      try command.match(arguments)
    } run: { values in
      context.willRun(command, with: arguments)
      return try command.body(context, values)
    }
  }

  func invoke(_ function: Function, _ arguments: [Argument], _ call: CallSyntax, at span: Span)
    throws(CellError) -> Value
  {
    do {
      return try function.run(arguments, context)
    } catch let failure as ArgumentMatcher.Failure {
      throw failure.error.located(at: source.location(argumentSpan(failure.argument, call) ?? span))
    } catch {
      var cellError = CellError.wrapping(error)
      let isUser = cellError.location != nil
      cellError = cellError.located(at: source.location(span))
      if isUser, function.isUsers {
        cellError.trace.append(
          CellError.Frame(function: function.name, location: source.location(span)))
        // A deep recursion would fill the trace with thousands of equal lines.
        if cellError.trace.count > 64 { cellError.trace.remove(at: 32) }
      }
      throw cellError
    }
  }

  /// Matches arguments, then runs a body; each error gets its place: the argument's, or that of the
  /// name called.
  private func placed(
    _ call: CallSyntax, at span: Span,
    _ match: () throws(ArgumentMatcher.Failure) -> [any Sendable],
    run: ([any Sendable]) throws -> Value
  ) throws(CellError) -> Value {
    let values: [any Sendable]
    do throws(ArgumentMatcher.Failure) {
      values = try match()
    } catch {
      throw error.error.located(at: source.location(argumentSpan(error.argument, call) ?? span))
    }
    return try located(at: span) { try run(values) }
  }

  private func argumentSpan(_ place: Int?, _ call: CallSyntax) -> Span? {
    guard let place else { return nil }
    if place < call.arguments.count {
      let argument = call.arguments[place]
      return argument.labelSpan.map { $0.through(argument.value.span) } ?? argument.value.span
    }
    return call.trailing.map { Span($0.span.start, $0.span.start + 1) }
  }
}
