/// A function as a value: one written in a cell, a closure, a command, or an operator such as `+`.
public struct Function: Sendable {
  /// The name for messages; a closure's is `closure`.
  public let name: String
  /// The signature for inspection, such as `double(_ x: Int)`.
  public let signature: String
  let body: @Sendable ([Argument], any Context) throws -> Value

  /// Makes a function from a body.
  public init(
    name: String, signature: String? = nil,
    body: @escaping @Sendable (_ arguments: [Argument], _ context: any Context) throws -> Value
  ) {
    self.name = name
    self.signature = signature ?? "\(name)(…)"
    self.body = body
  }

  /// Calls the function.
  ///
  /// - Throws: whatever the body throws; `CellError` when the arguments do not fit.
  public func callAsFunction(_ arguments: [Argument], context: any Context) throws -> Value {
    try body(arguments, context)
  }
}
