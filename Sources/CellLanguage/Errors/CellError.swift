/// What went wrong in a cell, where, and what to do about it.
public struct CellError: Error, Sendable {
  /// The kinds of error that the language itself knows.
  public enum Kind: String, Sendable, CaseIterable {
    case syntaxError = "SyntaxError"
    case unknownName = "UnknownName"
    case typeError = "TypeError"
    case argumentError = "ArgumentError"
    case rangeError = "RangeError"
    case arithmeticError = "ArithmeticError"
    case limitExceeded = "LimitExceeded"
    case interrupted = "Interrupted"
    /// A command of the host threw an error of its own.
    case commandFailed = "CommandFailed"
  }

  /// A place in a cell's text.
  public struct Location: Sendable, Equatable {
    /// Where the place begins and ends, in unicode scalars from the start of the text.
    public let range: Range<Int>
    /// The line's number, from 1.
    public let line: Int
    /// The place's column in unicode scalars, from 1.
    public let column: Int
    /// The text of the line.
    public let lineText: String
    /// The cell's name, such as `In [3]`; empty if it has none.
    public let cell: String
  }

  /// A call of a function of the user's that the error passed through.
  public struct Frame: Sendable, Equatable {
    /// The function's name.
    public let function: String
    /// Where it was called.
    public let location: Location
  }

  /// The kind of the error.
  public let kind: Kind
  /// The name shown before the reason: the kind's, or the type of the host's own error.
  public let name: String
  /// The reason, a sentence without its full stop.
  public let reason: String
  /// What to do, such as `did you mean 'train'?`; nil when the reason says it.
  public let fix: String?
  /// The host's own error, if a command threw one.
  public let underlying: (any Error)?
  /// Where it happened; nil only for an error that no cell has caused.
  public internal(set) var location: Location?
  /// The calls of the user's functions it passed through, innermost first.
  public internal(set) var trace: [Frame] = []
  /// Whether the text ended where more was needed, so that more lines would make it whole.
  let endsEarly: Bool

  /// Makes an error without a place; the evaluator adds the place of the call that threw it.
  public init(
    _ kind: Kind, _ reason: String, fix: String? = nil, name: String? = nil,
    underlying: (any Error)? = nil
  ) {
    self.init(
      kind, reason, fix: fix, name: name, underlying: underlying, location: nil, endsEarly: false)
  }

  init(
    _ kind: Kind, _ reason: String, fix: String? = nil, name: String? = nil,
    underlying: (any Error)? = nil, location: Location?, endsEarly: Bool = false
  ) {
    self.kind = kind
    self.name = name ?? kind.rawValue
    self.reason = reason
    self.fix = fix
    self.underlying = underlying
    self.location = location
    self.endsEarly = endsEarly
  }

  /// The reason and what to do, in one line: `unknown name 'trian'; did you mean 'train'?`.
  public var message: String { fix.map { "\(reason); \($0)" } ?? reason }

  /// Wraps any error: a `CellError` stays itself, another keeps its type's name and its
  /// description.
  static func wrapping(_ error: any Error) -> CellError {
    switch error {
    case let error as CellError: error
    case let error as ConversionError:
      CellError(error.kind == .outside ? .rangeError : .typeError, error.reason, fix: error.fix)
    default:
      CellError(
        .commandFailed, String(describing: error), name: String(describing: type(of: error)),
        underlying: error)
    }
  }

  /// The same error with a place, unless it has one already.
  func located(at location: @autoclosure () -> Location) -> CellError {
    guard self.location == nil else { return self }
    var copy = self
    copy.location = location()
    return copy
  }
}

extension CellError: CustomStringConvertible {
  /// Name, message and line.
  public var description: String {
    "\(name): \(message)" + (location.map { " (line \($0.line), column \($0.column))" } ?? "")
  }
}
