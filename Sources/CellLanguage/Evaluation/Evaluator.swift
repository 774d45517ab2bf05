import Synchronization

/// Runs cells against a vocabulary and keeps the names they declare.
///
/// One a workspace. The evaluation thread calls `run`; other threads may read `names` at any time.
///
/// Cells mean what Swift means by them, with these differences, which a notebook needs or a language
/// without types brings with it:
/// - A bare assignment to a new name declares a variable: of the workspace, or of the function it
///   stands in. `let` and `var` at the top of a cell declare a name anew when the cell runs again.
/// - A whole number and a number together give a number; two whole numbers stay whole (`7 / 2` is 3).
/// - Type annotations are checked for `Int`, `Double`, `Float`, `Bool`, `String`, arrays, dictionaries,
///   optionals, tuples and functions; another name must be the type of a host object. A whole number
///   declared as `Double` becomes a number.
/// - Labelled arguments may come in any order.
/// - The key that a dictionary lacks gives `nil`; `d["k"]!` throws, and so does what Swift would trap on.
/// - An assignment such as `d["k"][0] = 1` needs no `!` or `?` after the key, which must be there.
/// - A string's elements are strings of one character; a dictionary keeps its order.
/// - `try` and `await` mean nothing. A `switch` without a fitting case and without `default` throws.
public final class Evaluator: Sendable {
  /// The words that cells may use.
  public let vocabulary: Vocabulary
  /// How much a cell may use of everything.
  public let limits: Limits

  let table: Mutex<NameTable>
  /// How many calls of functions are under way.
  let depth = Atomic<Int>(0)
  /// How many steps were taken since the evaluator was made.
  let steps = Atomic<UInt64>(0)
  let stack = StackGuard()

  /// Makes an evaluator without any names.
  public init(vocabulary: Vocabulary, limits: Limits = Limits()) {
    self.vocabulary = vocabulary
    self.limits = limits
    table = Mutex(NameTable())
  }

  /// The names that cells have declared, in order: a snapshot.
  public var names: NameTable { table.withLock { $0 } }

  /// The value of a name, or nil.
  public func value(named name: String) -> Value? { table.withLock { $0[name] } }

  /// Declares a name or replaces its value.
  public func set(_ name: String, to value: Value, isConstant: Bool = false) {
    table.withLock { $0.declare(name, value, isConstant: isConstant) }
  }

  /// Forgets a name.
  public func remove(_ name: String) {
    table.withLock { $0.remove(name) }
  }

  /// The names that were declared, changed or forgotten since this was last asked, and all names as they are.
  public func takeChanges() -> (changed: Set<String>, names: NameTable) {
    table.withLock { table in (table.takeChanges(), table) }
  }

  /// Computes a value of its text: an expression, also one that has a meaning as an argument only, or the
  /// declaration of a function, which declares nothing.
  ///
  /// - Throws: `CellError`.
  public func value(ofText text: String, named name: String = "", context: any Context)
    throws(CellError) -> Value
  {
    guard text.hasPrefix("func") else {
      guard case .array(let elements) = try value(of: "[\(text)]", context: context),
        let value = elements.first
      else { throw CellError(.syntaxError, "there is no expression") }
      return value
    }
    let before = names
    defer { table.withLock { $0 = before } }
    try run(text, context: context)
    return value(named: name) ?? .none
  }

  /// Declares a name whose value is known already to whoever asks for changes.
  public func restore(_ name: String, to value: Value, isConstant: Bool) {
    table.withLock { $0.declare(name, value, isConstant: isConstant, isNews: false) }
  }

  /// What a cell gave.
  public struct Outcome: Sendable {
    /// The value of the last statement, if it is an expression; otherwise none.
    public let value: Value
    /// Whether the last statement is an expression, so that its value is the cell's result.
    public let isExpression: Bool
  }

  /// Parses and runs the text of a cell.
  ///
  /// Names declared before an error stay declared, as in any notebook.
  /// - Parameters:
  ///   - cell: the cell's name for error messages, such as `In [3]`.
  /// - Throws: `CellError`.
  @discardableResult
  public func run(_ text: String, cell: String = "", context: any Context) throws(CellError)
    -> Outcome
  {
    try run(Program(text, cell: cell, limits: limits), context: context)
  }

  /// Computes an expression.
  ///
  /// - Throws: `CellError`; a syntax error when the text is anything but one expression.
  public func value(of expression: String, context: any Context) throws(CellError) -> Value {
    let program = try Program(expression, limits: limits)
    guard program.isExpression else {
      throw CellError(
        .syntaxError,
        program.statements.isEmpty
          ? "there is no expression" : "only an expression has a value here",
        fix: program.statements.isEmpty ? nil : "declare and assign in a cell")
    }
    return try run(program, context: context).value
  }

  /// Runs a program.
  ///
  /// - Throws: `CellError`.
  @discardableResult
  public func run(_ program: Program, context: any Context) throws(CellError) -> Outcome {
    stack.begin(bytes: limits.stackBytes)
    let interpretation = Interpretation(evaluator: self, context: context, source: program.source)
    var outcome = Outcome(value: .none, isExpression: false)
    for statement in program.statements {
      switch try interpretation.run(statement, in: nil) {
      case .value(let value): outcome = Outcome(value: value, isExpression: true)
      case .done, .leave, .goOn, .giveBack: outcome = Outcome(value: .none, isExpression: false)
      }
    }
    return outcome
  }
}
