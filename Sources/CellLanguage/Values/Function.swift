/// A function as a value: one written in a cell, a closure, a command, or an operator such as `+`.
public struct Function: Sendable {
  /// The name for messages; a closure's is `closure`.
  public let name: String
  /// The signature for inspection, such as `double(_ x: Int)`.
  public let signature: String
  let body: @Sendable ([Argument], any Context) throws -> Value
  /// Whether it was written in a cell, so that errors name it in their trace.
  let isUsers: Bool
  /// How many functions hang on this one in a row, through the names that it keeps.
  let chain: Int

  /// Makes a function from a body.
  public init(
    name: String, signature: String? = nil,
    body: @escaping @Sendable (_ arguments: [Argument], _ context: any Context) throws -> Value
  ) {
    self.name = name
    self.signature = signature ?? "\(name)(…)"
    self.body = body
    chain = 0
    isUsers = false
  }

  /// Makes a function that was written in a cell.
  init(
    users name: String, signature: String, chain: Int,
    body: @escaping @Sendable (_ arguments: [Argument], _ context: any Context) throws -> Value
  ) {
    self.name = name
    self.signature = signature
    self.body = body
    self.chain = chain
    isUsers = true
  }

  /// Calls the function.
  ///
  /// - Throws: whatever the body throws; `CellError` when the arguments do not fit.
  public func callAsFunction(_ arguments: [Argument], context: any Context) throws -> Value {
    do {
      return try body(arguments, context)
    } catch let failure as ArgumentMatcher.Failure {
      throw failure.error
    }
  }
}
