/// A value of the cell language.
///
/// Arrays, dictionaries and tuples are values, as in Swift: assigning one copies it. Objects of the
/// workspace (data sets, models, runs) are references that the host supplies as `HostObject`s.
public enum Value: Sendable {
  /// `nil`, and what a statement or a command without a result gives.
  case none
  case boolean(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([Value])
  case dictionary(ValueDictionary)
  case tuple([TupleElement])
  indirect case range(ValueRange)
  case function(Function)
  /// A name after a leading dot, such as `.reflect` or `.crop(size: 32)`; the parameter that takes
  /// it gives it meaning.
  indirect case implicitMember(ImplicitMember)
  case object(any HostObject)
}

/// One element of a tuple, with its label if it has one.
public struct TupleElement: Sendable {
  /// The label, as in `(width: 3, height: 4)`.
  public var label: String?
  /// The element itself.
  public var value: Value

  /// Makes an element.
  public init(label: String? = nil, value: Value) {
    self.label = label
    self.value = value
  }
}

/// One argument of a call, with its label if it has one.
public struct Argument: Sendable {
  /// The label written before the colon, or nil.
  public var label: String?
  /// The argument's value.
  public var value: Value
  /// Whether it is a closure written after the parentheses.
  var isTrailing = false
  /// Whether it comes from a command that passes its arguments in order and knows no labels.
  var isPositional = false

  /// Makes an argument.
  public init(label: String? = nil, value: Value) {
    self.label = label
    self.value = value
  }
}

extension Value {
  /// The name of the value's type, as errors and completion show it: `Int`, `Array`, `Dataset`.
  public var typeName: String {
    switch self {
    case .none: "nil"
    case .boolean: "Bool"
    case .integer: "Int"
    case .number: "Double"
    case .string: "String"
    case .array: "Array"
    case .dictionary: "Dictionary"
    case .tuple: "tuple"
    case .range: "Range"
    case .function: "function"
    case .implicitMember: "implicit member"
    case .object(let object): object.typeName
    }
  }

  /// The value in the words of an error message: `the string "three"`, `an array of 4`, `nil`.
  public var phrase: String {
    switch self {
    case .none: return "nil"
    case .boolean(let flag): return "the truth value \(flag)"
    case .integer(let integer): return "the whole number \(integer)"
    case .number(let number): return "the number \(number)"
    case .string(let string):
      return "the string \(quoted(string.count > 40 ? String(string.prefix(40)) + "…" : string))"
    case .array(let elements):
      return elements.isEmpty ? "an empty array" : "an array of \(elements.count)"
    case .dictionary(let dictionary): return "a dictionary of \(dictionary.count)"
    case .tuple(let elements): return "a tuple of \(elements.count)"
    case .range(let range): return "the range \(range.cellText)"
    case .function(let function): return "the function \(function.name)"
    case .implicitMember(let member): return "`.\(member.name)`"
    case .object(let object):
      let name = object.typeName
      let article = name.first.map { "AEIOUaeiou".contains($0) } == true ? "an" : "a"
      return "\(article) \(name)"
    }
  }
}
