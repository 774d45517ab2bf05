extension Interpretation {
  /// `base.name` without a call.
  func evaluateMember(of base: Expression, _ name: String, _ span: Span, in scope: Scope?)
    throws(CellError) -> Value
  {
    if case .name(let word) = base.kind, lookup(word, in: scope) == nil,
      let command = evaluator.vocabulary.lookup(word)
    {
      return try constant(name, of: command, at: span)
    }
    return try member(name, of: try evaluate(base, in: scope), at: span)
  }

  /// The value of `NIN.published`.
  private func constant(_ name: String, of command: Command, at span: Span) throws(CellError)
    -> Value
  {
    guard let constant = command.constants.first(where: { $0.member.name == name }) else {
      let names = command.constants.map(\.member.name)
      let fix =
        nearest(name, among: names).map { "did you mean '\($0)'?" }
        ?? (names.isEmpty ? "call it: \(command.name)(…)" : "it has \(listed(names))")
      throw failure(.unknownName, "\(command.name) has no member '\(name)'", at: span, fix: fix)
    }
    return try located(at: span) { try constant.value() }
  }

  /// A property's value, or a method as a function.
  func member(_ name: String, of value: Value, at span: Span) throws(CellError) -> Value {
    if case .object(let object) = value {
      if object.members.contains(where: { $0.name == name }) {
        return try located(at: span) { try object.member(name) }
      }
      if let method = object.methods.first(where: { $0.name == name }) {
        return .function(Function(method))
      }
    }
    if case .tuple(let elements) = value, let element = elements.first(where: { $0.label == name })
    {
      return element.value
    }
    let table = MemberTable.of(value)
    if let property = table.properties[name] {
      return try located(at: span) { try property.read(value) }
    }
    if let method = table.methods[name] {
      return .function(
        Function(name: name, signature: method.command.signature) { arguments, context in
          try method.call(on: value, arguments, context: context)
        })
    }
    throw unknownMember(name, of: value, at: span)
  }

  func unknownMember(_ name: String, of value: Value, at span: Span) -> CellError {
    let table = MemberTable.of(value)
    let (properties, methods) = table.names(for: value)
    let names = properties + methods
    let fix: String
    if case .none = value {
      fix = "a value is missing here; give one with ??"
    } else if let near = nearest(name, among: names) {
      fix = "did you mean '\(near)'?"
    } else {
      let shown = names.prefix(12)
      fix =
        names.isEmpty
        ? "it has no members"
        : "it has \(listed(Array(shown) + (names.count > shown.count ? ["others"] : [])))"
    }
    return failure(.unknownName, "\(value.phrase) has no member '\(name)'", at: span, fix: fix)
  }

  // MARK: Subscripts

  func evaluateElement(of base: Expression, _ index: Expression, in scope: Scope?) throws(CellError)
    -> Value
  {
    let value = try evaluate(base, in: scope)
    let place = try evaluate(index, in: scope)
    switch value {
    case .array(let elements):
      switch place {
      case .integer(let integer):
        return elements[try checkedIndex(integer, count: elements.count, at: index.span)]
      case .range(let range):
        return .array(
          Array(elements[try checkedRange(range, count: elements.count, at: index.span)]))
      default:
        throw failure(
          .typeError,
          "an array's element is found by a whole number or a range, not by \(place.phrase)",
          at: index.span)
      }
    case .dictionary(let dictionary): return dictionary[try key(place, at: index.span)] ?? .none
    case .object(let object): return try located(at: index.span) { try object.subscripted(place) }
    case .string:
      throw failure(
        .typeError, "a string has no numbered elements", at: index.span,
        fix: "write Array(text)[…], or use prefix, suffix and split")
    case .range(let range):
      guard let integers = range.integers, case .integer(let integer) = place else { fallthrough }
      return .integer(
        integers.lowerBound + (try checkedIndex(integer, count: integers.count, at: index.span)))
    default:
      throw failure(
        .typeError, "\(value.phrase) cannot be subscripted", at: index.span,
        fix: "arrays, dictionaries and data sets can")
    }
  }

  func checkedIndex(_ index: Int, count: Int, at span: Span) throws(CellError) -> Int {
    guard index >= 0, index < count else {
      let has = count == 0 ? "the array is empty" : "the elements are 0 to \(count - 1)"
      throw failure(
        .rangeError, "there is no element \(index); \(has)", at: span,
        fix: index < 0 && count > 0 ? "write .last for the last one" : nil)
    }
    return index
  }

  /// The part of an array that a range names, one-sided ranges included.
  func checkedRange(_ range: ValueRange, count: Int, at span: Span) throws(CellError) -> Range<Int>
  {
    guard case .integers(let first, let last) = range.ends else {
      throw failure(
        .typeError, "the range \(range.cellText) is not one of whole numbers", at: span)
    }
    let lower = first ?? 0
    var upper = last ?? count
    if last != nil, range.isClosed {
      let (next, overflow) = upper.addingReportingOverflow(1)
      upper = overflow ? Int.max : next
    }
    guard lower >= 0, lower <= upper, upper <= count else {
      throw failure(
        .rangeError, "the range \(range.cellText) reaches beyond the \(counted(count, "element"))",
        at: span, fix: "use prefix or suffix to take what is there")
    }
    return lower..<upper
  }
}
