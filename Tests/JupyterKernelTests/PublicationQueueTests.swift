import Testing

@testable import JupyterKernel

@Suite struct PublicationQueueTests {
  private let cell: [UInt8] = [1]
  private let other: [UInt8] = [2]

  private func text(_ text: String, _ parent: [UInt8], at moment: Int = 0) -> StreamText {
    StreamText(parent: parent, stream: .standardOutput, text: text, since: moment)
  }

  private func message(_ number: UInt8) -> [[UInt8]] { [[number]] }

  private func drain(_ queue: inout PublicationQueue, now: Int = 1_000_000)
    -> [PublicationQueue.Item]
  {
    var items: [PublicationQueue.Item] = []
    while let item = queue.next(now: now) { items.append(item) }
    return items
  }

  @Test func textIsJoinedAndWaits() {
    var queue = PublicationQueue()
    queue.append(text("a", cell, at: 100))
    queue.append(text("b", cell, at: 120))
    #expect(queue.departure(now: 130) == 100 + PublicationQueue.textDelay)
    #expect(drain(&queue, now: 130).isEmpty)
    #expect(drain(&queue, now: 160) == [.text(text("ab", cell, at: 100))])
    #expect(queue.isEmpty)
    #expect(queue.bytes == 0)
  }

  @Test func textDoesNotWaitInFrontOfMessagesNorWhenFlushedNorWhenLong() {
    var queue = PublicationQueue()
    queue.append(text("a", cell))
    queue.append(message(1), parent: cell)
    queue.append(text("b", cell))
    #expect(
      drain(&queue, now: 0) == [.text(text("a", cell)), .message(message(1))])
    queue.flush()
    #expect(drain(&queue, now: 0) == [.text(text("b", cell))])
    queue.append(text(String(repeating: "x", count: PublicationQueue.textBytes), cell))
    #expect(drain(&queue, now: 0).count == 1)
  }

  @Test func textOfTwoCellsIsNotMixed() {
    var queue = PublicationQueue()
    queue.append(text("a", cell))
    queue.append(text("1", other))
    queue.append(text("b", cell))
    queue.append(text("2", other))
    #expect(drain(&queue) == [.text(text("ab", cell)), .text(text("12", other))])
  }

  @Test func textIsNotJoinedAcrossAMessageOrAnotherStream() {
    var queue = PublicationQueue()
    queue.append(text("a", cell))
    queue.append(message(1), parent: cell)
    queue.append(text("b", cell))
    let error = StreamText(parent: cell, stream: .standardError, text: "e", since: 0)
    queue.append(error)
    queue.append(text("c", cell))
    #expect(
      drain(&queue) == [
        .text(text("a", cell)), .message(message(1)), .text(text("b", cell)), .text(error),
        .text(text("c", cell)),
      ])
  }

  @Test func onlyTheNewestUpdateOfADisplayIsKept() {
    var queue = PublicationQueue()
    queue.append(message(0), parent: cell)
    queue.append(message(1), parent: cell, update: "a")
    queue.append(message(2), parent: cell, update: "b")
    queue.append(message(3), parent: cell, update: "a")
    queue.append(message(4), parent: cell, update: "a")
    queue.append(message(5), parent: cell)
    #expect(
      drain(&queue) == [0, 2, 4, 5].map { .message(message($0)) })
    #expect(queue.bytes == 0)
    // One that has left cannot be replaced.
    queue.append(message(6), parent: cell, update: "a")
    #expect(drain(&queue).count == 1)
    queue.append(message(7), parent: cell, update: "a")
    #expect(drain(&queue) == [.message(message(7))])
  }

  /// A model of the queue that keeps everything in one array, against the queue itself.
  @Test func theQueueBehavesLikeItsModel() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      var queue = PublicationQueue()
      var model: [(frames: [[UInt8]], update: String?)] = []
      var bytes = 0
      for step in 0..<300 {
        if Int.random(in: 0..<3, using: &generator) > 0 {
          let frames = [[UInt8]](repeating: [UInt8(step & 255)], count: step % 3 + 1)
          let update = Bool.random(using: &generator) ? "u\(step % 5)" : nil
          queue.append(frames, parent: cell, update: update)
          if let update { model.removeAll { $0.update == update } }
          model.append((frames, update))
        } else {
          let expected = model.isEmpty ? nil : model.removeFirst()
          let item = queue.next(now: 0)
          #expect(item == expected.map { .message($0.frames) })
        }
        bytes = model.reduce(0) { $0 + $1.frames.reduce(0) { $0 + $1.count } }
        #expect(queue.bytes == bytes)
      }
    }
  }
}
