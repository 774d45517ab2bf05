/// Asks what could stand at an offset.
package struct CompleteRequest: RequestContent {
  package static let type = "complete_request"
  package static let replyType: String? = "complete_reply"

  /// The code.
  package var code: String
  /// The offset in Unicode scalars, clamped to the code.
  package var cursor: Int

  package init(_ content: JSONObject) throws(ContentError) {
    let fields = Fields(type: Self.type, content: content)
    code = try fields.text("code")
    cursor = clamped(try fields.whole("cursor_pos"), to: code)
  }
}

/// Proposes what could stand at an offset.
package struct CompleteReply: MessageContent {
  package static let type = "complete_reply"

  /// One proposal with what JupyterLab shows beside it.
  package struct Match: Sendable {
    /// The text that replaces the range.
    package var text: String
    /// What it is.
    package var type: String
    /// Its signature, or nothing.
    package var signature: String

    /// Makes a proposal.
    package init(text: String, type: String, signature: String) {
      self.text = text
      self.type = type
      self.signature = signature
    }
  }

  /// The proposals.
  package var matches: [Match]
  /// Where the replaced range starts, in Unicode scalars.
  package var start: Int
  /// Where the replaced range ends, in Unicode scalars.
  package var end: Int

  /// Makes an answer.
  package init(matches: [Match], start: Int, end: Int) {
    self.matches = matches
    self.start = start
    self.end = end
  }

  package var members: JSONObject {
    // JupyterLab pairs this list with `matches` by index.
    let types: [JSONValue] = matches.map { match in
      [
        "start": .integer(start), "end": .integer(end), "text": .string(match.text),
        "type": .string(match.type), "signature": .string(match.signature),
      ]
    }
    return [
      "status": "ok", "matches": .array(matches.map { .string($0.text) }),
      "cursor_start": .integer(start), "cursor_end": .integer(end),
      "metadata": ["_jupyter_types_experimental": .array(types)],
    ]
  }
}

/// Asks what the name at an offset means.
package struct InspectRequest: RequestContent {
  package static let type = "inspect_request"
  package static let replyType: String? = "inspect_reply"

  /// The code.
  package var code: String
  /// The offset in Unicode scalars, clamped to the code.
  package var cursor: Int
  /// 0 for the short form, 1 for everything.
  package var detail: Int

  package init(_ content: JSONObject) throws(ContentError) {
    let fields = Fields(type: Self.type, content: content)
    code = try fields.text("code")
    cursor = clamped(try fields.whole("cursor_pos"), to: code)
    detail = min(max(try fields.whole("detail_level") ?? 0, 0), 1)
  }
}

/// Says what the name at an offset means.
package struct InspectReply: MessageContent {
  package static let type = "inspect_reply"

  /// The description, or `nil` when there is none.
  package var description: MIMEBundle?

  /// Makes an answer.
  package init(_ description: MIMEBundle?) {
    self.description = description
  }

  package var members: JSONObject {
    [
      "status": "ok", "found": .boolean(description != nil),
      "data": .object(description?.data ?? [:]), "metadata": .object(description?.metadata ?? [:]),
    ]
  }
}

/// Asks whether code can run as it stands.
package struct IsCompleteRequest: RequestContent {
  package static let type = "is_complete_request"
  package static let replyType: String? = "is_complete_reply"

  /// The code.
  package var code: String

  package init(_ content: JSONObject) throws(ContentError) {
    code = try Fields(type: Self.type, content: content).text("code")
  }
}

/// Says whether code can run as it stands.
package struct IsCompleteReply: MessageContent {
  package static let type = "is_complete_reply"

  /// `complete`, `incomplete`, `invalid` or `unknown`.
  package var status: String
  /// The start of the next line, when the code is incomplete.
  package var indentation: String?

  /// Makes an answer.
  package init(status: String, indentation: String? = nil) {
    self.status = status
    self.indentation = indentation
  }

  package var members: JSONObject {
    var members: JSONObject = ["status": .string(status)]
    if let indentation { members["indent"] = .string(indentation) }
    return members
  }
}

/// An offset within the code: the end when none was given, else moved to the nearest valid one.
private func clamped(_ offset: Int?, to code: String) -> Int {
  let count = code.unicodeScalars.count
  return min(max(offset ?? count, 0), count)
}
