public import JupyterProtocol

/// An error of a cell, as front ends show it.
public struct CellError: Error, Sendable, Equatable {
  /// The kind of error in one word.
  public var name: String
  /// The error in a sentence.
  public var value: String
  /// The lines to show: place, caret, reason; may use ANSI colours.
  public var traceback: [String]

  /// Makes an error.
  public init(name: String, value: String, traceback: [String]) {
    self.name = name
    self.value = value
    self.traceback = traceback
  }
}

/// How a cell ended.
public enum ExecutionOutcome: Sendable, Equatable {
  /// It ran to its end; the payload asks the front end for something more.
  case success(payload: [Payload] = [])
  /// It failed.
  case failure(CellError)
  /// It was interrupted and left everything in a state to go on from; the error says where.
  case interrupted(CellError)
}

/// The value of a user expression.
public enum ExpressionOutcome: Sendable, Equatable {
  /// It has a value.
  case value(MIMEBundle)
  /// It failed.
  case failure(CellError)
}

/// What an execute reply asks of the front end.
public enum Payload: Sendable, Equatable {
  /// Show a document in the pager, from a line on.
  case page(MIMEBundle, start: Int = 0)
  /// Put code into the next cell, or with `replace` into this one.
  case setNextInput(String, replace: Bool = false)
  /// Leave: end a console, and its kernel with it unless that is to be kept.
  case askExit(keepKernel: Bool)
}

/// Proposals for an offset in the code.
public struct Completion: Sendable, Equatable {
  /// One proposal.
  public struct Candidate: Sendable, Equatable {
    /// The text that replaces the range.
    public var text: String
    /// What kind of thing it is.
    ///
    /// Front ends know `function`, `class`, `instance`, `keyword`, `param`, `property`, `module`.
    public var type: String
    /// Its signature, if it has one.
    public var signature: String?

    /// Makes a proposal.
    public init(text: String, type: String, signature: String? = nil) {
      self.text = text
      self.type = type
      self.signature = signature
    }
  }

  /// The proposals, best first.
  public var candidates: [Candidate]
  /// Where the replaced range starts, in Unicode scalars.
  public var start: Int
  /// Where the replaced range ends, in Unicode scalars.
  public var end: Int

  /// Makes proposals for a range.
  public init(candidates: [Candidate], start: Int, end: Int) {
    self.candidates = candidates
    self.start = start
    self.end = end
  }
}

/// Whether code can run as it stands.
public enum Completeness: Sendable, Equatable {
  /// It can.
  case complete
  /// More is needed; the next line starts with the indentation.
  case incomplete(indentation: String)
  /// No continuation makes it right.
  case invalid
  /// Nobody can tell.
  case unknown
}
