import JupyterProtocol
import Synchronization

/// Makes signed frames out of contents, on whichever thread has something to say.
final class Composer: Sendable {
  /// The session of this process, in every header that the kernel sends.
  let session = Identifier.random()

  private let signature: Signature
  private let count = Atomic<Int>(0)
  private static let emptyObject = Array("{}".utf8)

  init(signature: Signature) {
    self.signature = signature
  }

  /// A message to one client, or with a topic in place of the identities, to all.
  func message(
    _ content: some MessageContent, prefix: [[UInt8]], parent: [UInt8]?,
    metadata: JSONObject = [:], buffers: [[UInt8]] = []
  ) -> (id: String, frames: [[UInt8]]) {
    let number = count.add(1, ordering: .relaxed).newValue
    let header = Header(
      messageID: "\(session)_\(number)", session: session, date: Timestamp.now(),
      type: content.type)
    let message = WireMessage(
      identities: prefix, header: header.serialized, parentHeader: parent ?? Self.emptyObject,
      metadata: metadata.isEmpty ? Self.emptyObject : metadata.serialized,
      content: content.members.serialized, buffers: buffers, signedBy: signature)
    return (header.messageID, message.frames)
  }

  /// A message to all clients, under the topic that is customary for its type.
  func publication(
    _ content: some MessageContent, parent: [UInt8]?, metadata: JSONObject = [:],
    buffers: [[UInt8]] = []
  ) -> [[UInt8]] {
    let topic = "kernel.\(session).\(content.type)"
    return message(
      content, prefix: [Array(topic.utf8)], parent: parent, metadata: metadata, buffers: buffers
    ).frames
  }

  /// Printed text to all clients.
  func publication(_ text: StreamText) -> [[UInt8]] {
    let content = StreamMessage(name: text.stream.rawValue, text: text.text)
    return message(
      content, prefix: [Array("stream.\(text.stream.rawValue)".utf8)], parent: text.parent
    ).frames
  }
}

/// Printed text that waits to be sent.
struct StreamText: Sendable, Equatable {
  /// The header of the cell that printed it, as it was sent.
  let parent: [UInt8]
  let stream: OutputStream
  var text: String
  /// When the first of it was printed, in milliseconds of `MonotonicClock`.
  let since: Int
}
