/// Asks which comms are open.
package struct CommInfoRequest: RequestContent {
  package static let type = "comm_info_request"
  package static let replyType: String? = "comm_info_reply"

  package init(_ content: JSONObject) throws(ContentError) {}
}

/// Says which comms are open; no target is registered, so there are none.
package struct CommInfoReply: MessageContent {
  package static let type = "comm_info_reply"

  /// Makes an answer.
  package init() {}

  package var members: JSONObject { ["status": "ok", "comms": [:]] }
}

/// Opens a comm to a target.
package struct CommOpen: RequestContent {
  package static let type = "comm_open"
  package static let replyType: String? = nil

  /// The comm's identifier.
  package var commID: String
  /// What it is opened to.
  package var target: String

  package init(_ content: JSONObject) throws(ContentError) {
    let fields = Fields(type: Self.type, content: content)
    commID = try fields.text("comm_id")
    target = try fields.text("target_name", default: "")
  }
}

/// Sends data through a comm.
package struct CommMessage: RequestContent {
  package static let type = "comm_msg"
  package static let replyType: String? = nil

  /// The comm's identifier.
  package var commID: String

  package init(_ content: JSONObject) throws(ContentError) {
    commID = try Fields(type: Self.type, content: content).text("comm_id")
  }
}

/// Closes a comm; both sides send it.
package struct CommClose: RequestContent, MessageContent {
  package static let type = "comm_close"
  package static let replyType: String? = nil

  /// The comm's identifier.
  package var commID: String

  package init(_ content: JSONObject) throws(ContentError) {
    commID = try Fields(type: Self.type, content: content).text("comm_id")
  }

  /// Makes a message that closes a comm.
  package init(commID: String) {
    self.commID = commID
  }

  package var members: JSONObject { ["comm_id": .string(commID), "data": [:]] }
}
