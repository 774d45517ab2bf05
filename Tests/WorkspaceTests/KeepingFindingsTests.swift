import Foundation
import JupyterKernel
import RunStore
import Testing

@testable import Workspace

/// What is kept of a model beside its weights: what it was measured to, and how its runs ended.
@Suite(.serialized) struct KeepingFindingsTests {
  private static let cells = Notebook.made + [Notebook.training] + Notebook.measuring

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
      let first = Notebook.kept(in: folder, Self.cells)
      let before = try results(first)
      #expect(before.contains("k = 5") && before.contains("k = 3"))
      first.close()
      let second = Notebook.restored(in: folder)
      #expect(try results(second) == before)
      // A score by the same protocol takes the place of the one before.
      second.succeed(Notebook.measuring[0])
      let lines = before.split(separator: "\n")
      #expect(try results(second).split(separator: "\n").count == lines.count)
      second.close()
      let third = Notebook.restored(in: folder)
      #expect(try results(third).split(separator: "\n").sorted() == lines.sorted())
      // Other weights have not been measured.
      third.succeed("train(aet, on: shapes.train, batch: 32, seed: 6)")
      #expect(try results(third).contains("Nothing was measured yet"))
      third.succeed("undo()")
      #expect(try results(third).split(separator: "\n").sorted() == lines.sorted())
      third.close()
    }
  }

  @Test("a measurement writes no weights, and no undo takes it for a change")
  func measurements() throws {
    try withFolder { folder in
      let notebook = Notebook.kept(in: folder, Self.cells)
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
      notebook.close()
    }
  }

  @Test("a run that failed has failed also in a later kernel")
  func failure() throws {
    try withFolder { folder in
      let first = Notebook.kept(in: folder, Self.cells)
      let failed = first.run(
        "train(aet, on: shapes.train, epochs: 4, batch: 32, learningRate: 1e30, seed: 5)")
      #expect(failed.error?.contains("not finite") == true, "\(failed.error ?? "no error")")
      #expect(first.run("aet.runs.map { $0.status }").result == #"["completed", "failed"]"#)
      let steps = first.run("aet.runs.last!.steps").result
      first.close()
      let second = Notebook.restored(in: folder)
      #expect(second.run("aet.runs.map { $0.status }").result == #"["completed", "failed"]"#)
      #expect(second.run("aet.runs.last!.steps").result == steps)
      second.close()
    }
  }

  @Test("taking a resumed training back leaves the scores of where it had been")
  func resumed() throws {
    try withFolder { folder in
      let notebook = Notebook.kept(in: folder, Self.cells)
      notebook.run("let other = AET(for: shapes, encoder: NIN(widths: [4, 4]), seed: 2)")
      notebook.interrupted("train(other, on: shapes.train, epochs: 40, batch: 32)")
      let steps = try #require(notebook.run("other.steps").result)
      #expect(notebook.run("other.runs.last!.status").result == "\"interrupted\"")
      notebook.succeed("knn(other, train: shapes.train, test: shapes.test, k: 5)")
      #expect(notebook.model("other")?.scores.count == 1)
      notebook.succeed("resume(other.runs.last!)")
      #expect(notebook.model("other")?.scores.isEmpty == true)
      notebook.succeed("undo()")
      #expect(notebook.run("other.steps").result == steps)
      #expect(notebook.model("other")?.scores.count == 1)
      notebook.close()
      let later = Notebook.restored(in: folder)
      #expect(later.run("other.steps").result == steps)
      #expect(later.model("other")?.scores.count == 1)
      later.close()
    }
  }

  @Test("taking the name of a score back leaves the model alone")
  func named() throws {
    try withFolder { folder in
      let notebook = Notebook.kept(in: folder, Self.cells)
      notebook.succeed("let s = knn(aet, train: shapes.train, test: shapes.test, k: 7)")
      notebook.succeed(Notebook.measuring[0])
      let changed = notebook.run("diff()")
      #expect(changed.result?.contains("aet") == false, "\(changed.result ?? "")")
      let undone = notebook.run("undo()")
      #expect(undone.result?.contains("aet") == false, "\(undone.result ?? "")")
      #expect(notebook.run("s").error != nil)
      #expect(notebook.run("aet.steps").result == "4")
      #expect(notebook.model("aet")?.scores.count == 3)
      notebook.close()
    }
  }

  @Test("measurements leave room for undo")
  func window() throws {
    try withFolder { folder in
      let notebook = Notebook.kept(in: folder, Self.cells)
      for k in 1...60 {
        let error = notebook.run(
          "knn(aet, train: shapes.train.first(20), test: shapes.test.first(4), k: \(k % 10 + 1))"
        ).error
        #expect(error == nil)
      }
      notebook.succeed("undo()")
      #expect(notebook.run("aet.steps").result == "0")
      notebook.close()
    }
  }
}
