/// A function as a value: one written in a cell, a closure, a command, or an operator such as `+`.
public struct Function: Sendable {
  /// The name for messages; a closure's is `closure`.
  public let name: String
  /// The signature for inspection, such as `double(_ x: Int)`.
  public let signature: String
  private let body: @Sendable ([Argument], any Context, Scope?) throws -> Value
  /// Whether it was written in a cell, so that errors name it in their trace.
  let isUsers: Bool
  /// Where it was written, of a function that keeps no names but those of the workspace.
  private let origin: Origin?

  /// A piece of a cell's text; behind a reference, since every value is as large as the largest.
  private final class Origin: Sendable {
    let text: SourceText
    let span: Span

    init(_ text: SourceText, _ span: Span) {
      self.text = text
      self.span = span
    }
  }
  /// How many functions hang on this one in a row, through the names that it keeps.
  let chain: Int
  /// The names around a function that was written in a cell; none where it stands among them.
  private var scope: Scope?
  /// Whether it stands among the names that it keeps.
  private var isAtHome = false

  /// Makes a function from a body.
  public init(
    name: String, signature: String? = nil,
    body: @escaping @Sendable (_ arguments: [Argument], _ context: any Context) throws -> Value
  ) {
    self.name = name
    self.signature = signature ?? "\(name)(…)"
    self.body = { arguments, context, _ in try body(arguments, context) }
    chain = 0
    isUsers = false
    origin = nil
  }

  /// Makes a function that was written in a cell.
  init(
    users name: String, signature: String, chain: Int, at origin: (text: SourceText, span: Span),
    in scope: Scope?,
    body:
      @escaping @Sendable (_ arguments: [Argument], _ context: any Context, _ scope: Scope?)
      throws -> Value
  ) {
    self.name = name
    self.signature = signature
    self.body = body
    self.chain = chain
    self.scope = scope
    self.origin = scope == nil ? Origin(origin.text, origin.span) : nil
    isUsers = true
  }

  /// The text that makes it again: of a function that was written in a cell and keeps no names but those of
  /// the workspace.
  public var source: String? { origin.map { $0.text.text($0.span) } }

  /// The function as it stands among names: if they are those that it keeps, without them.
  ///
  /// The names and the function would otherwise keep each other for ever.
  func entering(_ scope: Scope) -> Function {
    guard self.scope === scope else { return self }
    var function = self
    function.scope = nil
    function.isAtHome = true
    return function
  }

  /// The function as it is given out by the names that it stands among.
  func leaving(_ scope: Scope) -> Function {
    guard isAtHome else { return self }
    var function = self
    function.scope = scope
    function.isAtHome = false
    return function
  }

  /// Calls the function; an argument that does not fit is told as `ArgumentMatcher.Failure`.
  func run(_ arguments: [Argument], _ context: any Context) throws -> Value {
    try body(arguments, context, scope)
  }

  /// Calls the function.
  ///
  /// - Throws: whatever the body throws; `CellError` when the arguments do not fit.
  public func callAsFunction(_ arguments: [Argument], context: any Context) throws -> Value {
    do {
      return try run(arguments, context)
    } catch let failure as ArgumentMatcher.Failure {
      throw failure.error
    }
  }
}
