import JupyterProtocol

/// Says things to clients: composes, signs and queues.
final class Publisher: Sendable {
  let composer: Composer
  let outbox: Outbox

  init(composer: Composer, outbox: Outbox) {
    self.composer = composer
    self.outbox = outbox
  }

  /// Answers a request.
  func reply(_ content: some MessageContent, to origin: Origin) {
    outbox.send(composed(content, to: origin))
  }

  private func composed(
    _ content: some MessageContent, to origin: Origin, metadata: JSONObject = [:]
  ) -> Outbox.Reply {
    let message = composer.message(
      content, prefix: origin.identities, parent: origin.headerBytes, metadata: metadata)
    return Outbox.Reply(channel: origin.channel, frames: message.frames)
  }

  /// Answers a request with an error.
  func fail(_ error: ErrorContent, replyType: String, to origin: Origin) {
    reply(FailedReply(error: error, replyType: replyType), to: origin)
  }

  /// Publishes something that came of a request, or with `nil` of none.
  func publish(_ content: some MessageContent, for origin: Origin?, update: String? = nil) {
    outbox.publish(
      composer.publication(content, parent: origin?.headerBytes), parent: origin?.headerBytes,
      update: update)
  }

  /// Publishes printed text soon.
  func print(_ text: String, to stream: OutputStream, for origin: Origin) {
    let now = MonotonicClock.milliseconds
    var rest = text[...]
    while !rest.isEmpty {
      // Long text in pieces that leave one by one.
      let end = rest.boundary(bytes: PublicationQueue.textBytes)
      outbox.publish(
        StreamText(
          parent: origin.headerBytes, stream: stream, text: String(rest[..<end]), since: now))
      rest = rest[end...]
    }
  }

  /// Publishes that a request is being worked on.
  func busy(_ origin: Origin) {
    publish(StatusMessage(.busy), for: origin)
  }

  /// Publishes that a request is done, and repeats that the running cell is not.
  func idle(_ origin: Origin) {
    outbox.endSideRequest(origin, idle: status(.idle, origin)) { status(.busy, $0) }
  }

  /// Answers a question that is done: its busy, the reply and its idle together.
  ///
  /// Said one by one they would wake the I/O thread three times, each time at the expense of a training that
  /// uses every core.
  func answer(_ origin: Origin, with content: some MessageContent) {
    outbox.answer(
      origin, busy: status(.busy, origin), reply: composed(content, to: origin),
      idle: status(.idle, origin)
    ) { status(.busy, $0) }
  }

  /// Publishes that a cell runs, and unless it is silent, what it says.
  func beginCell(_ origin: Origin, _ input: ExecuteInput?) {
    outbox.beginCell(
      origin, busy: status(.busy, origin),
      input: input.map { composer.publication($0, parent: origin.headerBytes) })
  }

  /// Answers a cell that has ended, and publishes it.
  func endCell(_ origin: Origin, _ reply: ExecuteReply, metadata: JSONObject) {
    outbox.endCell(
      origin, reply: composed(reply, to: origin, metadata: metadata), idle: status(.idle, origin))
  }

  private func status(_ state: StatusMessage.State, _ origin: Origin) -> [[UInt8]] {
    composer.publication(StatusMessage(state), parent: origin.headerBytes)
  }
}
