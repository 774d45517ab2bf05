/// Who sent a message, when, and of which type.
public struct Header: Sendable, Equatable {
  /// The message's own identifier.
  public var messageID: String
  /// The sender's session; the kernel's own is made anew for every process.
  public var session: String
  /// The sender's user name.
  public var username: String
  /// The moment of sending, ISO 8601 with zone; empty when the sender gave none.
  public var date: String
  /// The message type as written on the wire, for example `execute_request`.
  public var type: String
  /// The protocol version that the sender speaks.
  public var version: String
  /// The subshell that a shell request is for, if any.
  public var subshellID: String?

  /// Makes a header.
  public init(
    messageID: String, session: String, username: String = "orbit", date: String, type: String,
    version: String = ProtocolVersion.current, subshellID: String? = nil
  ) {
    self.messageID = messageID
    self.session = session
    self.username = username
    self.date = date
    self.type = type
    self.version = version
    self.subshellID = subshellID
  }
}
