/// A property of a built-in type.
struct Property: Sendable {
  let member: Member
  let type: String
  let read: @Sendable (Value) throws -> Value
}

/// A method of a built-in type; its command declares the parameters and the help.
struct Method: Sendable {
  let command: Command
  let body: @Sendable (any Context, Value, [any Sendable]) throws -> Value

  /// Declares a method with typed parameters.
  init<each P: CellConvertible & Sendable>(
    _ name: String, _ summary: String, _ parameters: repeat Parameter<each P>,
    returns result: String,
    topic: String, example: String = "",
    body: @escaping @Sendable (any Context, Value, repeat each P) throws -> Value
  ) {
    var declarations: [ParameterDeclaration] = []
    repeat declarations.append((each parameters).declaration)
    command = Command(
      name, summary, declarations: declarations, returns: result, topic: topic, example: example
    ) { _, _ in .none }
    self.body = { context, receiver, values in
      var next = values.makeIterator()
      return try body(context, receiver, repeat try take(&next, (each P).self))
    }
  }

  func call(on receiver: Value, _ arguments: [Argument], context: any Context) throws -> Value {
    try body(context, receiver, command.match(arguments))
  }
}

/// The members of a built-in type.
struct MemberTable: Sendable {
  let properties: [String: Property]
  let methods: [String: Method]
  /// Methods that change a variable; listed for completion and help.
  let mutating: [String: MutatingMethod]

  init(_ properties: [Property] = [], _ methods: [Method] = [], mutating: [MutatingMethod] = []) {
    self.properties = Dictionary(properties.map { ($0.member.name, $0) }) { $1 }
    self.methods = Dictionary(methods.map { ($0.command.name, $0) }) { $1 }
    self.mutating = Dictionary(mutating.map { ($0.command.name, $0) }) { $1 }
  }

  /// The table of a value's type.
  static func of(_ value: Value) -> MemberTable {
    switch value {
    case .array: array
    case .string: string
    case .dictionary: dictionary
    case .range: range
    case .integer, .number: number
    case .boolean: truth
    case .object(let object): object is any HostSequence ? sequence : empty
    default: empty
    }
  }

  /// The table of a type's name, for completion after a call whose result is known by its type
  /// only.
  static func named(_ type: String) -> MemberTable? {
    switch type {
    case "Array": array
    case "String": string
    case "Dictionary": dictionary
    case "Range": range
    case "Int", "Double": number
    case "Bool": truth
    default: nil
    }
  }

  /// The names of all members of a value, properties first.
  func names(for value: Value) -> (properties: [String], methods: [String]) {
    var properties = self.properties.keys.sorted()
    var methods = (Array(self.methods.keys) + mutating.keys).sorted()
    switch value {
    case .object(let object):
      properties += object.members.map(\.name)
      methods += object.methods.map(\.name)
    case .tuple(let elements): properties += elements.compactMap(\.label)
    default: break
    }
    return (properties, methods)
  }

  static let empty = MemberTable()
  static let sequence = MemberTable(Sequences.properties, Sequences.methods)
  static let array = MemberTable(
    Sequences.properties + ArrayMembers.properties, Sequences.methods,
    mutating: MutatingMethod.array)
  static let string = MemberTable(
    StringMembers.properties, StringMembers.methods + Sequences.methodsOfStrings)
  static let dictionary = MemberTable(
    DictionaryMembers.properties, Sequences.methods + DictionaryMembers.methods,
    mutating: MutatingMethod.dictionary)
  static let range = MemberTable(
    Sequences.properties + RangeMembers.properties, Sequences.methods + RangeMembers.methods)
  static let number = MemberTable(NumberMembers.properties, NumberMembers.methods)
  static let truth = MemberTable([NumberMembers.description])
}
