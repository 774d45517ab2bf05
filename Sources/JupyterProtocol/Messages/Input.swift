/// Asks the person for a line of text.
package struct InputRequest: MessageContent {
  package static let type = "input_request"

  /// What is asked.
  package var prompt: String
  /// Whether the answer is hidden while typed.
  package var password: Bool

  /// Makes a question.
  package init(prompt: String, password: Bool) {
    self.prompt = prompt
    self.password = password
  }

  package var members: JSONObject {
    ["prompt": .string(prompt), "password": .boolean(password)]
  }
}

/// Gives the line that the person typed.
package struct InputReply: RequestContent {
  package static let type = "input_reply"
  package static let replyType: String? = nil

  /// The line.
  package var value: String

  package init(_ content: JSONObject) throws(ContentError) {
    value = try Fields(type: Self.type, content: content).text("value", default: "")
  }
}
