/// The content of a message that a client sends.
package protocol RequestContent: Sendable {
  /// The name of the message type.
  static var type: String { get }
  /// The name of the answer's type; `nil` when there is no answer.
  static var replyType: String? { get }
  /// Reads the content.
  ///
  /// - Throws: `ContentError` when a field is missing or has the wrong type.
  init(_ content: JSONObject) throws(ContentError)
}

/// The content of a message that a kernel sends.
package protocol MessageContent: Sendable {
  /// The name of the message type.
  static var type: String { get }
  /// The name of this message's type; another than the static one only in `FailedReply`.
  var type: String { get }
  /// The members of the content.
  var members: JSONObject { get }
}

extension MessageContent {
  package var type: String { Self.type }
}

/// The one table of the messages that clients send: a message is one struct and one row here.
package enum MessageTable {
  /// Every message type that the kernel knows.
  package static let requests: [any RequestContent.Type] = [
    ExecuteRequest.self, CompleteRequest.self, InspectRequest.self, IsCompleteRequest.self,
    HistoryRequest.self, KernelInfoRequest.self, CommInfoRequest.self, CommOpen.self,
    CommMessage.self, CommClose.self, InterruptRequest.self, ShutdownRequest.self,
    UsageRequest.self, InputReply.self, ConnectRequest.self, CreateSubshellRequest.self,
    DeleteSubshellRequest.self, ListSubshellRequest.self,
  ]

  private static let byName = Dictionary(
    requests.map { ($0.type, $0) }, uniquingKeysWith: { first, _ in first })

  /// The row of a type name, or `nil` when the type is unknown.
  package static func row(_ type: String) -> (any RequestContent.Type)? { byName[type] }
}

/// Why the content of a message was not accepted.
package struct ContentError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The type of the message.
  package let messageType: String
  /// The field.
  package let field: String
  /// What the field must be.
  package let expected: String

  /// Makes an error.
  package init(messageType: String, field: String, expected: String) {
    self.messageType = messageType
    self.field = field
    self.expected = expected
  }

  /// The error in a sentence.
  package var description: String {
    "The \(messageType) was not understood: '\(field)' must be \(expected)."
  }
}

/// Reads the fields of one content, with errors that name message and field.
struct Fields {
  let type: String
  let content: JSONObject

  private func required<Value>(_ value: Value?, _ field: String, _ expected: String)
    throws(ContentError) -> Value
  {
    guard let value else {
      throw ContentError(messageType: type, field: field, expected: expected)
    }
    return value
  }

  func text(_ field: String) throws(ContentError) -> String {
    try required(content[field]?.text, field, "a string")
  }

  func text(_ field: String, default standard: String) throws(ContentError) -> String {
    guard let value = content[field], value != .null else { return standard }
    return try required(value.text, field, "a string")
  }

  func truth(_ field: String, default standard: Bool) throws(ContentError) -> Bool {
    guard let value = content[field], value != .null else { return standard }
    return try required(value.truth, field, "true or false")
  }

  func whole(_ field: String) throws(ContentError) -> Int? {
    guard let value = content[field], value != .null else { return nil }
    // A number beyond 64 bits is clamped rather than refused: offsets are clamped anyway.
    if case .literal(let text) = value { return text.hasPrefix("-") ? .min : .max }
    return try required(value.whole, field, "a whole number")
  }

  func object(_ field: String) throws(ContentError) -> JSONObject {
    guard let value = content[field], value != .null else { return [:] }
    return try required(value.members, field, "an object")
  }
}
