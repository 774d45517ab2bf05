import Foundation
import JupyterKernel
import RunStore
import Synchronization
import Testing
import Training

@testable import Workspace

/// What is kept of a model beside its weights: what it was measured to, and how its runs ended.
@Suite(.serialized) struct KeepingFindingsTests {
  private static let cells = [
    "let shapes = Shapes(count: 64, size: 16, seed: 1)",
    "let aet = AET(for: shapes, encoder: NIN(widths: [4, 4]), seed: 1)",
    "let run = train(aet, on: shapes.train, epochs: 2, batch: 32, seed: 5)",
    "knn(aet, train: shapes.train, test: shapes.test, k: 5)",
    "knn(aet, train: shapes.train, test: shapes.test, k: 3)",
  ]

  private func close(_ notebook: Notebook) { notebook.interpreter.workspace.journal.close() }

  private func prepared(_ folder: String) -> Notebook {
    let notebook = Notebook(folder: "\(folder)/w")
    for cell in Self.cells {
      let error = notebook.run(cell).error
      #expect(error == nil, "\(error ?? "")")
    }
    return notebook
  }

  /// The part of a model's card that tells what was measured.
  private func results(_ notebook: Notebook) throws -> String {
    let card = notebook.run("print(card(aet).text)").text
    let end = try #require(card.range(of: "## Limits"))
    let start = try #require(card.range(of: "## Results"))
    return String(card[start.lowerBound..<end.lowerBound])
  }

  @Test("a card lists the scores of the model also in a later kernel")
  func scores() throws {
    try withFolder { folder in
      let first = prepared(folder)
      let before = try results(first)
      #expect(before.contains("k = 5") && before.contains("k = 3"))
      close(first)
      let second = Notebook(folder: "\(folder)/w")
      #expect(second.run("restore()").error == nil)
      #expect(try results(second) == before)
      // A score by the same protocol takes the place of the one before.
      #expect(second.run(Self.cells[3]).error == nil)
      let lines = before.split(separator: "\n")
      #expect(try results(second).split(separator: "\n").count == lines.count)
      close(second)
      let third = Notebook(folder: "\(folder)/w")
      #expect(third.run("restore()").error == nil)
      #expect(try results(third).split(separator: "\n").sorted() == lines.sorted())
      // Other weights have not been measured.
      #expect(third.run("train(aet, on: shapes.train, batch: 32, seed: 6)").error == nil)
      #expect(try results(third).contains("Nothing was measured yet"))
      #expect(third.run("undo()").error == nil)
      #expect(try results(third).split(separator: "\n").sorted() == lines.sorted())
      close(third)
    }
  }

  @Test("a measurement writes no weights, and no undo takes it for a change")
  func measurements() throws {
    try withFolder { folder in
      let notebook = prepared(folder)
      let keeper = try #require(notebook.interpreter.workspace.keeper)
      let number = try #require(notebook.model("aet").flatMap { keeper.number(of: $0) })
      let blobs = try keeper.store.commits(of: 1).reversed().flatMap { commit in
        try keeper.store.states(changedBy: commit.id).filter { $0.object == number }.map(\.blob)
      }
      #expect(blobs.count == 4 && blobs[0] == nil && blobs[1] != nil)
      #expect(blobs[2] == blobs[1] && blobs[3] == blobs[1])
      let undone = notebook.run("undo()")
      #expect(undone.error == nil)
      #expect(notebook.run("aet.steps").result == "0")
      #expect(try results(notebook).contains("Nothing was measured yet"))
      close(notebook)
    }
  }

  @Test("a run that failed has failed also in a later kernel")
  func failure() throws {
    try withFolder { folder in
      let first = prepared(folder)
      let failed = first.run(
        "train(aet, on: shapes.train, epochs: 4, batch: 32, learningRate: 1e30, seed: 5)")
      #expect(failed.error?.contains("not finite") == true, "\(failed.error ?? "no error")")
      #expect(first.run("aet.runs.map { $0.status }").result == #"["completed", "failed"]"#)
      let steps = first.run("aet.runs.last!.steps").result
      close(first)
      let second = Notebook(folder: "\(folder)/w")
      #expect(second.run("restore()").error == nil)
      #expect(second.run("aet.runs.map { $0.status }").result == #"["completed", "failed"]"#)
      #expect(second.run("aet.runs.last!.steps").result == steps)
      close(second)
    }
  }

  @Test("taking a resumed training back leaves the scores of where it had been")
  func resumed() throws {
    try withFolder { folder in
      let notebook = prepared(folder)
      notebook.run("let other = AET(for: shapes, encoder: NIN(widths: [4, 4]), seed: 2)")
      _ = notebook.run("train(other, on: shapes.train, epochs: 40, batch: 32)") {
        count, execution in
        if count > 1 { execution.interrupt() }
      }
      let steps = try #require(notebook.run("other.steps").result)
      #expect(notebook.run("other.runs.last!.status").result == "\"interrupted\"")
      #expect(notebook.run("knn(other, train: shapes.train, test: shapes.test, k: 5)").error == nil)
      #expect(notebook.model("other")?.scores.count == 1)
      #expect(notebook.run("resume(other.runs.last!)").error == nil)
      #expect(notebook.model("other")?.scores.isEmpty == true)
      #expect(notebook.run("undo()").error == nil)
      #expect(notebook.run("other.steps").result == steps)
      #expect(notebook.model("other")?.scores.count == 1)
      close(notebook)
      let later = Notebook(folder: "\(folder)/w")
      #expect(later.run("restore()").error == nil)
      #expect(later.run("other.steps").result == steps)
      #expect(later.model("other")?.scores.count == 1)
      close(later)
    }
  }

  @Test("taking the name of a score back leaves the model alone")
  func named() throws {
    try withFolder { folder in
      let notebook = prepared(folder)
      #expect(
        notebook.run("let s = knn(aet, train: shapes.train, test: shapes.test, k: 7)").error == nil)
      #expect(notebook.run(Self.cells[3]).error == nil)
      let changed = notebook.run("diff()")
      #expect(changed.result?.contains("aet") == false, "\(changed.result ?? "")")
      let undone = notebook.run("undo()")
      #expect(undone.result?.contains("aet") == false, "\(undone.result ?? "")")
      #expect(notebook.run("s").error != nil)
      #expect(notebook.run("aet.steps").result == "4")
      #expect(notebook.model("aet")?.scores.count == 3)
      close(notebook)
    }
  }

  @Test("measurements leave room for undo")
  func window() throws {
    try withFolder { folder in
      let notebook = prepared(folder)
      for k in 1...60 {
        let error = notebook.run(
          "knn(aet, train: shapes.train.first(20), test: shapes.test.first(4), k: \(k % 10 + 1))"
        ).error
        #expect(error == nil)
      }
      #expect(notebook.run("undo()").error == nil)
      #expect(notebook.run("aet.steps").result == "0")
      close(notebook)
    }
  }

  /// The tensors of a saved model.
  private func tensors(_ notebook: Notebook, _ model: String, _ folder: String) throws -> Data {
    let path = "\(folder)/saved.safetensors"
    let error = notebook.run("save(\(model), to: \"\(path)\")").error
    #expect(error == nil, "\(error ?? "")")
    let data = try Data(contentsOf: URL(filePath: path))
    let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    return data.dropFirst(8 + length)
  }

  /// A workspace in which a training of `other` was interrupted, and what it was by then.
  private func interrupted(_ folder: String) throws -> (steps: String, tensors: Data) {
    let notebook = prepared(folder)
    notebook.run("let other = AET(for: shapes, encoder: NIN(widths: [4, 4]), seed: 2)")
    _ = notebook.run("let more = train(other, on: shapes.train, epochs: 20, batch: 32)") {
      count, execution in
      if count > 1 { execution.interrupt() }
    }
    #expect(notebook.run("let kept = other.runs.last!").error == nil)
    let steps = try #require(notebook.run("other.steps").result)
    let tensors = try tensors(notebook, "other", folder)
    close(notebook)
    return (steps, tensors)
  }

  @Test("a run goes on while nobody holds its model, which then has the newer weights for good")
  func orphan() throws {
    try withFolder { folder in
      let before = try interrupted(folder)
      let second = Notebook(folder: "\(folder)/w")
      #expect(second.run("restore([\"kept\"])").error == nil)
      #expect(second.run("kept.status").error == nil)
      #expect(second.run("resume(kept)").error == nil)
      let losses = second.run("kept.losses").result
      // Whoever asks for the model now gets the weights that the run has reached.
      #expect(second.run("restore()").error == nil)
      #expect(second.run("other.steps").result == "40")
      let reached = try tensors(second, "other", folder)
      #expect(reached != before.tensors)
      close(second)
      for _ in 3...5 {
        let later = Notebook(folder: "\(folder)/w")
        #expect(later.run("restore()").error == nil)
        #expect(later.run("knn(other, train: shapes.train, test: shapes.test, k: 5)").error == nil)
        #expect(try tensors(later, "other", folder) == reached)
        #expect(later.run("other.runs.last!.losses").result == losses)
        close(later)
      }
    }
  }

  @Test("taking a run back whose model nobody holds gives it the weights of before")
  func orphanTakenBack() throws {
    try withFolder { folder in
      let before = try interrupted(folder)
      let second = Notebook(folder: "\(folder)/w")
      #expect(second.run("restore([\"kept\"])").error == nil)
      #expect(second.run("kept.status").error == nil)
      #expect(second.run("resume(kept)").error == nil)
      #expect(second.run("undo()").error == nil)
      #expect(second.run("kept.steps").result == before.steps)
      close(second)
      let third = Notebook(folder: "\(folder)/w")
      #expect(third.run("restore()").error == nil)
      #expect(third.run("other.steps").result == before.steps)
      #expect(try tensors(third, "other", folder) == before.tensors)
      close(third)
    }
  }

  @Test("weights outlive a run that cannot be loaded")
  func onlyRun() throws {
    try withFolder { folder in
      let first = prepared(folder)
      let before = try tensors(first, "aet", folder)
      let keeper = try #require(first.interpreter.workspace.keeper)
      let run = try #require(first.model("aet")?.runs.first)
      let blob = try #require(
        try keeper.number(of: run).flatMap { try keeper.store.state(of: $0)?.blob })
      close(first)
      let path = "\(keeper.blobs.path)/\(blob)"
      try FileManager.default.moveItem(atPath: path, toPath: "\(folder)/away")
      let second = Notebook(folder: "\(folder)/w")
      #expect(second.run("restore()").error == nil)
      #expect(second.run("aet.runs.count").result == "0")
      #expect(second.run(Self.cells[3]).error == nil)
      close(second)
      try FileManager.default.moveItem(atPath: "\(folder)/away", toPath: path)
      let third = Notebook(folder: "\(folder)/w")
      #expect(third.run("restore()").error == nil)
      #expect(third.run("aet.steps").result == "4")
      #expect(try tensors(third, "aet", folder) == before)
      close(third)
    }
  }

  /// Notes the steps of the checkpoints that it finds.
  private final class Watching: Observer {
    let keeper: Keeper
    let found = Mutex<Set<Int>>([])

    init(_ keeper: Keeper) { self.keeper = keeper }

    func observe(_ event: RunEvent) -> RunDirective {
      if case .stepped = event, let steps = try? keeper.store.checkpoints().map(\.step) {
        found.withLock { $0.formUnion(steps) }
      }
      return .proceed
    }
  }

  @Test("within a long epoch a checkpoint is written at every interval", arguments: [0.01, 3_600])
  func interval(seconds: Double) throws {
    try withFolder { folder in
      let notebook = Notebook(folder: "\(folder)/w")
      notebook.run(Self.cells[0].replacing("64", with: "1_024"))
      notebook.run(Self.cells[1])
      #expect(notebook.run("let run = train(aet, on: shapes.train, batch: 256)").error == nil)
      let model = try #require(notebook.model("aet"))
      let before = try #require(model.runs.last)
      var recipe = before.recipe
      recipe.batch = 2
      let keeper = try #require(notebook.interpreter.workspace.keeper)
      let (run, rule) = try recipe.run(of: model.learner, on: before.images.images, labelled: nil)
      let recorded = RunObject(
        run, of: model, on: before.images, labelled: nil, recipe: recipe,
        optimiser: rule.description, record: nil)
      let watching = Watching(keeper)
      try run.advance(watchedBy: [
        CheckpointObserver(
          recorded, of: model, keeper: keeper, name: "aet", line: 3, interval: seconds), watching,
      ])
      let found = watching.found.withLock { $0 }
      // The first is that of the start.
      #expect(found.contains(0) && found.allSatisfy { $0 < run.plan.stepsPerEpoch })
      #expect(seconds < 1 ? found.count > 2 : found.count == 1, "\(found.sorted())")
      close(notebook)
    }
  }

  @Test("runs keep their places where one of them cannot be loaded", arguments: 0..<3)
  func missing(absent: Int) throws {
    try withFolder { folder in
      let first = prepared(folder)
      #expect(first.run("train(aet, on: shapes.train, batch: 16, seed: 6)").error == nil)
      #expect(first.run("train(aet, on: shapes.train, batch: 8, seed: 7)").error == nil)
      // Other weights take the place of those that the three runs left.
      let file = "\(folder)/aet.safetensors"
      #expect(first.run("save(aet, to: \"\(file)\")").error == nil)
      #expect(first.run("load(aet, from: \"\(file)\")").error == nil)
      let steps = first.run("aet.steps").result
      let losses = first.run("aet.runs.map { $0.losses }").result
      let keeper = try #require(first.interpreter.workspace.keeper)
      let middle = try #require(first.model("aet")?.runs[absent])
      let blob = try #require(
        try keeper.number(of: middle).flatMap { try keeper.store.state(of: $0)?.blob })
      close(first)
      // While its file is away, one of three runs cannot be loaded.
      let path = "\(keeper.blobs.path)/\(blob)"
      let blobFile = try #require(
        FileManager.default.enumerator(atPath: keeper.blobs.path)?.compactMap { $0 as? String }
          .first { $0.contains(blob) }.map { "\(keeper.blobs.path)/\($0)" }, "\(path)")
      try FileManager.default.moveItem(atPath: blobFile, toPath: "\(folder)/away")
      let second = Notebook(folder: "\(folder)/w")
      #expect(second.run("restore()").error == nil)
      let looked = second.run("aet.runs.count")
      #expect(
        looked.result == "2" && looked.text.contains("run \(absent + 1) of the model"),
        "\(looked.text)")
      #expect(second.run("train(aet, on: shapes.train, batch: 64, seed: 8)").error == nil)
      #expect(second.run("undo()").error == nil)
      close(second)
      try FileManager.default.moveItem(atPath: "\(folder)/away", toPath: blobFile)
      let third = Notebook(folder: "\(folder)/w")
      #expect(third.run("restore()").error == nil)
      #expect(third.run("aet.runs.map { $0.losses }").result == losses)
      #expect(third.run("aet.steps").result == steps)
      close(third)
    }
  }
}
