import JupyterProtocol

/// The one question to the person that may be open at a time, and its answer.
final class InputExchange: Sendable {
  private enum State {
    case closed
    case asked(question: String, identities: [[UInt8]])
    case answered(String)
    case interrupted
  }

  private let state = Monitor(State.closed)

  /// Asks and waits.
  ///
  /// - Parameters:
  ///   - question: the identifier of the `input_request`.
  ///   - identities: whose answer counts.
  ///   - send: sends the question; called once answers are awaited, so that none is missed.
  /// - Returns: the answer, or `nil` after an interrupt.
  func ask(question: String, identities: [[UInt8]], send: () -> Void) -> String? {
    state.withLock { $0 = .asked(question: question, identities: identities) }
    send()
    let answer = state.wait { state -> Optional<String?> in
      switch state {
      case .closed, .asked: return .none
      case .interrupted:
        state = .closed
        return .some(nil)
      case .answered(let answer):
        state = .closed
        return .some(answer)
      }
    }
    return answer ?? nil
  }

  /// Takes an answer; one that nobody waits for is dropped.
  ///
  /// - Parameter question: what the answer names as its parent; front ends may leave it out.
  func answer(_ text: String, identities: [[UInt8]], question: String?) {
    state.change { state in
      guard case .asked(let asked, let expected) = state, identities == expected else { return }
      if let question, !question.isEmpty, question != asked { return }
      state = .answered(text)
    }
  }

  /// Ends the wait without an answer.
  func interrupt() {
    state.change { state in
      if case .asked = state { state = .interrupted }
    }
  }
}
