/// Asks at which ports the kernel listens (deprecated since 5.1, and still asked).
package struct ConnectRequest: RequestContent {
  package static let type = "connect_request"
  package static let replyType: String? = "connect_reply"

  package init(_ content: JSONObject) throws(ContentError) {}
}

/// Says at which ports the kernel listens.
package struct ConnectReply: MessageContent {
  package static let type = "connect_reply"

  /// Where the kernel listens; of it only the ports are told.
  package var connection: ConnectionFile

  /// Makes an answer.
  package init(_ connection: ConnectionFile) {
    self.connection = connection
  }

  package var members: JSONObject {
    [
      "status": "ok", "shell_port": .integer(connection.shellPort),
      "iopub_port": .integer(connection.iopubPort),
      "stdin_port": .integer(connection.stdinPort),
      "control_port": .integer(connection.controlPort),
      "hb_port": .integer(connection.heartbeatPort),
    ]
  }
}
