/// Tells all clients what the kernel is doing.
package struct StatusMessage: MessageContent {
  package static let type = "status"

  /// What the kernel is doing.
  package enum State: String, Sendable {
    /// It has just started.
    case starting
    /// It works on the parent request.
    case busy
    /// The parent request is done, and nothing more will come of it.
    case idle
  }

  /// What the kernel is doing.
  package var state: State

  /// Makes a message.
  package init(_ state: State) {
    self.state = state
  }

  package var members: JSONObject { ["execution_state": .string(state.rawValue)] }
}

/// Greets a subscriber: from here on nothing is missed.
package struct WelcomeMessage: MessageContent {
  package static let type = "iopub_welcome"

  /// The topic that was subscribed to.
  package var subscription: String

  /// Makes a greeting.
  package init(subscription: String) {
    self.subscription = subscription
  }

  package var members: JSONObject { ["subscription": .string(subscription)] }
}

/// Shows all clients the code that runs.
package struct ExecuteInput: MessageContent {
  package static let type = "execute_input"

  /// The cell.
  package var code: String
  /// Its number.
  package var executionCount: Int

  /// Makes a message.
  package init(code: String, executionCount: Int) {
    self.code = code
    self.executionCount = executionCount
  }

  package var members: JSONObject {
    ["code": .string(code), "execution_count": .integer(executionCount)]
  }
}

/// Printed text.
package struct StreamMessage: MessageContent {
  package static let type = "stream"

  /// `stdout` or `stderr`.
  package var name: String
  /// The text.
  package var text: String

  /// Makes a message.
  package init(name: String, text: String) {
    self.name = name
    self.text = text
  }

  package var members: JSONObject { ["name": .string(name), "text": .string(text)] }
}

/// An output.
package struct DisplayData: MessageContent {
  package static let type = "display_data"

  /// The output.
  package var bundle: MIMEBundle
  /// The name under which it can be changed later.
  package var displayID: String?

  /// Makes a message.
  package init(_ bundle: MIMEBundle, displayID: String?) {
    self.bundle = bundle
    self.displayID = displayID
  }

  package var members: JSONObject {
    [
      "data": .object(bundle.data), "metadata": .object(bundle.metadata),
      "transient": .object(displayID.map { ["display_id": .string($0)] } ?? [:]),
    ]
  }
}

/// A new version of an output.
package struct UpdateDisplayData: MessageContent {
  package static let type = "update_display_data"

  /// The output.
  package var bundle: MIMEBundle
  /// The name under which it was shown.
  package var displayID: String

  /// Makes a message.
  package init(_ bundle: MIMEBundle, displayID: String) {
    self.bundle = bundle
    self.displayID = displayID
  }

  package var members: JSONObject {
    [
      "data": .object(bundle.data), "metadata": .object(bundle.metadata),
      "transient": ["display_id": .string(displayID)],
    ]
  }
}

/// The value of a cell.
package struct ExecuteResult: MessageContent {
  package static let type = "execute_result"

  /// The value.
  package var bundle: MIMEBundle
  /// The cell's number.
  package var executionCount: Int

  /// Makes a message.
  package init(_ bundle: MIMEBundle, executionCount: Int) {
    self.bundle = bundle
    self.executionCount = executionCount
  }

  package var members: JSONObject {
    [
      "execution_count": .integer(executionCount), "data": .object(bundle.data),
      "metadata": .object(bundle.metadata), "transient": [:],
    ]
  }
}

/// Clears the output of a cell.
package struct ClearOutput: MessageContent {
  package static let type = "clear_output"

  /// Whether to wait for the next output.
  package var wait: Bool

  /// Makes a message.
  package init(wait: Bool) {
    self.wait = wait
  }

  package var members: JSONObject { ["wait": .boolean(wait)] }
}
