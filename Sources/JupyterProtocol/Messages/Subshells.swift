/// Opens a subshell: a second line for shell requests beside the main one (JEP 91).
package struct CreateSubshellRequest: RequestContent {
  package static let type = "create_subshell_request"
  package static let replyType: String? = "create_subshell_reply"

  package init(_ content: JSONObject) throws(ContentError) {}
}

/// Says under which identifier the new subshell is reached.
package struct CreateSubshellReply: MessageContent {
  package static let type = "create_subshell_reply"

  /// The identifier that headers name.
  package var subshellID: String

  /// Makes an answer.
  package init(subshellID: String) {
    self.subshellID = subshellID
  }

  package var members: JSONObject { ["status": "ok", "subshell_id": .string(subshellID)] }
}

/// Ends a subshell.
package struct DeleteSubshellRequest: RequestContent {
  package static let type = "delete_subshell_request"
  package static let replyType: String? = "delete_subshell_reply"

  /// The subshell.
  package var subshellID: String

  package init(_ content: JSONObject) throws(ContentError) {
    subshellID = try Fields(type: Self.type, content: content).text("subshell_id")
  }
}

/// Says that a subshell has ended.
package struct DeleteSubshellReply: MessageContent {
  package static let type = "delete_subshell_reply"

  /// Makes an answer.
  package init() {}

  package var members: JSONObject { ["status": "ok"] }
}

/// Asks which subshells there are.
package struct ListSubshellRequest: RequestContent {
  package static let type = "list_subshell_request"
  package static let replyType: String? = "list_subshell_reply"

  package init(_ content: JSONObject) throws(ContentError) {}
}

/// Says which subshells there are; the main shell is none.
package struct ListSubshellReply: MessageContent {
  package static let type = "list_subshell_reply"

  /// The identifiers, oldest first.
  package var subshellIDs: [String]

  /// Makes an answer.
  package init(subshellIDs: [String]) {
    self.subshellIDs = subshellIDs
  }

  package var members: JSONObject {
    // The specification uses the singular for the list, too.
    ["status": "ok", "subshell_id": .array(subshellIDs.map { .string($0) })]
  }
}
