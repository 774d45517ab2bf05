/// A word of the vocabulary, declared once: from here come argument matching, messages, help,
/// completion and inspection.
public struct Command: Sendable {
  /// The word.
  public let name: String
  /// One line that says what it does.
  public let summary: String
  /// The parameters in order.
  public let parameters: [ParameterDeclaration]
  /// The name of the result's type; `nothing` when there is none.
  public let result: String
  /// The subject under which help lists the command.
  public let topic: String
  /// More about it, in Markdown; may hold LaTeX.
  public let discussion: String
  /// A line or more of example.
  public let example: String
  /// Constants written after the name, such as `NIN.published`.
  public let constants: [Constant]

  let body: @Sendable (any Context, [any Sendable]) throws -> Value

  /// A constant of a command: `NIN.published`.
  public struct Constant: Sendable {
    /// Name and help.
    public let member: Member
    /// The value; made when asked for.
    public let value: @Sendable () throws -> Value

    /// Declares a constant.
    public init(_ name: String, _ help: String, value: @escaping @Sendable () throws -> Value) {
      member = Member(name, help)
      self.value = value
    }
  }

  /// Declares a command with typed parameters.
  ///
  ///     Command(
  ///       "double", "Twice a number.", parameters: Parameter<Int>("x", label: .none, "the number"),
  ///       returns: "Int", topic: "arithmetic"
  ///     ) { context, x in .integer(2 * x) }
  public init<each P: CellConvertible & Sendable>(
    _ name: String, _ summary: String, parameters: repeat Parameter<each P>, returns result: String,
    topic: String, discussion: String = "", example: String = "", constants: [Constant] = [],
    body: @escaping @Sendable (any Context, repeat each P) throws -> Value
  ) {
    var declarations: [ParameterDeclaration] = []
    repeat declarations.append((each parameters).declaration)
    self.init(
      name, summary, declarations: declarations, returns: result, topic: topic,
      discussion: discussion, example: example, constants: constants
    ) { context, values in
      var next = values.makeIterator()
      return try body(context, repeat try take(&next, (each P).self))
    }
  }

  /// Declares a command whose parameters are known at run time only, such as a constructor whose
  /// options stand in a table.
  ///
  /// The body receives one converted value for each declaration, in order.
  public init(
    _ name: String, _ summary: String, declarations: [ParameterDeclaration], returns result: String,
    topic: String, discussion: String = "", example: String = "", constants: [Constant] = [],
    body: @escaping @Sendable (any Context, [any Sendable]) throws -> Value
  ) {
    self.name = name
    self.summary = summary
    self.parameters = declarations
    self.result = result
    self.topic = topic
    self.discussion = discussion
    self.example = example
    self.constants = constants
    self.body = body
  }

  /// Matches the arguments to the parameters, converts them, and runs the body.
  ///
  /// - Throws: `CellError` when the arguments do not fit; whatever the body throws.
  public func callAsFunction(_ arguments: [Argument], context: any Context) throws -> Value {
    let values: [any Sendable]
    do throws(ArgumentMatcher.Failure) {
      values = try match(arguments)
    } catch {
      throw error.error
    }
    context.willRun(self, with: arguments)
    return try body(context, values)
  }
}

/// The next converted argument with its type restored.
func take<Wanted>(
  _ next: inout IndexingIterator<[any Sendable]>, _ type: Wanted.Type
) throws -> Wanted {
  guard let value = next.next() as? Wanted else {
    throw CellError(.typeError, "an argument could not be converted to \(Wanted.self)")
  }
  return value
}
