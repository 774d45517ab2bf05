import Synchronization

/// One walk over a syntax tree: a cell that runs, or a function that is called.
///
/// It lives on one thread. What several walks share (names, the depth of calls, the count of steps)
/// stands in the evaluator.
final class Interpretation {
  let evaluator: Evaluator
  let context: any Context
  let source: SourceText
  let floor: UInt
  /// The name of the function whose body runs, for messages.
  let function: String

  init(evaluator: Evaluator, context: any Context, source: SourceText, function: String = "") {
    self.evaluator = evaluator
    self.context = context
    self.source = source
    self.function = function
    floor = evaluator.stack.floor(bytes: evaluator.limits.stackBytes)
  }

  var limits: Limits { evaluator.limits }

  // MARK: Errors

  func failure(_ kind: CellError.Kind, _ reason: String, at span: Span, fix: String? = nil)
    -> CellError
  {
    CellError(kind, reason, fix: fix, location: source.location(span))
  }

  /// Runs a body and gives its errors a place.
  func located<Result>(at span: Span, _ body: () throws -> Result) throws(CellError) -> Result {
    do {
      return try body()
    } catch {
      throw CellError.wrapping(error).located(at: source.location(span))
    }
  }

  // MARK: Limits

  /// Counts a step and asks now and then whether the cell was interrupted.
  func step(at span: Span) throws(CellError) {
    let count = evaluator.steps.wrappingAdd(1, ordering: .relaxed).newValue
    if count & 63 == 0, context.isInterrupted {
      throw failure(.interrupted, "the cell was interrupted", at: span)
    }
  }

  /// Ends recursion before the stack does.
  func checkStack(at span: Span) throws(CellError) {
    guard StackGuard.here() < floor else { return }
    let depth = evaluator.depth.load(ordering: .relaxed)
    guard depth > 0 else {
      throw failure(
        .limitExceeded, "the expression is nested too deeply for the stack", at: span,
        fix: "cut it into several statements")
    }
    let who = function.isEmpty ? "" : " \(function)"
    throw failure(
      .limitExceeded,
      "endless recursion? the stack is used up by \(grouped(depth)) calls inside one another",
      at: span,
      fix: "check when the function\(who) stops calling itself")
  }

  func checkCount(_ count: Int, at span: Span) throws(CellError) {
    guard count <= limits.elements else {
      throw failure(
        .limitExceeded,
        "an array or dictionary may hold at most \(grouped(limits.elements)) elements, not \(grouped(count))",
        at: span)
    }
  }

  /// Refuses values that hold one another too deeply; their release would overflow the stack.
  func checkNesting(_ value: Value, at span: Span) throws(CellError) {
    var budget = 4_000
    guard Self.nesting(of: value, upTo: limits.nesting, &budget) > limits.nesting else { return }
    throw failure(
      .limitExceeded,
      "arrays, dictionaries and tuples may hold one another at most \(limits.nesting) deep",
      at: span)
  }

  /// The depth of collections inside a value, counted up to a limit and over a bounded number of
  /// collections.
  private static func nesting(of value: Value, upTo limit: Int, _ budget: inout Int) -> Int {
    guard limit >= 0, budget > 0 else { return limit < 0 ? 1 : 0 }
    var deepest = 0
    func look(_ inner: Value, _ budget: inout Int) {
      guard deepest <= limit else { return }
      switch inner {
      case .array, .dictionary, .tuple:
        budget -= 1
        deepest = max(deepest, nesting(of: inner, upTo: limit - 1, &budget))
      default: break
      }
    }
    switch value {
    // Of long arrays the ends only: memory ends before long arrays could nest too deeply.
    case .array(let elements):
      for element in elements.prefix(1_024) { look(element, &budget) }
      for element in elements.dropFirst(1_024).suffix(64) { look(element, &budget) }
    case .tuple(let elements): for element in elements { look(element.value, &budget) }
    case .dictionary(let dictionary): for element in dictionary.values { look(element, &budget) }
    default: return 0
    }
    return deepest + 1
  }

  // MARK: Names

  func lookup(_ name: String, in scope: Scope?) -> Value? {
    var current = scope
    while let place = current {
      if let value = place.lookup(name) { return value }
      current = place.parent
    }
    return evaluator.value(named: name)
  }

  func unknownName(_ name: String, in scope: Scope?, at span: Span) -> CellError {
    var known: [String] = []
    var current = scope
    while let place = current {
      known += place.names
      current = place.parent
    }
    known += evaluator.names.names
    known += evaluator.vocabulary.commands.map(\.name)
    known += ["true", "false", "nil"]
    let fix: String =
      if let near = nearest(name, among: known) {
        "did you mean '\(near)'?"
      } else if ["True", "False", "None"].contains(name) {
        "write \(name == "None" ? "nil" : name.lowercased())"
      } else {
        "declare it first: let \(name) = …"
      }
    return failure(.unknownName, "unknown name '\(name)'", at: span, fix: fix)
  }

  /// Declares a name: in the scope, or in the workspace when there is none.
  func declare(_ name: String, _ value: Value, isConstant: Bool, in scope: Scope?) {
    guard name != "_" else { return }
    if let scope {
      scope.declare(name, value, isConstant: isConstant)
    } else {
      evaluator.set(name, to: value, isConstant: isConstant)
    }
  }

  /// Binds the names of a pattern to a value and its parts.
  func bind(_ pattern: Pattern, to value: Value, isConstant: Bool, in scope: Scope?, at span: Span)
    throws(CellError)
  {
    switch pattern {
    case .wildcard: return
    case .name(let name): declare(name, value, isConstant: isConstant, in: scope)
    case .tuple(let patterns):
      guard case .tuple(let elements) = value, elements.count == patterns.count else {
        throw failure(
          .typeError, "\(value.phrase) cannot be taken apart into \(patterns.count) names",
          at: span,
          fix: "the names in parentheses need a tuple with as many elements")
      }
      for (pattern, element) in zip(patterns, elements) {
        try bind(pattern, to: element.value, isConstant: isConstant, in: scope, at: span)
      }
    }
  }
}
