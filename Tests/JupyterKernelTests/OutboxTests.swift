import JupyterProtocol
import Synchronization
import Testing

@testable import JupyterKernel

@Suite struct OutboxTests {
  private let origin = Origin(
    channel: .shell, identities: [],
    header: Header(
      messageID: "1", session: "s", date: "", type: "complete_request"), headerBytes: [1])

  private func frames(_ text: String) -> [[UInt8]] { [Array(text.utf8)] }

  /// What leaves an outbox, in order, as text.
  private func leaving(_ outbox: Outbox) -> [String] {
    var texts: [String] = []
    while let work = outbox.next(now: 0, stalled: false) {
      switch work {
      case .reply(let reply): texts.append(String(decoding: reply.frames[0], as: UTF8.self))
      case .publication(.message(let frames)):
        texts.append(String(decoding: frames[0], as: UTF8.self))
      default: break
      }
    }
    return texts
  }

  @Test func anAnswerWakesOnce() {
    let calls = Counter()
    let outbox = Outbox { calls.count.add(1, ordering: .relaxed) }
    outbox.beginCell(origin, busy: frames("cell busy"), input: frames("input"))
    #expect(leaving(outbox) == ["cell busy", "input"])
    #expect(outbox.prepareToSleep(now: 0, stalled: false) == Outbox.nap)
    outbox.answer(
      origin, busy: frames("busy"), reply: Outbox.Reply(channel: .shell, frames: frames("reply")),
      idle: frames("idle"), busyAgain: { _ in frames("cell busy") })
    #expect(calls.count.load(ordering: .relaxed) == 1)
    #expect(leaving(outbox) == ["reply", "busy", "idle", "cell busy"])
  }

  @Test func aCellWakesOnceAtEachEnd() {
    let calls = Counter()
    let outbox = Outbox { calls.count.add(1, ordering: .relaxed) }
    #expect(outbox.prepareToSleep(now: 0, stalled: false) == -1)
    outbox.beginCell(origin, busy: frames("busy"), input: frames("input"))
    #expect(calls.count.load(ordering: .relaxed) == 1)
    #expect(leaving(outbox) == ["busy", "input"])
    #expect(outbox.prepareToSleep(now: 0, stalled: false) == Outbox.nap)
    outbox.endCell(
      origin, reply: Outbox.Reply(channel: .shell, frames: frames("reply")), idle: frames("idle"))
    #expect(calls.count.load(ordering: .relaxed) == 2)
    #expect(leaving(outbox) == ["reply", "idle"])
    // Nothing runs any more, so no cell's busy follows.
    outbox.endSideRequest(origin, idle: frames("idle"), busyAgain: { _ in frames("cell busy") })
    #expect(leaving(outbox) == ["idle"])
  }

  @Test func whatIsPublishedWithoutAPauseWakesOnceAndWaitsForANapAtMost() {
    let calls = Counter()
    let outbox = Outbox { calls.count.add(1, ordering: .relaxed) }
    #expect(outbox.prepareToSleep(now: 0, stalled: false) == -1)
    outbox.publish(frames("0"), parent: [1])
    #expect(calls.count.load(ordering: .relaxed) == 1)
    var expected = ["0"]
    for nap in 1...3 {
      outbox.awake()
      #expect(leaving(outbox) == expected)
      #expect(outbox.prepareToSleep(now: nap, stalled: false) == Outbox.nap)
      expected = (0..<5).map { "\(nap) \($0)" }
      for text in expected { outbox.publish(frames(text), parent: [1]) }
      #expect(calls.count.load(ordering: .relaxed) == 1)
    }
    outbox.awake()
    #expect(leaving(outbox) == expected)
    #expect(outbox.prepareToSleep(now: 4, stalled: false) == Outbox.nap)
    // A nap in which nothing came is followed by a sleep, which the next one ends.
    outbox.awake()
    #expect(outbox.prepareToSleep(now: 5, stalled: false) == -1)
    outbox.publish(frames("last"), parent: [1])
    #expect(calls.count.load(ordering: .relaxed) == 2)
  }

  @Test func whatSomebodyWaitsForEndsANap() {
    let reply = Outbox.Reply(channel: .shell, frames: frames("reply"))
    let urgent: [(String, (Outbox) -> Void)] = [
      ("a reply", { $0.send(reply) }),
      (
        "an answer",
        {
          $0.answer(
            self.origin, busy: self.frames("busy"), reply: reply, idle: self.frames("idle"),
            busyAgain: { _ in [] })
        }
      ),
      ("the end of a cell", { $0.endCell(self.origin, reply: reply, idle: self.frames("idle")) }),
      ("text that must not wait", { $0.flush() }),
      ("the end", { $0.close() }),
    ]
    for (name, act) in urgent {
      let calls = Counter()
      let outbox = Outbox { calls.count.add(1, ordering: .relaxed) }
      outbox.publish(frames("0"), parent: [1])
      #expect(leaving(outbox) == ["0"])
      #expect(outbox.prepareToSleep(now: 0, stalled: false) == Outbox.nap)
      outbox.publish(frames("1"), parent: [1])
      #expect(calls.count.load(ordering: .relaxed) == 0)
      act(outbox)
      #expect(calls.count.load(ordering: .relaxed) == 1, "\(name)")
    }
  }

  private final class Counter: Sendable {
    let count = Atomic<Int>(0)
  }
}
