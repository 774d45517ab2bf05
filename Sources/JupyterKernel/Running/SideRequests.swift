import JupyterProtocol

/// Answers read-only questions, and whatever else must not wait for a cell, on a thread of its own.
final class SideRequests: Sendable {
  private enum Work: Sendable {
    case question(any RequestContent)
    /// Something that may take long and publish.
    case body(@Sendable () -> Void)
  }

  private struct State {
    var waiting: [(origin: Origin, work: Work)] = []
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
    state.change { $0.waiting.append((origin, .question(request))) }
  }

  /// Appends something that is to be done in its turn.
  func append(_ origin: Origin, _ body: @escaping @Sendable () -> Void) {
    state.change { $0.waiting.append((origin, .body(body))) }
  }

  /// Ends the thread once it is done with the question at hand, or with `finishing` all that wait.
  func close(finishing: Bool = false) {
    state.change { state in
      state.isClosed = true
      if !finishing { state.waiting = [] }
    }
  }

  /// Starts the thread.
  ///
  /// - Parameter prepare: what it does first.
  /// - Returns: whether the system had a thread to give.
  @discardableResult
  func start(name: String, _ prepare: @escaping @Sendable () -> Void) -> Bool {
    KernelThread.start(name: name, stackSize: 64 << 20) { [self] in
      prepare()
      run()
    }
  }

  private func run() {
    while let (origin, work) = next() {
      switch work {
      case .question(let request):
        if let reply = answer(request) { publisher.answer(origin, with: reply) }
      case .body(let body):
        publisher.busy(origin)
        body()
        publisher.idle(origin)
      }
    }
  }

  private func next() -> (origin: Origin, work: Work)? {
    // The outer optional says whether to go on waiting, the inner one whether there is a question.
    let next = state.wait { state -> Optional<(origin: Origin, work: Work)?> in
      if !state.waiting.isEmpty { return .some(state.waiting.removeFirst()) }
      return state.isClosed ? .some(nil) : .none
    }
    return next ?? nil
  }

  private func answer(_ request: any RequestContent) -> (any MessageContent)? {
    switch request {
    case let request as CompleteRequest:
      let completion = interpreter.complete(request.code, at: request.cursor)
      let matches = completion.candidates.map { candidate in
        CompleteReply.Match(
          text: candidate.text, type: candidate.type, signature: candidate.signature ?? "")
      }
      return CompleteReply(matches: matches, start: completion.start, end: completion.end)
    case let request as InspectRequest:
      return InspectReply(
        interpreter.inspect(request.code, at: request.cursor, detail: request.detail))
    case let request as IsCompleteRequest:
      return IsCompleteReply(interpreter.completeness(of: request.code))
    case let request as HistoryRequest:
      let query = HistoryQuery(request.access.query, includesOutput: request.includesOutput)
      let entries = interpreter.history(query).map { entry in
        HistoryReply.Entry(
          session: entry.session, line: entry.line, input: entry.input, output: entry.output)
      }
      return HistoryReply(entries: entries, includesOutput: request.includesOutput)
    default: return nil
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
