import RunStore
import Testing

@Suite("History")
struct HistoryTests {
  let store: RunStore

  init() throws { store = try RunStore.inMemory() }

  @Test(
    "any text comes back as it was",
    arguments: [
      "", "1 + 1", "let name = \"größe 🪐\"\n# comment", "'; DROP TABLE history; --", "a\r\n\tb",
      "e\u{301}\u{e9}", String(repeating: "x", count: 1_000_000),
    ])
  func roundTrip(source: String) throws {
    let session = try store.beginSession()
    let entry = HistoryEntry(
      session: session, line: 1, source: source, output: source, started: 1_700_000_000.25,
      status: .ok)
    try store.append(entry)
    let found = try store.tail(1)
    #expect(found == [entry])
    #expect(Array(found[0].source.utf8) == Array(source.utf8))
  }

  @Test("the character that ends a text in SQLite is kept as its picture")
  func zero() throws {
    let session = try store.addSession(["a\0b"])
    #expect(try store.range(session: session).map(\.source) == ["a␀b"])
    #expect(try store.search("a\0b").count == 1)
  }

  @Test("the tail is the last cells of all sessions, oldest first")
  func tail() throws {
    #expect(try store.tail(5) == [])
    let first = try store.addSession(["a", "b"])
    let second = try store.addSession(["c", "d", "e"])
    #expect(second > first)
    #expect(try store.tail(1).map(\.source) == ["e"])
    #expect(try store.tail(4).map(\.source) == ["b", "c", "d", "e"])
    #expect(try store.tail(4).map(\.line) == [2, 1, 2, 3])
    #expect(try store.tail(4).map(\.session) == [first, second, second, second])
    #expect(try store.tail(100).count == 5)
    #expect(try store.tail(.max).count == 5)
    #expect(try store.tail(0) == [])
    #expect(try store.tail(-3) == [])
  }

  @Test("of equal cells the newest counts")
  func unique() throws {
    let first = try store.addSession(["a", "b", "a", "c"])
    let second = try store.addSession(["b", "d"])
    let found = try store.tail(10, unique: true)
    #expect(found.map(\.source) == ["a", "c", "b", "d"])
    #expect(found.map(\.session) == [first, first, second, second])
    #expect(found.map(\.line) == [3, 4, 1, 2])
    #expect(try store.tail(2, unique: true).map(\.source) == ["b", "d"])
    #expect(try store.search("[ab]", unique: true).map(\.source) == ["a", "b"])
    #expect(try store.search("[ab]", n: 1, unique: true).map(\.source) == ["b"])
    // Equal means equal byte for byte: case matters.
    try store.addSession(["A"])
    #expect(try store.tail(10, unique: true).count == 5)
  }

  @Test("a search gives the last matches of the whole text")
  func search() throws {
    try store.addSession(["plot(run)", "train(aet)", "plot(run, log: true)", "x = [1]", "Plot(x)"])
    #expect(try store.search("plot*").map(\.line) == [1, 3])
    #expect(try store.search("plot").isEmpty)
    #expect(try store.search("*run*", n: 1).map(\.line) == [3])
    #expect(try store.search("*run*", n: 0).isEmpty)
    #expect(try store.search("*run*", n: -1).isEmpty)
    #expect(try store.search("[pP]lot(?*)").map(\.line) == [1, 3, 5])
    #expect(try store.search("*[[]1]").map(\.line) == [4])
    #expect(try store.search("*").count == 5)
    #expect(try store.search("").isEmpty)
    #expect(try store.search("'").isEmpty)
  }

  @Test("a pattern longer than SQLite takes is an error, not a crash")
  func longPattern() throws {
    try store.addSession(["a"])
    let error = storeError { () throws(RunStoreError) in
      _ = try store.search(String(repeating: "*a", count: 100_000))
    }
    #expect(error?.description.contains("search the history") == true)
    #expect(try store.tail(1).count == 1)
  }

  @Test("a range is half open and carries the session's own number")
  func range() throws {
    let first = try store.addSession(["a", "b", "c"])
    let second = try store.addSession(["d", "e", "f", "g"])
    #expect(try store.range(session: second, start: 2, stop: 4).map(\.source) == ["e", "f"])
    #expect(try store.range(session: 0, start: 2, stop: 4).map(\.session) == [second, second])
    #expect(try store.range(session: -1).map(\.source) == ["a", "b", "c"])
    #expect(try store.range(session: -1).map(\.session) == [first, first, first])
    #expect(try store.range(session: first, start: 1, stop: 2).map(\.source) == ["a"])
    #expect(try store.range(start: 3).map(\.source) == ["f", "g"])
    #expect(try store.range(start: 3, stop: 0).map(\.source) == ["f", "g"])
    #expect(try store.range(start: 0, stop: 100).count == 4)
    #expect(try store.range(start: -1).map(\.source) == ["g"])
    #expect(try store.range(start: -3, stop: -1).map(\.source) == ["e", "f"])
    #expect(try store.range(start: 4, stop: 2).isEmpty)
    #expect(try store.range(session: 99).isEmpty)
    #expect(try store.range(session: -99).isEmpty)
  }

  @Test("extreme numbers are answered")
  func extremes() throws {
    try store.addSession(["a"])
    for number in [Int.min, Int.max, -1, 0] {
      #expect(try store.range(session: number, start: .min, stop: .max).count <= 1)
      _ = try store.range(start: number, stop: number)
      _ = try store.search("*", n: number)
    }
  }

  @Test("before a session begins, the current one is empty and the last one is −1")
  func beforeSession() throws {
    try withFolder { folder in
      let path = "\(folder)/store.sqlite"
      try RunStore(path: path).addSession(["a"])
      let again = try RunStore(path: path)
      #expect(again.currentSession == nil)
      #expect(try again.range(session: 0).isEmpty)
      #expect(try again.range(session: -1).map(\.source) == ["a"])
    }
  }

  @Test("a cell that ran when its process died says so, and one that had ended stays as it is")
  func died() throws {
    let session = try store.beginSession()
    for line in 1...2 {
      try store.append(HistoryEntry(session: session, line: line, source: "\(line)"))
    }
    try store.append(
      HistoryEntry(session: session, line: 1, source: "1", output: "1", status: .ok))
    for line in 1...3 { try store.died(session: session, line: line, output: "crashed") }
    let cells = try store.range(session: session)
    #expect(cells.map(\.status) == [.ok, .died])
    #expect(cells.map(\.output) == ["1", "crashed"])
  }

  @Test("a cell is finished, or replaced by the same line")
  func finish() throws {
    let session = try store.addSession(["a", "b"])
    #expect(try store.tail(1)[0].status == .running)
    try store.append(
      HistoryEntry(session: session, line: 2, source: "b", output: "out", status: .interrupted))
    let last = try store.tail(1)[0]
    #expect((last.status, last.output) == (.interrupted, "out"))
    #expect(try store.tail(2)[0].status == .running)
    try store.append(HistoryEntry(session: session, line: 2, source: "c", status: .ok))
    #expect(try store.tail(5).map(\.source) == ["a", "c"])
  }

  @Test("a cell without a session is refused with a way out")
  func noSession() {
    let error = storeError { () throws(RunStoreError) in
      try store.append(HistoryEntry(session: 7, line: 1, source: "a"))
    }
    #expect(error?.description.contains("begin the session") == true)
  }
}
