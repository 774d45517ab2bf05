/// A question about earlier inputs.
public struct HistoryQuery: Sendable, Equatable {
  /// Which inputs are asked for.
  public enum Access: Sendable, Equatable {
    /// The last `count` inputs of all sessions.
    case tail(count: Int)
    /// Lines `start ..< stop` of a session; 0 is the running one, -1 the one before it.
    case range(session: Int, start: Int, stop: Int)
    /// The last `count` inputs that match a glob (`*`, `?`), each once when `unique`.
    case search(pattern: String, count: Int, unique: Bool)
  }

  /// Which inputs are asked for.
  public var access: Access
  /// Whether the results are wanted too.
  public var includesOutput: Bool

  /// Makes a question.
  public init(_ access: Access, includesOutput: Bool = false) {
    self.access = access
    self.includesOutput = includesOutput
  }
}

/// An earlier input.
public struct HistoryEntry: Sendable, Equatable {
  /// The number of its session.
  public var session: Int
  /// Its number in the session, which is its execution count.
  public var line: Int
  /// The code.
  public var input: String
  /// The plain text of its result, if it had one and it was asked for.
  public var output: String?

  /// Makes an entry.
  public init(session: Int, line: Int, input: String, output: String? = nil) {
    self.session = session
    self.line = line
    self.input = input
    self.output = output
  }
}
