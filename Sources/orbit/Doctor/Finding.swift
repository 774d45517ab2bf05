import JupyterProtocol

/// What a check found: a line of `orbit doctor`.
struct Finding {
  /// How grave it is.
  enum State: String {
    case ok
    /// Worth knowing, and no fault.
    case note
    case problem
  }

  /// What was looked at, in a word or two.
  let subject: String
  let state: State
  /// What was found, in a sentence without its full stop.
  let text: String
  /// What to do about it.
  let wayOut: String?

  static func ok(_ subject: String, _ text: String) -> Finding {
    Finding(subject: subject, state: .ok, text: text, wayOut: nil)
  }

  static func note(_ subject: String, _ text: String, wayOut: String? = nil) -> Finding {
    Finding(subject: subject, state: .note, text: text, wayOut: wayOut)
  }

  static func problem(_ subject: String, _ text: String, wayOut: String) -> Finding {
    Finding(subject: subject, state: .problem, text: text, wayOut: wayOut)
  }

  /// The finding as `orbit doctor --json` writes it.
  var json: JSONValue {
    [
      "subject": .string(subject), "state": .string(state.rawValue), "text": .string(text),
      "way_out": wayOut.map { .string($0) } ?? .null,
    ]
  }
}
