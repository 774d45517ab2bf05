/// Type annotations are checked for the types the language knows; other names are compared with the
/// types of objects.
extension TypeSyntax {
  /// The type as it is written.
  var text: String {
    switch self {
    case .name(let name): name
    case .generic(let name, let arguments):
      "\(name)<\(arguments.map(\.text).joined(separator: ", "))>"
    case .array(let element): "[\(element.text)]"
    case .dictionary(let key, let value): "[\(key.text): \(value.text)]"
    case .optional(let wrapped): "\(wrapped.text)?"
    case .tuple(let elements): "(\(elements.map(\.text).joined(separator: ", ")))"
    case .function(let parameters, let result):
      "(\(parameters.map(\.text).joined(separator: ", "))) -> \(result.text)"
    }
  }

  var isFunction: Bool {
    switch self {
    case .function: true
    case .optional(let wrapped): wrapped.isFunction
    default: false
    }
  }

  /// The value, a whole number turned into a number where the type is `Double`.
  ///
  /// - Throws: `CellError` when the value is of another type.
  func check(_ value: Value, for owner: String) throws(CellError) -> Value {
    guard let checked = converted(value) else {
      throw CellError(
        .typeError, "\(owner) is declared as \(text), and this is \(value.phrase)",
        fix: "change the type or the value")
    }
    return checked
  }

  private func converted(_ value: Value) -> Value? {
    switch self {
    case .name(let name): return Self.named(name, value)
    case .generic("Array", let arguments) where arguments.count == 1:
      return TypeSyntax.array(arguments[0]).converted(value)
    case .generic("Dictionary", let arguments) where arguments.count == 2:
      return TypeSyntax.dictionary(arguments[0], arguments[1]).converted(value)
    case .generic("Optional", let arguments) where arguments.count == 1:
      return TypeSyntax.optional(arguments[0]).converted(value)
    case .generic(let name, _):
      if case .range = value, name == "Range" || name == "ClosedRange" { return value }
      return nil
    case .optional(let wrapped):
      if case .none = value { return value }
      return wrapped.converted(value)
    case .array(let element):
      guard case .array(let elements) = value else { return nil }
      var checked: [Value] = []
      checked.reserveCapacity(elements.count)
      for one in elements {
        guard let one = element.converted(one) else { return nil }
        checked.append(one)
      }
      return .array(checked)
    case .dictionary(let keyType, let valueType):
      guard case .dictionary(let dictionary) = value else { return nil }
      var checked = ValueDictionary()
      for entry in dictionary.entries {
        guard keyType.converted(entry.key.value) != nil, let one = valueType.converted(entry.value)
        else {
          return nil
        }
        checked[entry.key] = one
      }
      return .dictionary(checked)
    case .tuple(let types):
      guard case .tuple(var elements) = value, elements.count == types.count else {
        if case .none = value, types.isEmpty { return value }
        return nil
      }
      for (place, type) in types.enumerated() {
        guard let one = type.converted(elements[place].value) else { return nil }
        elements[place].value = one
      }
      return .tuple(elements)
    case .function:
      guard case .function = value else { return nil }
      return value
    }
  }

  private static func named(_ name: String, _ value: Value) -> Value? {
    switch (name, value) {
    case ("Any", _), ("Int", .integer), ("Double", .number), ("Float", .number), ("Bool", .boolean),
      ("String", .string), ("Void", .none):
      return value
    case ("Double", .integer(let integer)), ("Float", .integer(let integer)):
      return .number(Double(integer))
    case ("Int", _), ("Double", _), ("Float", _), ("Bool", _), ("String", _), ("Void", _):
      return nil
    case (_, .object(let object)): return object.typeName == name ? value : nil
    // An implicit member belongs to a type that only the command that takes it knows.
    case (_, .implicitMember): return value
    default: return nil
    }
  }
}
