/// A method that changes the variable it is called on: `losses.append(0.3)`.
struct MutatingMethod: Sendable {
  let command: Command
  let body: @Sendable (inout Value, [any Sendable], Limits) throws -> Value

  init<each P: CellConvertible & Sendable>(
    _ name: String, _ summary: String, _ parameters: repeat Parameter<each P>,
    returns result: String = "nothing",
    example: String = "",
    body: @escaping @Sendable (Variable, Limits, repeat each P) throws -> Value
  ) {
    var declarations: [ParameterDeclaration] = []
    repeat declarations.append((each parameters).declaration)
    command = Command(
      name, summary, declarations: declarations, returns: result, topic: "variables",
      example: example
    ) { _, _ in .none }
    self.body = { value, values, limits in
      var next = values.makeIterator()
      let variable = Variable(value)
      // Only the variable may hold the array, or changing it would copy it.
      value = .none
      defer { value = variable.value }
      return try body(variable, limits, repeat try take(&next, (each P).self))
    }
  }

  /// The variable that a method changes.
  final class Variable {
    var value: Value

    init(_ value: Value) { self.value = value }
  }

  static let names = Set((array + dictionary).map(\.command.name))

  static func lookup(_ name: String, on value: Value) -> MutatingMethod? {
    MemberTable.of(value).mutating[name]
  }

  /// Changes an array where it stands.
  private static func change<Result>(
    _ variable: Variable, _ body: (inout [Value]) throws -> Result
  ) throws -> Result {
    guard case .array(var elements) = variable.value else {
      throw CellError(.typeError, "\(variable.value.phrase) is not an array")
    }
    variable.value = .none
    defer { variable.value = .array(elements) }
    return try body(&elements)
  }

  private static func checkRoom(_ count: Int, _ limits: Limits) throws(CellError) {
    guard count <= limits.elements else {
      throw CellError(
        .limitExceeded, "an array may hold at most \(grouped(limits.elements)) elements")
    }
  }

  private static func checkIndex(_ index: Int, in range: Range<Int>) throws(CellError) {
    guard range.contains(index) else {
      throw CellError(
        .rangeError, "there is no element \(index)",
        fix: range.isEmpty ? "the array is empty" : "use a place from 0 to \(range.upperBound - 1)")
    }
  }

  static let array: [MutatingMethod] = [
    MutatingMethod(
      "append", "Puts an element at the end of the array, or all elements of another.",
      Parameter<Value?>("element", label: .none, "the new element"),
      Parameter<[Value]?>("contentsOf", "the elements to append"), example: "losses.append(0.3)"
    ) { variable, limits, element, others in
      try change(variable) { elements in
        try checkRoom(elements.count + 1 + (others?.count ?? 0), limits)
        if let others { elements += others } else { elements.append(element ?? .none) }
      }
      return .none
    },
    MutatingMethod(
      "insert", "Puts an element before the one at a place.",
      Parameter<Value>("element", label: .none, "the new element"),
      Parameter<Int>("at", in: 0..., "the place"),
      example: #"names.insert("first", at: 0)"#
    ) { variable, limits, element, place in
      try change(variable) { elements in
        try checkRoom(elements.count + 1, limits)
        try checkIndex(place, in: 0..<elements.count + 1)
        elements.insert(element, at: place)
      }
      return .none
    },
    MutatingMethod(
      "remove", "Takes out the element at a place and gives it.",
      Parameter<Int>("at", in: 0..., "the place"), returns: "Any", example: "names.remove(at: 0)"
    ) { variable, _, place in
      try change(variable) { elements in
        try checkIndex(place, in: 0..<elements.count)
        return elements.remove(at: place)
      }
    },
    MutatingMethod(
      "removeLast", "Takes out the last element and gives it.", returns: "Any",
      example: "names.removeLast()"
    ) { variable, _ in
      try change(variable) { elements in
        guard let last = elements.popLast() else {
          throw CellError(.rangeError, "the array is empty")
        }
        return last
      }
    },
    MutatingMethod(
      "removeFirst", "Takes out the first element and gives it.", returns: "Any",
      example: "names.removeFirst()"
    ) { variable, _ in
      try change(variable) { elements in
        guard !elements.isEmpty else { throw CellError(.rangeError, "the array is empty") }
        return elements.removeFirst()
      }
    },
    MutatingMethod("removeAll", "Takes out all elements.", example: "names.removeAll()") {
      variable, _ in
      try change(variable) { $0.removeAll() }
      return .none
    },
    MutatingMethod(
      "swapAt", "Exchanges two elements.", Parameter<Int>("i", label: .none, in: 0..., "one place"),
      Parameter<Int>("j", label: .none, in: 0..., "the other place"), example: "names.swapAt(0, 1)"
    ) { variable, _, i, j in
      try change(variable) { elements in
        try checkIndex(i, in: 0..<elements.count)
        try checkIndex(j, in: 0..<elements.count)
        elements.swapAt(i, j)
      }
      return .none
    },
    MutatingMethod("sort", "Puts the elements in order, smallest first.", example: "numbers.sort()")
    { variable, _ in
      try change(variable) { $0 = try Sequences.sorted($0) { try Equality.less($0, $1) } }
      return .none
    },
    MutatingMethod(
      "reverse", "Turns the order of the elements round.", example: "numbers.reverse()"
    ) { variable, _ in
      try change(variable) { $0.reverse() }
      return .none
    },
  ]

  static let dictionary: [MutatingMethod] = [
    MutatingMethod(
      "removeValue", "Takes out a key and gives its value, or nil.",
      Parameter<Value>("forKey", "the key"), returns: "Any",
      example: #"options.removeValue(forKey: "lr")"#
    ) { variable, _, key in
      guard case .dictionary(var dictionary) = variable.value, let key = ValueDictionary.Key(key)
      else {
        throw CellError(.typeError, "\(key.phrase) cannot be a key")
      }
      variable.value = .none
      defer { variable.value = .dictionary(dictionary) }
      let old = dictionary[key]
      dictionary[key] = nil
      return old ?? .none
    }
  ]
}
