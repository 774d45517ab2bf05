/// What stands before a dot, as far as it is known without evaluating anything.
enum Receiver {
  case value(Value)
  /// Only the name of its type is known.
  case type(String)
  case command(Command)
  case unknown
}

/// Looks up names, declared properties and declared results; never runs what a cell says.
struct Lookup {
  let cursor: Cursor
  let vocabulary: Vocabulary
  let names: NameTable

  /// What the tokens up to an index, that one included, stand for.
  func receiver(endingAt index: Int, depth: Int = 0) -> Receiver {
    guard index >= 0, depth < 40 else { return .unknown }
    let token = cursor.tokens[index]
    switch token.kind {
    case .string: return .type("String")
    case .integer: return isMember(index) ? .unknown : .type("Int")
    case .number: return .type("Double")
    case .identifier:
      let name = cursor.text(token)
      guard isMember(index) else {
        if let value = names[name] { return .value(value) }
        if cursor.localNames.contains(name) { return .unknown }
        return vocabulary.lookup(name).map { .command($0) } ?? .unknown
      }
      return property(name, of: receiver(endingAt: index - 2, depth: depth + 1))
    case .rightParenthesis:
      guard let open = cursor.opening(of: index), open > 0,
        cursor.tokens[open - 1].kind == .identifier
      else {
        return .unknown
      }
      return command(at: open - 1, depth: depth + 1).map { .type($0.result) } ?? .unknown
    case .rightBrace:
      // A trailing closure: what counts is the call before it.
      guard let open = cursor.opening(of: index), open > 0 else { return .unknown }
      if cursor.tokens[open - 1].kind == .rightParenthesis {
        return receiver(endingAt: open - 1, depth: depth + 1)
      }
      guard cursor.tokens[open - 1].kind == .identifier else { return .unknown }
      return command(at: open - 1, depth: depth + 1).map { .type($0.result) } ?? .unknown
    case .rightBracket: return element(closedAt: index, depth: depth)
    default: return .unknown
    }
  }

  private func isMember(_ index: Int) -> Bool {
    index >= 2 && cursor.tokens[index - 1].kind == .dot
      && Cursor.endsValue(cursor.tokens[index - 2].kind)
  }

  private func element(closedAt index: Int, depth: Int) -> Receiver {
    guard let open = cursor.opening(of: index) else { return .unknown }
    guard open > 0, Cursor.endsValue(cursor.tokens[open - 1].kind), !cursor.tokens[open].startsLine
    else {
      return .type("Array")
    }
    guard case .value(.array(let elements)) = receiver(endingAt: open - 1, depth: depth + 1),
      index == open + 2, let place = Int(cursor.text(cursor.tokens[open + 1])),
      elements.indices.contains(place)
    else { return .unknown }
    return .value(elements[place])
  }

  /// A declared property's value.
  private func property(_ name: String, of receiver: Receiver) -> Receiver {
    guard let value = sample(of: receiver) else { return .unknown }
    switch value {
    case .object(let object):
      guard object.members.contains(where: { $0.name == name }), case .value = receiver,
        let value = try? object.member(name)
      else { return .unknown }
      return .value(value)
    case .tuple(let elements):
      return elements.first { $0.label == name }.map { .value($0.value) } ?? .unknown
    default: return MemberTable.of(value).properties[name].map { .type($0.type) } ?? .unknown
    }
  }

  /// A value with the receiver's members: itself, or for a type the first name that holds one.
  func sample(of receiver: Receiver) -> Value? {
    switch receiver {
    case .value(let value): value
    case .type(let type): sample(ofType: type)
    case .command, .unknown: nil
    }
  }

  private func sample(ofType type: String) -> Value? {
    switch type {
    case "Array": .array([])
    case "String": .string("")
    case "Dictionary": .dictionary(ValueDictionary())
    case "Range": .range(ValueRange(0..<0))
    case "Int": .integer(0)
    case "Double": .number(0)
    case "Bool": .boolean(false)
    default: names.names.lazy.compactMap { names[$0] }.first { $0.typeName == type }
    }
  }

  /// The command or method that a name before a parenthesis calls.
  func command(at index: Int, depth: Int = 0) -> Command? {
    let name = cursor.text(cursor.tokens[index])
    guard isMember(index) else {
      return names[name] == nil ? vocabulary.lookup(name) : nil
    }
    return sample(of: receiver(endingAt: index - 2, depth: depth + 1)).flatMap {
      method(name, of: $0)
    }
  }

  func method(_ name: String, of value: Value) -> Command? {
    if case .object(let object) = value,
      let method = object.methods.first(where: { $0.name == name })
    {
      return method
    }
    let table = MemberTable.of(value)
    return table.methods[name]?.command ?? table.mutating[name]?.command
  }

  /// The parameter that the current argument of a call belongs to.
  func parameter(of command: Command, in call: Cursor.Call) -> ParameterDeclaration? {
    if let label = call.label { return command.parameters.first { $0.label == label } }
    let unlabelled = command.parameters.filter { $0.label == nil }
    let before = call.labels.filter { $0 == nil }.count
    if before < unlabelled.count { return unlabelled[before] }
    return unlabelled.last { $0.isVariadic }
  }
}
