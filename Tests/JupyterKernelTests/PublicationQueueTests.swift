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
        bytes = model.reduce(0) { $0 + PublicationQueue.size($1.frames) }
        #expect(queue.bytes == bytes)
      }
    }
  }

  @Test("long text leaves in pieces, and none of it is lost")
  func longTextInPieces() {
    var queue = PublicationQueue()
    for number in 0..<20_000 { queue.append(text("\(number)\n", cell)) }
    var whole = ""
    for item in drain(&queue) {
      guard case .text(let piece) = item else { continue }
      #expect(piece.text.utf8.count <= PublicationQueue.textBytes)
      whole += piece.text
    }
    #expect(whole == (0..<20_000).map { "\($0)\n" }.joined())
    #expect(queue.bytes == 0)
  }

  /// Everything that leaves a queue, with the moment in milliseconds, while its clock is advanced; for each
  /// item that leaves, one of `following` is printed.
  private func schedule(
    _ queue: inout PublicationQueue, following: [StreamText] = []
  ) -> [(item: PublicationQueue.Item, moment: Int)] {
    var left: [(item: PublicationQueue.Item, moment: Int)] = []
    var now = 1_000_000
    var following = following[...]
    while let departure = queue.departure(now: now) {
      now = max(now, departure)
      guard let item = queue.next(now: now) else { continue }
      var bytes = 0
      if case .text(let text) = item { bytes = text.text.utf8.count + 400 }
      queue.left(textBytes: bytes, now: now)
      left.append((item, now))
      if let text = following.popFirst() { queue.append(text) }
    }
    return left
  }

  @Test("at a pace, a server that stands still for half a second still passes everything on")
  func pace() {
    // What left in 3.5 seconds may arrive in 3.
    let span = 3_500
    var messages = PublicationQueue(pace: Pace())
    for number in 0..<8_000 { messages.append(self.message(UInt8(number % 251)), parent: cell) }
    let left = schedule(&messages)
    #expect(left.count == 8_000)
    for (index, entry) in left.enumerated() {
      guard let third = left.dropFirst(index + 3_000).first else { break }
      #expect(third.moment - entry.moment >= span)
    }
    var texts = PublicationQueue(pace: Pace())
    let piece = text(String(repeating: "x", count: 30_000), cell)
    for _ in 0..<60 { texts.append(piece) }
    let printed = schedule(&texts, following: Array(repeating: piece, count: 300))
    // More than three times what the server passes on in 3 seconds.
    #expect(printed.count == 360)
    var (start, bytes) = (0, 0)
    for entry in printed {
      guard case .text(let piece) = entry.item else { continue }
      bytes += piece.text.utf8.count + 400
      while printed[start].moment + span <= entry.moment {
        if case .text(let old) = printed[start].item { bytes -= old.text.utf8.count + 400 }
        start += 1
      }
      #expect(bytes <= 3_000_000)
    }
  }

  @Test("at a pace, lines that alternate between the streams are joined")
  func alternation() {
    var queue = PublicationQueue(pace: Pace())
    for number in 0..<4_000 {
      queue.append(text("\(number)\n", cell))
      queue.append(
        StreamText(parent: cell, stream: .standardError, text: "\(number)\n", since: 0))
    }
    let items = schedule(&queue).map(\.item)
    #expect(items.count <= 4)
    for stream in [OutputStream.standardOutput, .standardError] {
      let whole = items.reduce("") { whole, item in
        if case .text(let text) = item, text.stream == stream { whole + text.text } else { whole }
      }
      #expect(whole == (0..<4_000).map { "\($0)\n" }.joined())
    }
  }

  @Test("at the end of the kernel everything leaves at once")
  func endOfPace() {
    var queue = PublicationQueue(pace: Pace())
    for number in 0..<400_000 { queue.append(text("line \(number)\n", cell)) }
    for number in 0..<2_000 { queue.append(message(UInt8(number % 251)), parent: other) }
    queue.endPace()
    let items = drain(&queue, now: 0)
    #expect(items.count { if case .message = $0 { true } else { false } } == 2_000)
    guard case .text(let end)? = items.last else { return #expect(Bool(false), "no text") }
    #expect(end.text.hasSuffix("line 399999\n"))
    #expect(queue.bytes == 0)
  }

  @Test("at a pace, the middle of too much text is left out, and the reader is told how much")
  func elision() throws {
    var queue = PublicationQueue(pace: Pace())
    let lines = (0..<600_000).map { "line \($0)\n" }
    for line in lines { queue.append(text(line, cell)) }
    queue.append(message(1), parent: cell)
    #expect(queue.bytes < PublicationQueue.pacedText + 200_000)
    let items = schedule(&queue).map(\.item)
    #expect(items.last == .message(message(1)))
    let received = items.reduce("") { whole, item in
      if case .text(let text) = item { whole + text.text } else { whole }
    }
    #expect(received.hasPrefix(lines.prefix(1_000).joined()))
    #expect(received.hasSuffix(lines.suffix(1_000).joined()))
    let count = try #require(received.firstMatch(of: /\[… (\d+) bytes left out/)?.1)
    let note = try #require(received.firstMatch(of: /\n\[….*…\]\n/)?.0)
    #expect(
      Int(count) == lines.joined().utf8.count - (received.utf8.count - note.utf8.count))
    // What is printed after that is whole again.
    queue.append(text("and on", cell))
    #expect(schedule(&queue).map(\.item) == [.text(text("and on", cell))])
  }
}
