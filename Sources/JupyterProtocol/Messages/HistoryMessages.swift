/// Asks for earlier inputs.
package struct HistoryRequest: RequestContent {
  package static let type = "history_request"
  package static let replyType: String? = "history_reply"

  /// Which inputs are asked for.
  package enum Access: Sendable, Equatable {
    /// The last `count` inputs.
    case tail(count: Int)
    /// Lines `start ..< stop` of a session.
    case range(session: Int, start: Int, stop: Int)
    /// The last `count` inputs that match a glob.
    case search(pattern: String, count: Int, unique: Bool)
  }

  /// Which inputs are asked for.
  package var access: Access
  /// Whether results are wanted too.
  package var includesOutput: Bool

  package init(_ content: JSONObject) throws(ContentError) {
    let fields = Fields(type: Self.type, content: content)
    includesOutput = try fields.truth("output", default: false)
    let count = max(try fields.whole("n") ?? .max, 0)
    switch try fields.text("hist_access_type") {
    case "tail":
      access = .tail(count: count)
    case "range":
      access = .range(
        session: try fields.whole("session") ?? 0, start: try fields.whole("start") ?? 0,
        stop: try fields.whole("stop") ?? .max)
    case "search":
      access = .search(
        pattern: try fields.text("pattern", default: "*"), count: count,
        unique: try fields.truth("unique", default: false))
    default:
      throw ContentError(
        messageType: Self.type, field: "hist_access_type", expected: "tail, range or search")
    }
  }
}

/// Gives earlier inputs.
package struct HistoryReply: MessageContent {
  package static let type = "history_reply"

  /// One earlier input.
  package struct Entry: Sendable {
    /// The number of its session.
    package var session: Int
    /// Its number in the session.
    package var line: Int
    /// The code.
    package var input: String
    /// The plain text of its result, if there was one.
    package var output: String?

    /// Makes an entry.
    package init(session: Int, line: Int, input: String, output: String?) {
      self.session = session
      self.line = line
      self.input = input
      self.output = output
    }
  }

  /// The inputs, oldest first.
  package var entries: [Entry]
  /// Whether results are given too.
  package var includesOutput: Bool

  /// Makes an answer.
  package init(entries: [Entry], includesOutput: Bool) {
    self.entries = entries
    self.includesOutput = includesOutput
  }

  package var members: JSONObject {
    let history = entries.map { entry -> JSONValue in
      let input = JSONValue.string(entry.input)
      let output = entry.output.map { JSONValue.string($0) } ?? .null
      return [
        .integer(entry.session), .integer(entry.line), includesOutput ? [input, output] : input,
      ]
    }
    return ["status": "ok", "history": .array(history)]
  }
}
