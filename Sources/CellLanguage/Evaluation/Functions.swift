import Synchronization

extension Function {
  /// A command as a function, for `values.map(abs)`.
  init(_ command: Command) {
    self.init(name: command.name, signature: command.signature) { arguments, context in
      try command(arguments, context: context)
    }
  }
}

extension Interpretation {
  /// The function of a `func` statement; it keeps the names around it.
  func makeFunction(_ syntax: FunctionSyntax, in scope: Scope?, at span: Span) throws(CellError)
    -> Function
  {
    try checkChain(scope, at: span)
    let parameters = syntax.parameters.map { parameter in
      let label =
        parameter.label == nil ? parameter.name : parameter.label == "_" ? nil : parameter.label
      return ArgumentMatcher.Slot(
        name: parameter.name, label: label, isRequired: parameter.fallback == nil,
        isVariadic: false,
        takesFunction: parameter.type?.isFunction ?? false,
        expectation: parameter.type.map { withArticle($0.text) } ?? "a value", help: "")
    }
    let matcher = ArgumentMatcher(callee: syntax.name, slots: parameters)
    return Function(
      users: syntax.name, signature: syntax.signature, chain: chain(scope),
      at: (source, span), in: scope
    ) { [weak evaluator, source] arguments, context, scope in
      guard let evaluator else { throw Self.gone(syntax.name) }
      let found = try matcher.match(Self.labelled(arguments, for: parameters))
      let run = Interpretation(
        evaluator: evaluator, context: context, source: source, function: syntax.name)
      let inner = Scope(parent: scope, isFunction: true)
      for (parameter, given) in zip(syntax.parameters, found) {
        var value: Value
        if let given {
          value = given.value
        } else if let fallback = parameter.fallback {
          value = try run.evaluate(fallback, in: scope)
        } else {
          value = .none
        }
        if let type = parameter.type {
          do throws(CellError) {
            value = try type.check(
              value,
              for:
                "`\(parameter.label == "_" ? parameter.name : parameter.label ?? parameter.name)`")
          } catch {
            throw ArgumentMatcher.Failure(error: error, argument: given?.argument)
          }
        }
        inner.declare(parameter.name, value, isConstant: true)
      }
      let result = try run.enter(syntax.name) { () throws(CellError) in
        try run.runBody(syntax.body, in: inner)
      }
      guard let type = syntax.result else { return result }
      return try run.located(at: syntax.body.last?.span ?? Span(0, 0)) {
        try type.check(result, for: "the result of \(syntax.name)")
      }
    }
  }

  /// A function that a command calls gets its arguments without labels; they go to the parameters
  /// in order.
  private static func labelled(_ arguments: [Argument], for slots: [ArgumentMatcher.Slot])
    -> [Argument]
  {
    guard arguments.allSatisfy({ $0.isPositional }) else { return arguments }
    var labelled = arguments
    for place in labelled.indices where place < slots.count {
      labelled[place].label = slots[place].label
    }
    return labelled
  }

  /// The function of a closure; it keeps the names around it.
  func makeClosure(_ syntax: ClosureSyntax, in scope: Scope?, at span: Span) throws(CellError)
    -> Function
  {
    try checkChain(scope, at: span)
    let names = syntax.parameters?.map(\.name) ?? (0..<syntax.anonymousCount).map { "$\($0)" }
    let isAnonymous = syntax.parameters == nil
    let signature = "{ \(names.joined(separator: ", "))\(names.isEmpty ? "" : " ")in … }"
    return Function(
      users: "closure", signature: signature, chain: chain(scope), at: (source, span), in: scope
    ) {
      [weak evaluator, source] arguments, context, scope in
      guard let evaluator else { throw Self.gone("closure") }
      var values = arguments.map(\.value)
      // One tuple for several names: `zip(a, b).map { x, y in … }`.
      if values.count == 1, names.count > 1, case .tuple(let elements) = values[0] {
        values = elements.map(\.value)
      }
      guard values.count == names.count || isAnonymous && values.count > names.count else {
        throw CellError(
          .argumentError,
          "the closure takes \(counted(names.count, "argument")) and was called with \(values.count)",
          fix: "name \(values.count == 0 ? "none" : "\(values.count)") before `in`")
      }
      let run = Interpretation(
        evaluator: evaluator, context: context, source: source, function: "closure")
      let inner = Scope(parent: scope, isFunction: true)
      for (place, name) in names.enumerated() where name != "_" {
        var value = values[place]
        if let type = syntax.parameters?[place].type {
          value = try type.check(value, for: "`\(name)`")
        }
        inner.declare(name, value, isConstant: true)
      }
      return try run.enter("closure") { () throws(CellError) in
        try run.runBody(syntax.body, in: inner)
      }
    }
  }

  /// The function of an operator as an argument: `reduce(0, +)`.
  func operatorFunction(_ word: String) -> Function {
    Function(name: word, signature: "(\(word))") { arguments, _ in
      guard arguments.count == 2 else {
        throw CellError(
          .argumentError, "`\(word)` takes 2 arguments and was called with \(arguments.count)")
      }
      return try Arithmetic.binary(word, arguments[0].value, arguments[1].value)
    }
  }

  private func chain(_ scope: Scope?) -> Int { (scope?.chain ?? 0) + 1 }

  /// Refuses functions that keep one another alive in an endless row; their release would overflow
  /// the stack.
  private func checkChain(_ scope: Scope?, at span: Span) throws(CellError) {
    guard chain(scope) > limits.functionChain else { return }
    throw failure(
      .limitExceeded,
      "functions may hold one another at most \(grouped(limits.functionChain)) deep", at: span)
  }

  private static func gone(_ name: String) -> CellError {
    CellError(.commandFailed, "\(name) belongs to a workspace that is closed")
  }

  /// Counts a call and refuses one too many.
  func enter(_ name: String, _ body: () throws(CellError) -> Value) throws(CellError) -> Value {
    let depth = evaluator.depth.wrappingAdd(1, ordering: .relaxed).newValue
    defer { evaluator.depth.wrappingSubtract(1, ordering: .relaxed) }
    guard depth <= limits.callDepth else {
      throw CellError(
        .limitExceeded,
        "endless recursion? \(name) stands inside \(grouped(limits.callDepth)) calls, and more are not allowed",
        fix: "check when \(name) stops calling itself")
    }
    return try body()
  }

  /// Runs a function's body; a body of one expression gives its value.
  private func runBody(_ body: [Statement], in scope: Scope) throws(CellError) -> Value {
    switch try run(body, in: scope) {
    case .giveBack(let value): return value
    case .value(let value): return body.count == 1 ? value : .none
    case .done, .leave, .goOn: return .none
    }
  }
}

extension FunctionSyntax {
  /// The function as it is declared: `double(_ x: Int) -> Int`.
  var signature: String {
    let list = parameters.map { parameter in
      let names = [parameter.label, parameter.name].compactMap { $0 }
      let shown = names.count == 2 && names[0] == names[1] ? names[0] : names.joined(separator: " ")
      return shown + ": " + (parameter.type?.text ?? "Any")
        + (parameter.fallback == nil ? "" : " = …")
    }
    return "\(name)(\(list.joined(separator: ", ")))" + (result.map { " -> \($0.text)" } ?? "")
  }
}
