import RunStore
import Testing

@Suite("The outputs of cells")
struct OutputsTests {
  private func output(
    _ session: Int, _ line: Int, _ place: Int, _ text: String = "{}", at shown: Double = 0
  ) -> StoredOutput {
    StoredOutput(
      session: session, line: line, place: place, kind: "stdout", shown: shown, bundle: text)
  }

  @Test("come back in their order, the last state of each place")
  func roundTrip() throws {
    let store = try RunStore.inMemory()
    let session = try store.beginSession()
    try store.saveOutputs(
      [output(session, 2, 1), output(session, 2, 0, "{\"text\":\"a\"}")], session: session, line: 2)
    try store.saveOutputs([output(session, 1, 0)], session: session, line: 1)
    try store.saveOutputs([output(session, 2, 1, "[]")], session: session, line: 2)
    let all = try store.outputs(session: session)
    #expect(all.map(\.line) == [1, 2, 2] && all.map(\.place) == [0, 0, 1])
    #expect(all.map(\.bundle) == ["{}", "{\"text\":\"a\"}", "[]"])
    #expect(try store.outputs(session: session, lines: 2...2).count == 2)
    // Places are taken away before others are written.
    try store.saveOutputs([output(session, 2, 5)], session: session, line: 2, removed: 0..<2)
    #expect(try store.outputs(session: session, lines: 2...2).map(\.place) == [5])
    #expect(try store.outputs(session: session, lines: 1...1).count == 1)
  }

  @Test("the cell that showed something last")
  func lastShown() throws {
    let store = try RunStore.inMemory()
    let first = try store.beginSession()
    try store.saveOutputs([output(first, 1, 0, at: 50)], session: first, line: 1)
    try store.saveOutputs([output(first, 2, 0, at: 40)], session: first, line: 2)
    #expect(try store.lastShown(session: first) == 1)
    #expect(try store.lastShown(session: first, except: 1) == 2)
    let second = try store.beginSession()
    #expect(try store.lastShown(session: second) == nil)
    #expect(try store.sessionsWithOutputs(before: second) == [first])
    #expect(try store.sessionsWithOutputs(before: first) == [])
  }

  @Test("only those of the newest cells are kept, and no more bytes than the limit")
  func pruned() throws {
    let store = try RunStore.inMemory()
    let first = try store.beginSession()
    let second = try store.beginSession()
    for (session, line) in [(first, 1), (first, 2), (second, 1), (second, 2)] {
      try store.saveOutputs(
        [output(session, line, 0, "0123456789")], session: session, line: line)
    }
    try store.pruneOutputs(cells: 10, bytes: 1_000)
    #expect(try store.outputs(session: first).count == 2)
    try store.pruneOutputs(cells: 3, bytes: 1_000)
    #expect(try store.outputs(session: first).map(\.line) == [2])
    try store.pruneOutputs(cells: 3, bytes: 20)
    #expect(try store.outputs(session: first).isEmpty)
    #expect(try store.outputs(session: second).count == 2)
    try store.pruneOutputs(cells: 3, bytes: 1)
    #expect(try store.outputs(session: second).map(\.line) == [2])
  }
}
