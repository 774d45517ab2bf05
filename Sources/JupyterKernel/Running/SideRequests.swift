import JupyterProtocol

/// Answers read-only questions on a thread of its own, also while a cell runs.
final class SideRequests: Sendable {
  private struct State {
    var waiting: [(any RequestContent, Origin)] = []
    var isClosed = false
  }

  private let interpreter: any Interpreter
  private let publisher: Publisher
  private let state = Monitor(State())

  init(interpreter: any Interpreter, publisher: Publisher) {
    self.interpreter = interpreter
    self.publisher = publisher
  }

  /// Appends a question.
  func append(_ request: any RequestContent, _ origin: Origin) {
    state.change { $0.waiting.append((request, origin)) }
  }

  /// Ends the thread once it is done with the question at hand.
  func close() {
    state.change { $0.isClosed = true }
  }

  /// The life of the thread.
  func run() {
    while let (request, origin) = next() {
      publisher.busy(origin)
      answer(request, origin)
      publisher.idle(origin)
    }
  }

  private func next() -> (any RequestContent, Origin)? {
    // The outer optional says whether to go on waiting, the inner one whether there is a question.
    let next = state.wait { state -> Optional<(any RequestContent, Origin)?> in
      if state.isClosed { return .some(nil) }
      if state.waiting.isEmpty { return .none }
      return .some(state.waiting.removeFirst())
    }
    return next ?? nil
  }

  private func answer(_ request: any RequestContent, _ origin: Origin) {
    switch request {
    case let request as CompleteRequest:
      let completion = interpreter.complete(request.code, at: request.cursor)
      let matches = completion.candidates.map { candidate in
        CompleteReply.Match(
          text: candidate.text, type: candidate.type, signature: candidate.signature ?? "")
      }
      publisher.reply(
        CompleteReply(matches: matches, start: completion.start, end: completion.end), to: origin)
    case let request as InspectRequest:
      let description = interpreter.inspect(
        request.code, at: request.cursor, detail: request.detail)
      publisher.reply(InspectReply(description), to: origin)
    case let request as IsCompleteRequest:
      publisher.reply(IsCompleteReply(interpreter.completeness(of: request.code)), to: origin)
    case let request as HistoryRequest:
      let query = HistoryQuery(request.access.query, includesOutput: request.includesOutput)
      let entries = interpreter.history(query).map { entry in
        HistoryReply.Entry(
          session: entry.session, line: entry.line, input: entry.input, output: entry.output)
      }
      publisher.reply(
        HistoryReply(entries: entries, includesOutput: request.includesOutput), to: origin)
    default:
      break
    }
  }
}

extension HistoryRequest.Access {
  fileprivate var query: HistoryQuery.Access {
    switch self {
    case .tail(let count): .tail(count: count)
    case .range(let session, let start, let stop):
      .range(session: session, start: start, stop: stop)
    case .search(let pattern, let count, let unique):
      .search(pattern: pattern, count: count, unique: unique)
    }
  }
}

extension IsCompleteReply {
  fileprivate init(_ completeness: Completeness) {
    switch completeness {
    case .complete: self.init(status: "complete")
    case .incomplete(let indentation):
      self.init(status: "incomplete", indentation: indentation)
    case .invalid: self.init(status: "invalid")
    case .unknown: self.init(status: "unknown")
    }
  }
}
