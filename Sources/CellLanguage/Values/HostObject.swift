/// An object of the workspace that cells hold by reference: a data set, a model, a run.
///
/// Its declared members and methods are all that a cell can reach; completion and inspection read
/// the same declarations.
public protocol HostObject: AnyObject, Sendable {
  /// The name of the type, as messages and help show it: `Dataset`.
  var typeName: String { get }
  /// The properties.
  ///
  /// Completion and inspection read them from another thread while a cell runs, so a property gives
  /// its value at once.
  var members: [Member] { get }
  /// The commands bound to this object, such as `small.first(16)`.
  var methods: [Command] { get }
  /// The value of a declared property.
  func member(_ name: String) throws -> Value
  /// The value of `object[index]`.
  func subscripted(_ index: Value) throws -> Value
  /// One line, for completion, inspection and interpolation; at once, like the properties.
  var summary: String { get }
}

extension HostObject {
  /// No properties unless the type declares some.
  public var members: [Member] { [] }
  /// No methods unless the type declares some.
  public var methods: [Command] { [] }

  /// Throws: an object has no properties unless its type declares some.
  public func member(_ name: String) throws -> Value {
    throw CellError(.unknownName, "\(typeName) has no member '\(name)'")
  }

  /// Throws: an object cannot be subscripted unless its type says so.
  public func subscripted(_ index: Value) throws -> Value {
    throw CellError(
      .typeError, "\(typeName) cannot be subscripted",
      fix: "its members are \(listed(members.map(\.name) + methods.map { "\($0.name)(…)" }))")
  }
}

/// A property of an object or a constant of a command, with a line of help.
public struct Member: Sendable {
  /// The name after the dot.
  public let name: String
  /// One line of help.
  public let help: String

  /// Declares a property.
  public init(_ name: String, _ help: String) {
    self.name = name
    self.help = help
  }
}
