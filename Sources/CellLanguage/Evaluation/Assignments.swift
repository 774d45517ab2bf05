import Synchronization

/// A place that can be assigned to: a variable, and the way to a part of it.
struct Place {
  enum Step {
    case index(Value, Span)
    case tuplePlace(Int, Span)
    case label(String, Span)
  }

  let name: String
  let span: Span
  var steps: [Step] = []
}

extension Interpretation {
  /// Runs `target = value` or `target += value`.
  func assign(_ word: String, _ span: Span, target: Expression, value: Expression, in scope: Scope?)
    throws(CellError)
  {
    if word == "=" {
      // Swift finds the place first and then the value; indices with effects are rare enough, and
      // an unknown name on the right should be reported before anything changes.
      try store(try evaluate(value, in: scope), in: target, scope)
      return
    }
    let operation = String(word.dropLast())
    guard let target = try place(of: target, in: scope) else {
      throw failure(.typeError, "this cannot be assigned to", at: target.span)
    }
    let operand = try evaluate(value, in: scope)
    try checkNesting(operand, at: value.span)
    try checkDeclared(target, in: scope)
    _ = try modify(target, scope: scope) { current throws(CellError) in
      // `a += […]` and `s += "…"` grow in place.
      switch (operation, current, operand) {
      case ("+", .array(var elements), .array(let more)):
        try self.checkCount(elements.count + more.count, at: span)
        current = .none
        elements += more
        current = .array(elements)
      case ("+", .string(var text), .string(let more)):
        current = .none
        text += more
        current = .string(text)
        try self.checkLength(text, at: span)
      default: current = try self.apply(operation, current, operand, at: span)
      }
      return .none
    }
  }

  /// Stores a value in a target, or the parts of a tuple in several.
  private func store(_ value: Value, in target: Expression, _ scope: Scope?) throws(CellError) {
    switch target.kind {
    case .discard: return
    case .tuple(let targets):
      guard case .tuple(let elements) = value, elements.count == targets.count else {
        throw failure(
          .typeError, "\(value.phrase) cannot be taken apart into \(targets.count) targets",
          at: target.span)
      }
      for (target, element) in zip(targets, elements) {
        try store(element.value, in: target.value, scope)
      }
    case .name(let name): try storeName(name, value, scope, at: target.span)
    default:
      guard let place = try place(of: target, in: scope) else {
        throw failure(.typeError, "this cannot be assigned to", at: target.span)
      }
      try checkNesting(value, at: target.span)
      try checkDeclared(place, in: scope)
      try storeElement(value, in: place, scope)
    }
  }

  private func storeElement(_ value: Value, in place: Place, _ scope: Scope?) throws(CellError) {
    // A dictionary's entry appears and disappears by assignment, so its container is what changes.
    if case .index(let index, let span)? = place.steps.last {
      var container = place
      container.steps.removeLast()
      let isDone = try modify(container, scope: scope) { current throws(CellError) in
        guard case .dictionary(var dictionary) = current else { return .boolean(false) }
        let key = try self.key(index, at: span)
        current = .none
        if case .none = value { dictionary[key] = nil } else { dictionary[key] = value }
        current = .dictionary(dictionary)
        return .boolean(true)
      }
      if case .boolean(true) = isDone { return }
    }
    _ = try modify(place, scope: scope) { current throws(CellError) in
      current = value
      return .none
    }
  }

  /// A bare assignment changes the nearest variable of the name, or declares one.
  private func storeName(_ name: String, _ value: Value, _ scope: Scope?, at span: Span)
    throws(CellError)
  {
    try checkNesting(value, at: span)
    if let owner = owner(of: name, in: scope) {
      guard !owner.isConstant else { throw constantError(name, at: span) }
      declare(name, value, isConstant: false, in: owner.scope)
      return
    }
    guard evaluator.vocabulary.lookup(name) == nil else {
      throw failure(
        .argumentError, "'\(name)' is a command", at: span,
        fix: "choose another name, or write let \(name) = … for a value of that name")
    }
    var place = scope
    while let current = place, !current.isFunction { place = current.parent }
    declare(name, value, isConstant: false, in: place)
  }

  private func constantError(_ name: String, at span: Span) -> CellError {
    failure(
      .typeError, "'\(name)' is a constant and cannot be changed", at: span,
      fix: "declare it with `var \(name) = …`")
  }

  /// Where a name is declared; the scope is nil for the workspace.
  private func owner(of name: String, in scope: Scope?) -> (scope: Scope?, isConstant: Bool)? {
    var current = scope
    while let place = current {
      if let isConstant = place.isConstant(name) { return (place, isConstant) }
      current = place.parent
    }
    return evaluator.table.withLock { table in table.entry(name).map { (nil, $0.isConstant) } }
  }

  func checkDeclared(_ place: Place, in scope: Scope?) throws(CellError) {
    guard let owner = owner(of: place.name, in: scope) else {
      throw unknownName(place.name, in: scope, at: place.span)
    }
    guard !owner.isConstant || leadsThroughObject(place, in: scope) else {
      throw constantError(place.name, at: place.span)
    }
  }

  private func leadsThroughObject(_ place: Place, in scope: Scope?) -> Bool {
    if case .object? = lookup(place.name, in: scope) { return !place.steps.isEmpty }
    return false
  }

  /// The place that an expression names, its indices evaluated; nil when it names none.
  func place(of target: Expression, in scope: Scope?) throws(CellError) -> Place? {
    switch target.kind {
    case .name(let name):
      _ = try loaded(name, in: scope, at: target.span)
      return Place(name: name, span: target.span)
    case .parenthesized(let inner): return try place(of: inner, in: scope)
    case .element(let base, let index):
      guard var place = try place(of: base, in: scope) else { return nil }
      place.steps.append(.index(try evaluate(index, in: scope), index.span))
      return place
    case .tupleElement(let base, let number):
      guard var place = try place(of: base, in: scope) else { return nil }
      place.steps.append(.tuplePlace(number, target.span))
      return place
    case .member(let base, let name, let span):
      guard var place = try place(of: base, in: scope) else { return nil }
      place.steps.append(.label(name, span))
      return place
    default: return nil
    }
  }

  /// Changes what stands at a place, without copying the arrays on the way.
  func modify(
    _ place: Place, scope: Scope?, _ body: (inout Value) throws(CellError) -> Value
  ) throws(CellError) -> Value {
    func change(_ root: inout Value) throws(CellError) -> Value {
      try step(into: &root, place.steps[...], body)
    }
    var current = scope
    while let inner = current {
      if let result = try inner.modify(place.name, change) { return result }
      current = inner.parent
    }
    let outcome: Result<Value, CellError>? = evaluator.table.withLock { table in
      table.modify(place.name) { value in
        do throws(CellError) {
          return .success(try change(&value))
        } catch {
          return .failure(error)
        }
      }
    }
    guard let outcome else { throw unknownName(place.name, in: scope, at: place.span) }
    return try outcome.get()
  }

  private func step(
    into value: inout Value, _ steps: ArraySlice<Place.Step>,
    _ body: (inout Value) throws(CellError) -> Value
  ) throws(CellError) -> Value {
    guard let first = steps.first else { return try body(&value) }
    let rest = steps.dropFirst()
    switch (first, value) {
    case (.index(let index, let span), .array(var elements)):
      guard case .integer(let integer) = index else {
        throw failure(
          .typeError, "an element is assigned by a whole number, not by \(index.phrase)", at: span)
      }
      let place = try checkedIndex(integer, count: elements.count, at: span)
      value = .none
      defer { value = .array(elements) }
      return try step(into: &elements[place], rest, body)
    case (.index(let index, let span), .dictionary(var dictionary)):
      let key = try key(index, at: span)
      guard var inner = dictionary[key] else {
        throw failure(
          .rangeError, "the dictionary has no key \(key.value.cellText)", at: span,
          fix: "assign a value to it first")
      }
      value = .none
      _ = dictionary.take(key)
      defer {
        dictionary[key] = inner
        value = .dictionary(dictionary)
      }
      return try step(into: &inner, rest, body)
    case (.tuplePlace(let place, let span), .tuple(var elements)):
      guard elements.indices.contains(place) else {
        throw failure(.rangeError, "the tuple has \(counted(elements.count, "element"))", at: span)
      }
      value = .none
      defer { value = .tuple(elements) }
      return try step(into: &elements[place].value, rest, body)
    case (.label(let name, let span), .tuple(var elements)):
      guard let place = elements.firstIndex(where: { $0.label == name }) else {
        throw unknownMember(name, of: value, at: span)
      }
      value = .none
      defer { value = .tuple(elements) }
      return try step(into: &elements[place].value, rest, body)
    case (.label(let name, let span), _):
      throw failure(
        .typeError, "'\(name)' of \(value.phrase) can be read but not changed", at: span)
    case (.index(_, let span), _), (.tuplePlace(_, let span), _):
      throw failure(.typeError, "\(value.phrase) has no elements that can be changed", at: span)
    }
  }
}
