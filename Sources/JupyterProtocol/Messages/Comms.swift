/// Asks which comms are open.
package struct CommInfoRequest: RequestContent {
  package static let type = "comm_info_request"
  package static let replyType: String? = "comm_info_reply"

  /// Whose comms are asked for; all when `nil`.
  package var target: String?

  package init(_ content: JSONObject) throws(ContentError) {
    let target = try Fields(type: Self.type, content: content).text("target_name", default: "")
    self.target = target.isEmpty ? nil : target
  }
}

/// Says which comms are open.
package struct CommInfoReply: MessageContent {
  package static let type = "comm_info_reply"

  /// The comms and what each is open to.
  package var comms: [(id: String, target: String)]

  /// Makes an answer.
  package init(comms: [(id: String, target: String)]) {
    self.comms = comms
  }

  package var members: JSONObject {
    let members = comms.map { comm in
      JSONObject.Member(key: comm.id, value: ["target_name": .string(comm.target)])
    }
    return ["status": "ok", "comms": .object(JSONObject(members))]
  }
}

/// A message through a comm; the kernel and its front ends send the same three.
package protocol CommContent: RequestContent, MessageContent {
  /// The comm's identifier.
  var commID: String { get }
  /// What is said.
  var data: JSONObject { get }
}

extension CommContent {
  /// Nobody answers a comm message; whoever has something to say sends one of its own.
  package static var replyType: String? { nil }
}

/// Opens a comm to a target.
package struct CommOpen: CommContent {
  package static let type = "comm_open"

  package var commID: String
  package var data: JSONObject
  /// What it is opened to.
  package var target: String

  package init(_ content: JSONObject) throws(ContentError) {
    let fields = Fields(type: Self.type, content: content)
    commID = try fields.text("comm_id")
    data = try fields.object("data")
    target = try fields.text("target_name", default: "")
  }

  /// Makes a message that opens a comm.
  package init(commID: String, target: String, data: JSONObject) {
    self.commID = commID
    self.target = target
    self.data = data
  }

  package var members: JSONObject {
    ["comm_id": .string(commID), "target_name": .string(target), "data": .object(data)]
  }
}

/// Sends data through a comm.
package struct CommMessage: CommContent {
  package static let type = "comm_msg"

  package var commID: String
  package var data: JSONObject

  package init(_ content: JSONObject) throws(ContentError) {
    let fields = Fields(type: Self.type, content: content)
    commID = try fields.text("comm_id")
    data = try fields.object("data")
  }

  /// Makes a message through a comm.
  package init(commID: String, data: JSONObject) {
    self.commID = commID
    self.data = data
  }

  package var members: JSONObject { ["comm_id": .string(commID), "data": .object(data)] }
}

/// Closes a comm.
package struct CommClose: CommContent {
  package static let type = "comm_close"

  package var commID: String
  package var data: JSONObject

  package init(_ content: JSONObject) throws(ContentError) {
    let fields = Fields(type: Self.type, content: content)
    commID = try fields.text("comm_id")
    data = try fields.object("data")
  }

  /// Makes a message that closes a comm.
  package init(commID: String, data: JSONObject = [:]) {
    self.commID = commID
    self.data = data
  }

  package var members: JSONObject { ["comm_id": .string(commID), "data": .object(data)] }
}
