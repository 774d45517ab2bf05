import Glibc
import JupyterKernel
import JupyterProtocol
import RunStore
import Testing

@testable import Workspace

@Suite("What was missed")
struct ReplayTests {
  /// A recorder that writes nowhere.
  private func recorder() -> OutputRecorder {
    let journal = OutputJournal(Journal(folder: nil))
    // Its thread would take the changes that a test asks for.
    journal.close()
    return OutputRecorder(line: 1, journal: journal)
  }

  private func texts(_ changes: OutputRecorder.Changes) -> [Int: String] {
    Dictionary(
      uniqueKeysWithValues: changes.entries.map { place, entry in
        switch entry.content {
        case .text(_, let text): (place, text)
        case .bundle(let bundle, _): (place, bundle.plainText ?? "")
        case .error(let error): (place, error.value)
        }
      })
  }

  // MARK: What is kept of a cell

  @Test("printed text is joined, stream by stream")
  func joined() {
    let recorder = recorder()
    for text in ["a", "b"] { recorder.saw(.stream(.standardOutput, text)) }
    recorder.saw(.stream(.standardError, "c"))
    recorder.saw(.stream(.standardOutput, "d"))
    #expect(texts(recorder.takeChanges()) == [0: "ab", 1: "c", 2: "d"])
    #expect(recorder.takeChanges().isEmpty)
    // Only what changed is written again.
    recorder.saw(.stream(.standardOutput, "e"))
    #expect(texts(recorder.takeChanges()) == [2: "de"])
  }

  @Test("a display that changes keeps its last state in its place")
  func updated() {
    let recorder = recorder()
    recorder.saw(.display(MIMEBundle(text: "1"), id: "x"))
    recorder.saw(.display(MIMEBundle(text: "other"), id: nil))
    recorder.saw(.display(MIMEBundle(text: "1"), id: "x"))
    recorder.saw(.update(MIMEBundle(text: "2"), id: "x"))
    recorder.saw(.update(MIMEBundle(text: "?"), id: "y"))
    #expect(texts(recorder.takeChanges()) == [0: "2", 1: "other", 2: "2"])
    recorder.saw(.update(MIMEBundle(text: "3"), id: "x"))
    #expect(texts(recorder.takeChanges()) == [0: "3", 2: "3"])
  }

  @Test("clearing takes away what was before, at once or with the next output")
  func cleared() {
    let recorder = recorder()
    recorder.saw(.display(MIMEBundle(text: "a"), id: "x"))
    _ = recorder.takeChanges()
    recorder.saw(.clear(wait: true))
    recorder.saw(.update(MIMEBundle(text: "b"), id: "x"))
    #expect(texts(recorder.takeChanges()) == [0: "b"])
    recorder.saw(.stream(.standardOutput, "c"))
    let changes = recorder.takeChanges()
    #expect(changes.removed == 0..<1 && texts(changes) == [1: "c"])
    recorder.saw(.update(MIMEBundle(text: "d"), id: "x"))
    recorder.saw(.clear(wait: false))
    let last = recorder.takeChanges()
    #expect(last.removed.contains(1) && last.entries.isEmpty)
  }

  @Test(
    "of very many outputs the beginning and the end are kept, whenever it is asked",
    arguments: [1, 7, 100_000])
  func bounded(every: Int) {
    let recorder = recorder()
    var kept: [Int: String] = [:]
    let count = 20_000
    func take() {
      let changes = recorder.takeChanges()
      for place in changes.removed { kept[place] = nil }
      kept.merge(texts(changes)) { $1 }
    }
    for number in 0..<count {
      recorder.saw(.display(MIMEBundle(text: "\(number)"), id: nil))
      if number % every == 0 { take() }
    }
    take()
    let half = OutputRecorder.mostOutputs / 2
    let wanted = Array(0..<half) + Array(count - half..<count)
    #expect(kept.keys.sorted() == wanted)
    #expect(kept.allSatisfy { "\($0.key)" == $0.value })
  }

  @Test("of very many bytes the beginning and the end are kept")
  func bytes() {
    let recorder = recorder()
    // One text of 10 MB, in which every character has three bytes.
    recorder.saw(.stream(.standardOutput, String(repeating: "€", count: 3_400_000) + "end"))
    let changes = recorder.takeChanges()
    let kept = texts(changes)
    let size = kept.values.reduce(0) { $0 + $1.utf8.count }
    #expect(size <= OutputRecorder.mostBytes && size > OutputRecorder.mostBytes * 9 / 10)
    #expect(kept[0]?.hasPrefix("€€") == true)
    #expect(kept.max { $0.key < $1.key }?.value.hasSuffix("€end") == true)
    #expect(kept.values.allSatisfy { $0.allSatisfy { "€end".contains($0) } })
    // Displays that grow beyond the limit stay as words.
    let growing = self.recorder()
    let large = MIMEBundle([
      .init(type: "image/png", content: .bytes([UInt8](repeating: 1, count: 1_000_000))),
      .init(type: "text/plain", content: .text("large")),
    ])
    for number in 0..<20 {
      growing.saw(.display(MIMEBundle(text: "small"), id: "\(number)"))
      growing.saw(.update(large, id: "\(number)"))
    }
    let entries = growing.takeChanges().entries
    #expect(entries.reduce(0) { $0 + $1.entry.bytes } <= OutputRecorder.mostBytes)
    #expect(entries.count == 20 && texts(.init(entries: entries))[19] == "large")
  }

  // MARK: The word

  /// What a cell shows, without the line that says which cell is shown again.
  private func shown(_ ran: Notebook.Ran) -> [String] {
    ran.outputs.compactMap { output in
      switch output {
      case .stream(let stream, let text): "\(stream.rawValue) \(text)"
      case .display(let bundle, _), .result(let bundle):
        bundle.plainText.map { $0.hasPrefix("── ") ? "── " : $0 }
      default: nil
      }
    }
  }

  private static let made = """
    let shapes = Shapes(count: 64, size: 16, seed: 1)
    let aet = AET(for: shapes, encoder: NIN(widths: [4, 8]), seed: 1)
    """

  @Test("the outputs of the last cell come again, as they were")
  func last() throws {
    let notebook = Notebook()
    #expect(notebook.run("replay()").error?.contains("no cell of this workspace") == true)
    notebook.run(Self.made)
    let first = notebook.run("print(\"hello\")\nshow(shapes.train.first(2))\n1 + 1")
    notebook.run("let x = 3")
    for _ in 0..<2 {
      // A cell that showed nothing, and a replay, are not what ran last.
      let ran = notebook.run("replay()")
      #expect(ran.error == nil)
      #expect(shown(ran) == ["── "] + shown(first))
      let pictures = [first, ran].map { $0.displays.compactMap { $0.metadata["image/png"] } }
      #expect(pictures[0] == pictures[1] && pictures[0].count == 1)
    }
    let head = notebook.run("replay(cell: 3)").displays.first?.plainText ?? ""
    #expect(head.hasPrefix("── cell 3, completed, begun "), "\(head)")
    #expect(head.contains("print(\"hello\")"))
  }

  @Test("pictures are sent again byte for byte")
  func pictures() throws {
    let notebook = Notebook()
    notebook.run(Self.made)
    let first = notebook.run("show(shapes.train.first(2))").displays[0].data["image/png"]
    let again = notebook.run("replay()").displays[1].data["image/png"]
    #expect(first != nil && first == again)
  }

  @Test("a training shows its last state, also from the background")
  func training() throws {
    let notebook = Notebook()
    notebook.run(Self.made)
    let front = notebook.run(
      "let run = train(aet, on: shapes.train, epochs: 2, batch: 32, seed: 1)")
    let again = notebook.run("replay(run)")
    #expect(again.displays.count == 2)
    #expect(again.displays.last?.plainText == front.displays.last?.plainText)
    #expect(again.displays.last?.plainText?.contains("completed") == true)
    notebook.run(
      "let later = train(aet, on: shapes.train, epochs: 3, batch: 32, seed: 1, background: true)")
    #expect(notebook.run("wait(later)").error == nil)
    notebook.run("print(\"between\")")
    let panel = notebook.run("replay(later)").displays.last?.plainText ?? ""
    #expect(panel.contains("completed") && panel.contains("epoch 3 of 3"), "\(panel)")
  }

  @Test("errors and gaps are shown, too")
  func errorsAndGaps() throws {
    let notebook = Notebook()
    notebook.run("print(\"before\")\nnothing")
    let ran = notebook.run("replay()")
    #expect(ran.text.contains("before\n") && ran.text.contains("unknown name 'nothing'"))
    #expect(ran.displays.first?.plainText?.contains("cell 1, failed") == true)
    // Pages of some 8 kB: there are too many bytes before there are too many outputs.
    notebook.run("for i in 0..<1_100 { help(\"train\") }")
    let many = notebook.run("replay()")
    let kept = many.displays.count - 1
    #expect((200..<OutputRecorder.mostOutputs).contains(kept))
    #expect(many.text == "… \(1_100 - kept) outputs were left out here …\n")
  }

  @Test("several cells, and those of the session before")
  func sessions() throws {
    try withTemporaryFolder { folder in
      let notebook = Notebook(folder: folder)
      for number in 1...5 { notebook.run("print(\(number))") }
      #expect(
        shown(notebook.run("replay(cells: 2...3)")) == ["── ", "stdout 2\n", "── ", "stdout 3\n"])
      notebook.interpreter.shutdown(restart: true)
      let next = Notebook(folder: folder)
      let ran = next.run("replay()")
      #expect(shown(ran) == ["── ", "stdout 5\n"])
      #expect(ran.displays.first?.plainText?.contains("cell 5 of session 1, completed") == true)
      next.run("print(\"new\")")
      #expect(next.run("replay()").text == "new\n")
      #expect(next.run("replay(cell: 4, session: -1)").text == "4\n")
      #expect(next.run("replay(session: 1)").text == "1\n2\n3\n4\n5\n")
      for (cell, words) in [
        ("replay(cell: 9)", "nothing is known of cell 9 of session 2"),
        ("replay(session: 7)", "nothing is known of the cells of session 7"),
        ("replay(cell: 1, cells: 1...2)", "one of"),
      ] {
        #expect(next.run(cell).error?.contains(words) == true, "\(next.run(cell).error ?? "")")
      }
    }
  }

  @Test("outputs are in the database soon, without anyone asking, and after a sudden end")
  func soon() throws {
    try withTemporaryFolder { folder in
      let notebook = Notebook(folder: folder)
      notebook.run("print(\"there\")")
      let store = try RunStore(path: "\(folder)/workspace.sqlite")
      var found = 0
      let deadline = MonotonicClock.milliseconds + 5_000
      while found == 0, MonotonicClock.milliseconds < deadline {
        found = try store.outputs(session: 1).count
        if found == 0 { usleep(20_000) }
      }
      #expect(found == 1)
      #expect(try store.outputs(session: 1).first?.bundle == "{\"text\":\"there\\n\"}")
    }
  }

  @Test("silent cells leave nothing")
  func silent() throws {
    let interpreter = WorkspaceInterpreter.inMemory()
    let execution = Execution(
      count: 1, silent: true,
      parent: Header(messageID: "1", session: "s", username: "", date: "", type: "execute_request"),
      outlet: Recording())
    _ = interpreter.execute("print(1)", in: execution)
    interpreter.workspace.outputs.flush()
    #expect(try interpreter.workspace.journal.opened()?.outputs(session: 1).isEmpty == true)
  }
}
