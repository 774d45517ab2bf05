extension Header {
  /// Reads a header.
  ///
  /// - Throws: `WireError.badHeader` when the bytes are no JSON object, or have no `msg_type` or `msg_id`.
  public init(parsing bytes: [UInt8]) throws(WireError) {
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue(parsing: bytes)
    } catch {
      throw .badHeader(error.description)
    }
    guard case .object(let object) = value else { throw .badHeader("not an object") }
    guard let type = object["msg_type"]?.text, !type.isEmpty else {
      throw .badHeader("no msg_type")
    }
    guard let messageID = object["msg_id"]?.text else { throw .badHeader("no msg_id") }
    self.init(
      messageID: messageID, session: object["session"]?.text ?? "",
      username: object["username"]?.text ?? "", date: object["date"]?.text ?? "", type: type,
      version: object["version"]?.text ?? "", subshellID: object["subshell_id"]?.text)
  }

  /// The header as JSON.
  public var serialized: [UInt8] {
    var object: JSONObject = [
      "msg_id": .string(messageID), "session": .string(session), "username": .string(username),
      "date": .string(date), "msg_type": .string(type), "version": .string(version),
    ]
    if let subshellID { object["subshell_id"] = .string(subshellID) }
    return object.serialized
  }
}
