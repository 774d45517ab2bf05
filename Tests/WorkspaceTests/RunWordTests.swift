import Foundation
import JupyterProtocol
import RunStore
import Testing

@testable import Workspace

/// Recorded runs in cells: listed, filtered, sorted, compared, measured.
@Suite("Runs that can be asked")
struct RunWordTests {
  /// Three runs, of which two models were measured.
  private func prepared() throws -> Notebook {
    let notebook = Notebook()
    for cell in [
      """
      let shapes = Shapes(count: 200, size: 16, seed: 1)
      let a = AET(for: shapes, encoder: NIN(widths: [4, 8]), seed: 1)
      let b = AED(for: shapes, encoder: NIN(widths: [4, 8]), seed: 2)
      let c = AET(for: shapes, encoder: NIN(widths: [4, 8]), seed: 3)
      """,
      "let one = train(a, on: shapes.train, epochs: 2, batch: 32, seed: 5)",
      "let two = train(b, on: shapes.train, epochs: 1, batch: 16, learningRate: 0.001, seed: 2)",
      "let three = train(c, on: shapes.train, epochs: 3, batch: 32, seed: 9)",
      "let score = knn(a, train: shapes.train, test: shapes.test, k: 5, baselines: false)",
      "knn(c, train: shapes.train, test: shapes.test, k: 3, baselines: false)",
    ] { try #require(notebook.run(cell).error == nil) }
    return notebook
  }

  private func runs(_ notebook: Notebook) throws -> [RecordedRun] {
    try notebook.interpreter.workspace.journal.runs()
  }

  private func ids(_ notebook: Notebook, _ arguments: String) -> String {
    let ran = notebook.run("runs(\(arguments)).map { $0.id }")
    return ran.result ?? ran.error ?? ""
  }

  @Test("a run carries all that it came from")
  func origin() throws {
    let run = try #require(try runs(prepared()).last)
    let record = run.record
    #expect(record.code?.hasPrefix("let one = train(") == true && record.cell == 2)
    #expect(record.build?.hasPrefix(WorkspaceInterpreter.version) == true)
    #expect(record.host?.contains("core") == true)
    #expect(record.batch == 32 && record.steps == record.planned && record.steps > 0)
    #expect(try #require(record.seconds) > 0)
    #expect(run.options.contains { $0 == ("batch", "32") })
  }

  @Test("filters agree with naive ones")
  func filtering() throws {
    let notebook = try prepared()
    let all = try runs(notebook)
    #expect(all.map(\.id) == [3, 2, 1])
    let middle = try #require(all[1].record.finalLoss)
    func naive(_ holds: (RecordedRun) -> Bool) -> String { "\(all.filter(holds).map(\.id))" }
    #expect(
      ids(notebook, "where: { $0.loss <= \(middle) }")
        == naive { ($0.record.finalLoss ?? .nan) <= middle })
    #expect(ids(notebook, "where: { $0.method == \"AET\" }") == naive { $0.record.method == "AET" })
    #expect(
      ids(notebook, "where: { $0.knn >= 0 }")
        == naive { $0.probes.contains { $0.name == "knn" } })
    #expect(ids(notebook, "where: { $0.options[\"learningRate\"] < 0.002 }") == "[2]")
    #expect(ids(notebook, "where: { $0.seed > 4 && $0.epochs == 2 }") == "[1]")
    #expect(notebook.run("runs { $0.status == \"completed\" }.count").result == "3")
    #expect(ids(notebook, "where: { $0.loss < 0 }") == "[]")
  }

  @Test("what was not measured is not a number, and no comparison with it holds or fails")
  func unmeasured() throws {
    let notebook = try prepared()
    for name in RecordedRun.measuringWords where name != "knn" {
      for comparison in ["> 0", "<= 0", "== 0"] {
        #expect(ids(notebook, "where: { $0.\(name) \(comparison) }") == "[]", "\(name)")
      }
      #expect(ids(notebook, "by: .\(name)") == "[3, 2, 1]", "\(name)")
    }
    #expect(RecordedRun.measuringWords.contains("probe"))
    #expect(notebook.run("runs(where: { $0.id == 2 })[0].knn").result == "nan")
  }

  @Test("orders agree with naive ones")
  func sorting() throws {
    let notebook = try prepared()
    let all = try runs(notebook)
    func naive(_ key: (RecordedRun) -> Double?) -> String {
      "\(all.sorted { (key($0) ?? -.infinity) > (key($1) ?? -.infinity) }.map(\.id))"
    }
    #expect(ids(notebook, "") == "[3, 2, 1]")
    #expect(ids(notebook, "by: .newest") == "[3, 2, 1]")
    #expect(ids(notebook, "by: .oldest") == "[1, 2, 3]")
    #expect(ids(notebook, "by: .fastest") == naive { $0.record.imagesPerSecond })
    #expect(ids(notebook, "by: .lowestLoss") == naive { $0.record.finalLoss.map { -$0 } })
    #expect(ids(notebook, "by: .loss") == naive { $0.record.finalLoss })
    #expect(ids(notebook, "by: \"seed\"") == "[3, 1, 2]")
    #expect(ids(notebook, "by: .knn") == naive { $0.probe("knn")?.value })
    #expect(ids(notebook, "by: .name") == "[1, 2, 3]")
    // Equals keep the order of the newest.
    #expect(ids(notebook, "by: .status") == "[3, 2, 1]")
    #expect(ids(notebook, "by: .seed, last: 2") == "[3, 1]")
  }

  @Test("the list is a sequence and a table")
  func sequence() throws {
    let notebook = try prepared()
    #expect(notebook.run("runs()[0].id").result == "3")
    #expect(notebook.run("runs()[1...].map { $0.name }").result == #"["b", "a"]"#)
    #expect(notebook.run("runs().count + runs(last: 1).count").result == "4")
    #expect(notebook.run("runs().first.id - runs().last.id").result == "2")
    #expect(notebook.run("for run in runs() { print(run.id) }").text == "3\n2\n1\n")
    #expect(notebook.run("runs()[3]").error?.contains("0 to 2") == true)
    #expect(notebook.run("runs()[1..<9]").error?.contains("3 elements") == true)
    let table = notebook.run("runs(last: 2)").result ?? ""
    #expect(table.contains("1 more run") && table.contains("knn") && !table.contains("probe  "))
    #expect(notebook.run("runs(where: { $0.id > 9 })").result?.contains("None of the 3") == true)
    let card = notebook.run("runs()[2]").result ?? ""
    for word in ["a, AET", "learningRate", "knn", "host", "let one = train("] {
      #expect(card.contains(word), "\(word) in \(card)")
    }
    #expect(notebook.run("runs()[0].losses.count == three.losses.count").result == "true")
    #expect(notebook.run("runs()[0].metrics[\"loss\"] == three.metrics[\"loss\"]").result == "true")
  }

  @Test("what words measure and draw is recorded with its protocol, once")
  func findings() throws {
    let notebook = try prepared()
    let journal = notebook.interpreter.workspace.journal
    let measured = try runs(notebook)[2]
    let probe = try #require(measured.probes.first)
    #expect(measured.probes.count == 1 && probe.name == "knn")
    #expect(notebook.run("score.accuracy == runs()[2].knn").result == "true")
    #expect(probe.protocolText.contains("k = 5") && probe.protocolText.contains("shapes") == false)
    #expect(probe.protocolText.contains(measured.record.data))
    #expect(probe.step == measured.record.steps)
    // The newer one counts, and both are kept.
    notebook.run("knn(a, train: shapes.train, test: shapes.test, k: 1, baselines: false)")
    let again = try runs(notebook)[2]
    #expect(again.probes.count == 2 && again.probe("knn")?.protocolText.contains("k = 1") == true)
    // A comparison measures each of its models; the rows beside them are nobody's.
    #expect(
      notebook.run(
        "compare([c, a], train: shapes.train, test: shapes.test, by: .probe(.linear))"
      ).error == nil)
    let both = try runs(notebook)
    #expect(both.map { $0.probes.count { $0.name == "probe" } } == [1, 0, 1])
    #expect(
      notebook.run(
        "runs()[2].probe == probe(a, train: shapes.train, test: shapes.test).accuracy"
      ).result == "true")
    notebook.run("regression(a, on: shapes.test)\nreconstruction(b, on: shapes.test)")
    #expect(
      notebook.run("runs()[2].regression > 0 && runs()[1].reconstruction > 0").result == "true")
    // The pixels are no model, and an untrained model has no run.
    let count = try runs(notebook).reduce(0) { $0 + $1.probes.count }
    notebook.run("knn(.pixels, train: shapes.train, test: shapes.test, k: 1)")
    notebook.run(
      "knn(AET(for: shapes, encoder: NIN(widths: [4, 8])), train: shapes.train, test: shapes.test, k: 1)"
    )
    #expect(try runs(notebook).reduce(0) { $0 + $1.probes.count } == count)
    // Pictures: of a model, of a run, of two runs; none twice.
    notebook.run("latents(a, on: shapes.test)")
    notebook.run("plot(one)")
    let line = notebook.recordings.count
    notebook.run("plot([one, two])")
    let figures = try journal.figures(of: 1)
    #expect(figures.map(\.word) == ["latents", "plot", "plot"])
    #expect(figures.map(\.cell) == [line - 1, line, line + 1])
    #expect(figures[0].caption.contains("Scatter chart"))
    #expect(try journal.figures(of: 2).map(\.word) == ["plot"])
  }

  @Test("a run is asked while it goes on, and goes on after it was stopped")
  func midway() throws {
    let notebook = Notebook()
    notebook.run(
      """
      let shapes = Shapes(count: 256, size: 16, seed: 1)
      let aet = AET(for: shapes, encoder: NIN(widths: [4, 8]), seed: 1)
      let run = train(aet, on: shapes.train, epochs: 100_000, batch: 32, background: true)
      """)
    var steps: [Int] = []
    let start = Date()
    while steps.last ?? 0 < 200 || Set(steps).count < 3, Date().timeIntervalSince(start) < 60 {
      let run = try #require(try runs(notebook).first)
      #expect(run.status == "running")
      // What is recorded agrees with itself at any moment.
      let losses = try run.losses().map(\.step)
      #expect(losses == Array(1...max(1, losses.count)) || losses.isEmpty)
      steps.append(run.record.steps)
      usleep(20_000)
    }
    #expect(steps == steps.sorted() && steps.last ?? 0 >= 200)
    #expect(Date().timeIntervalSince(start) < 50)
    #expect(notebook.run("runs()").result?.contains("of 800,000") == true)
    notebook.run("stop()")
    #expect(notebook.run("runs()[0].status").result == "\"interrupted\"")
    #expect(notebook.run("runs()[0].steps == run.steps").result == "true")
    notebook.run("resume(run, background: true)")
    // Its first event comes from a thread of its own.
    let resumed = Date()
    while try runs(notebook).first?.status != "running", Date().timeIntervalSince(resumed) < 20 {
      usleep(1_000)
    }
    #expect(notebook.run("runs()[0].status").result == "\"running\"")
    notebook.run("stop()")
    #expect(notebook.run("runs()[0].losses == run.losses").result == "true")
    #expect(notebook.run("runs().count").result == "1")
  }

  @Test("two runs are told apart by what differs")
  func comparison() throws {
    let notebook = try prepared()
    let ran = notebook.run("let c = compare(one, 3)")
    #expect(ran.error == nil && ran.displays.count == 2)
    let text = ran.displays.first?.plainText ?? ""
    for word in ["run 1, a", "run 3, c", "seed", "epochs", "knn", "difference", "The same: method"]
    {
      #expect(text.contains(word), "\(word) in \(text)")
    }
    #expect(notebook.run("c.differences[\"seed\"]").result == #"["5", "9"]"#)
    #expect(notebook.run("c.differences[\"method\"] == nil").result == "true")
    #expect(ran.displays.last?.plainText?.contains("run 3, c") == true)
    // A run by its number, as an object, and as recorded is the same run.
    for cell in ["compare(1, three)", "compare(runs()[2], runs()[0])", "compare([1, 3])"] {
      #expect(notebook.run(cell).displays.first?.plainText == text, "\(cell)")
    }
    #expect(notebook.run("compare(runs())").displays.first?.plainText?.contains("3 runs") == true)
  }

  @Test("recorded runs that have a name come back with it, as the database tells of them then")
  func kept() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "orbit-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let first = Notebook(folder: folder.path)
    first.run(
      """
      let shapes = Shapes(count: 100, size: 16, seed: 1)
      let model = AET(for: shapes, encoder: NIN(widths: [4, 8]), seed: 1)
      train(model, on: shapes.train, epochs: 1, batch: 32)
      let best = runs()[0]
      train(model, on: shapes.train, epochs: 1, batch: 50)
      let both = runs()
      let none = runs(where: { $0.loss < 0 })
      """)
    first.interpreter.shutdown(restart: false)
    let second = Notebook(folder: folder.path)
    #expect(second.run("restore()").error == nil)
    #expect(second.run("best.losses.count == best.steps && best.steps > 0").result == "true")
    // What is measured of a restored model stands beside the run that trained it, long ended.
    let measured = second.run(
      "knn(model, train: shapes.train, test: shapes.test, k: 5, baselines: false).accuracy")
    #expect(measured.error == nil)
    #expect(second.run("runs()[0].knn").result == measured.result)
    #expect(second.run("runs().count").result == "2")
    #expect(second.run("both.count == 2 && both[0].id > both[1].id").result == "true")
    #expect(second.run("both[0].knn").result == measured.result)
    #expect(second.run("both[1].losses.count").result == second.run("best.losses.count").result)
    #expect(second.run("none.count").result == "0")
    second.interpreter.shutdown(restart: false)
  }

  static let mistakes: [(cell: String, words: [String])] = [
    ("runs(where: { $0.nope > 1 })", ["nope"]),
    ("runs(where: { 1 })", ["true or false"]),
    ("runs(by: .los)", ["los", "loss"]),
    ("runs(by: .options)", ["no order"]),
    ("runs(by: 3)", ["order of runs"]),
    ("compare(one, 99)", ["no run 99", "runs()"]),
    ("compare(one, one)", ["different runs"]),
    ("compare(one)", ["2 to 8"]),
    ("compare(one, two, train: shapes.train)", ["leave out"]),
    ("compare(a, b)", ["array of models"]),
    ("compare([a, b])", ["measured on images"]),
    ("compare([one, a], train: shapes.train, test: shapes.test)", ["run"]),
    ("export(runs(), to: \"runs.xlsx\")", [".csv", ".json"]),
    ("export(runs(), to: \"runs\")", [".csv"]),
    ("export(runs(), to: \"/nowhere/runs.csv\")", ["/nowhere", "No such file"]),
    ("export(a, to: \"runs.csv\")", ["list of runs"]),
  ]

  @Test("mistakes are told")
  func mistaken() throws {
    let notebook = try prepared()
    for (cell, words) in Self.mistakes {
      let error = notebook.run(cell).error ?? "no error"
      for word in words { #expect(error.contains(word), "\(cell): \(error)") }
    }
  }
}
