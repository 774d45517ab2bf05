/// Runs a cell.
package struct ExecuteRequest: RequestContent {
  package static let type = "execute_request"
  package static let replyType: String? = "execute_reply"

  /// The cell.
  package var code: String
  /// Run without leaving a trace.
  package var silent: Bool
  /// Count the cell and remember its input; never true when silent.
  package var storesHistory: Bool
  /// Expressions to compute after the cell, by name.
  package var userExpressions: [(name: String, expression: String)]
  /// Whether the front end can be asked for input.
  package var allowsInput: Bool
  /// Whether an error drops the executions that are queued behind this one.
  package var stopsOnError: Bool

  package init(_ content: JSONObject) throws(ContentError) {
    let fields = Fields(type: Self.type, content: content)
    code = try fields.text("code")
    silent = try fields.truth("silent", default: false)
    storesHistory = try fields.truth("store_history", default: !silent) && !silent
    allowsInput = try fields.truth("allow_stdin", default: true)
    stopsOnError = try fields.truth("stop_on_error", default: true)
    userExpressions = []
    for member in try fields.object("user_expressions").members {
      guard let expression = member.value.text else {
        throw ContentError(
          messageType: Self.type, field: "user_expressions.\(member.key)", expected: "a string")
      }
      userExpressions.append((member.key, expression))
    }
  }
}

/// Says how a cell ended.
package struct ExecuteReply: MessageContent {
  package static let type = "execute_reply"

  /// How a cell ended.
  package enum Status: Sendable {
    /// Well, with payload and user expressions.
    case ok(payload: [JSONValue], userExpressions: JSONObject)
    /// With an error.
    case error(ErrorContent)
    /// Not at all: an earlier cell failed.
    case aborted
  }

  /// How the cell ended.
  package var status: Status
  /// The cell's number.
  package var executionCount: Int

  /// Makes an answer.
  package init(status: Status, executionCount: Int) {
    self.status = status
    self.executionCount = executionCount
  }

  package var members: JSONObject {
    switch status {
    case .ok(let payload, let userExpressions):
      return [
        "status": "ok", "execution_count": .integer(executionCount), "payload": .array(payload),
        "user_expressions": .object(userExpressions),
      ]
    case .error(let error):
      var members = error.failedReply
      members["execution_count"] = .integer(executionCount)
      members["payload"] = []
      members["user_expressions"] = [:]
      return members
    case .aborted:
      // Front ends leave a cell running for ever when the count is missing here.
      return ["status": "aborted", "execution_count": .integer(executionCount)]
    }
  }
}

/// The error of a cell, or of a request that was not understood.
package struct ErrorContent: MessageContent, Equatable {
  package static let type = "error"

  /// The kind of error in one word.
  package var name: String
  /// The error in a sentence.
  package var value: String
  /// The lines to show.
  package var traceback: [String]

  /// Makes an error.
  package init(name: String, value: String, traceback: [String]) {
    self.name = name
    self.value = value
    self.traceback = traceback
  }

  package var members: JSONObject {
    [
      "ename": .string(name), "evalue": .string(value),
      "traceback": .array(traceback.map { .string($0) }),
    ]
  }

  /// The members of any reply that reports this error.
  package var failedReply: JSONObject {
    JSONObject([JSONObject.Member(key: "status", value: "error")] + members.members)
  }
}

/// Any reply that reports an error instead of an answer.
package struct FailedReply: MessageContent {
  package static let type = "error_reply"

  /// The name of the reply's type.
  package let type: String
  /// The error.
  package let error: ErrorContent

  /// Makes an answer.
  package init(error: ErrorContent, replyType: String) {
    self.error = error
    type = replyType
  }

  package var members: JSONObject { error.failedReply }
}
