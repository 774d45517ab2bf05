import Foundation
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

  @Test("runs keep their places where one of them cannot be loaded")
  func missing() throws {
    try withFolder { folder in
      let first = prepared(folder)
      #expect(first.run("train(aet, on: shapes.train, batch: 16, seed: 6)").error == nil)
      #expect(first.run("train(aet, on: shapes.train, batch: 8, seed: 7)").error == nil)
      let losses = first.run("aet.runs.map { $0.losses }").result
      let keeper = try #require(first.interpreter.workspace.keeper)
      let middle = try #require(first.model("aet")?.runs[1])
      let blob = try #require(
        try keeper.number(of: middle).flatMap { try keeper.store.state(of: $0)?.blob })
      close(first)
      // While its file is away, the second of three runs cannot be loaded.
      let path = "\(keeper.blobs.path)/\(blob)"
      let file = try #require(
        FileManager.default.enumerator(atPath: keeper.blobs.path)?.compactMap { $0 as? String }
          .first { $0.contains(blob) }.map { "\(keeper.blobs.path)/\($0)" }, "\(path)")
      try FileManager.default.moveItem(atPath: file, toPath: "\(folder)/away")
      let second = Notebook(folder: "\(folder)/w")
      #expect(second.run("restore()").error == nil)
      let looked = second.run("aet.runs.count")
      #expect(looked.result == "2" && looked.text.contains("run 2 of the model"), "\(looked.text)")
      #expect(second.run(Self.cells[3]).error == nil)
      close(second)
      try FileManager.default.moveItem(atPath: "\(folder)/away", toPath: file)
      let third = Notebook(folder: "\(folder)/w")
      #expect(third.run("restore()").error == nil)
      #expect(third.run("aet.runs.map { $0.losses }").result == losses)
      close(third)
    }
  }
}
