import Foundation
import RunStore
import Testing

@testable import Workspace

/// A second kernel of a notebook, what it makes of the first one's models, and where the next ones find that.
@Suite struct KeepingAdoptionTests {
  private static let training = "train(aet, on: shapes.train, batch: 16, seed: 9)"

  private func withFirst(
    _ cells: [String] = [Notebook.training],
    _ body: (_ folder: String, _ first: Notebook, _ tensors: Data) throws -> Void
  ) throws {
    try Notebook.withFirst(cells + Notebook.measuring, body)
  }

  @Test("what it trains is its own under every name, and undo() gives it back as it came")
  func trained() throws {
    for cells in [[], [Notebook.training]] {
      try withFirst(cells) { folder, first, tensors in
        let runs = try #require(first.succeed("aet.runs.map { $0.losses }").result)
        let second = Notebook.restored(in: folder)
        // No other name of the model was used by then.
        second.succeed(Self.training.replacing("aet", with: "models[0]"))
        // What the first kernel does meanwhile is its own.
        first.succeed(Self.training.replacing("16", with: "8"))
        second.succeed("undo()")
        #expect(try second.tensors(of: "aet", by: folder) == tensors)
        #expect(second.succeed("aet.runs.map { $0.losses }").result == runs)
        second.succeed(Self.training)
        let trained = try second.tensors(of: "models[0]", by: folder)
        #expect(trained != tensors)
        second.close()
        let third = Notebook.restored(in: folder)
        #expect(try third.tensors(of: "models[0]", by: folder) == trained)
        third.succeed(Self.training)
        let more = try third.tensors(of: "models[0]", by: folder)
        #expect(try third.tensors(of: "aet", by: folder) == more && more != trained)
        if !cells.isEmpty {
          #expect(third.succeed("run.losses").result == first.succeed("run.losses").result)
        }
        third.close()
      }
    }
  }

  @Test("what it only looks at stays the first kernel's")
  func looks() throws {
    try withFirst { folder, first, tensors in
      let second = Notebook.restored(in: folder)
      #expect(try second.tensors(of: "aet", by: folder) == tensors)
      second.succeed("knn(aet, train: shapes.train, test: shapes.test, k: 7)")
      second.close()
      first.succeed(Self.training)
      let trained = try first.tensors(of: "aet", by: folder)
      let third = Notebook.restored(in: folder)
      #expect(try third.tensors(of: "aet", by: folder) == trained && trained != tensors)
      third.close()
    }
  }

  @Test(
    "what it trains stays when the first kernel forgets the name",
    arguments: ["forget(\"aet\")", "undo()"])
  func forgotten(cell: String) throws {
    try withFirst { folder, first, tensors in
      first.succeed("let late = aet")
      let second = Notebook.restored(in: folder)
      first.succeed("forget(\"late\")")
      second.succeed("train(late, on: shapes.train, batch: 16, seed: 9)")
      first.succeed(cell)
      let trained = try second.tensors(of: "late", by: folder)
      second.close()
      let third = Notebook.restored(in: folder)
      #expect(try third.tensors(of: "late", by: folder) == trained && trained != tensors)
      third.close()
    }
  }

  @Test("weights that it loads are its own too")
  func loaded() throws {
    try withFirst { folder, first, tensors in
      first.succeed(Self.training)
      let trained = try first.tensors(of: "aet", by: folder)
      first.succeed("undo()")
      let second = Notebook.restored(in: folder)
      second.succeed("load(aet, from: \"\(folder)/saved.safetensors\")")
      second.close()
      let third = Notebook.restored(in: folder)
      #expect(try third.tensors(of: "aet", by: folder) == trained && trained != tensors)
      third.close()
    }
  }

  @Test(
    "undo() gives a name back that it reassigned or forgot",
    arguments: ["let run = 5", "forget(\"run\")"])
  func reassigned(cell: String) throws {
    try withFirst { folder, first, _ in
      let losses = try #require(first.succeed("run.losses").result)
      let second = Notebook.restored(in: folder)
      second.succeed(cell)
      #expect(second.run("run.losses").error != nil)
      second.succeed("undo()")
      #expect(second.succeed("run.losses").result == losses)
      second.close()
      let third = Notebook.restored(in: folder)
      #expect(third.succeed("run.losses").result == losses)
      third.close()
    }
  }

  @Test("where a model cannot be kept as it came, its training is, and undo() does not make it new")
  func notAdopted() throws {
    try withFirst { folder, _, tensors in
      let second = Notebook.restored(in: folder)
      let keeper = try #require(second.interpreter.workspace.keeper)
      let (blobs, away) = (keeper.blobs.path, "\(folder)/away")
      let files = FileManager.default
      if files.fileExists(atPath: blobs) { try files.moveItem(atPath: blobs, toPath: away) }
      #expect(files.createFile(atPath: blobs, contents: nil))
      // By the first panel it could not be adopted; there is room again before the cell ends.
      let ran = second.run(Self.training) { count, _ in
        guard count == 1 else { return }
        try? files.removeItem(atPath: blobs)
        if files.fileExists(atPath: away) { try? files.moveItem(atPath: away, toPath: blobs) }
      }
      #expect(ran.error == nil)
      let trained = try second.tensors(of: "aet", by: folder)
      #expect(second.run("undo()").error?.contains("could not be kept") == true)
      #expect(try second.tensors(of: "aet", by: folder) == trained && trained != tensors)
      second.close()
      let third = Notebook.restored(in: folder)
      #expect(try third.tensors(of: "aet", by: folder) == trained)
      #expect(third.succeed("aet.runs.count").result == "2")
      third.close()
    }
  }

  @Test("a run of the first that cannot be loaded is no run of another model later")
  func missing() throws {
    try withFirst { folder, first, _ in
      first.succeed("train(aet, on: shapes.train, batch: 8, seed: 3)")
      let keeper = try #require(first.interpreter.workspace.keeper)
      let run = try #require(first.model("aet")?.runs.first)
      let number = try #require(keeper.number(of: run))
      let blob = try #require(try keeper.store.state(of: number)?.blob)
      try FileManager.default.removeItem(atPath: "\(keeper.blobs.path)/\(blob)")
      let second = Notebook.restored(in: folder)
      // So many objects that the number is taken.
      for seed in 0...number {
        second.succeed(
          "let other\(seed) = AET(for: shapes, encoder: NIN(widths: [4, 4]), seed: \(seed))")
        second.succeed("train(other\(seed), on: shapes.train, batch: 32)")
      }
      second.succeed(Self.training)
      let losses = try #require(second.succeed("aet.runs.map { $0.losses }").result)
      let tensors = try second.tensors(of: "aet", by: folder)
      second.close()
      let third = Notebook.restored(in: folder)
      third.succeed(
        "let all = [\((0...number).map { "other\($0).steps" }.joined(separator: ", "))]")
      #expect(third.succeed("aet.runs.map { $0.losses }").result == losses)
      #expect(try third.tensors(of: "aet", by: folder) == tensors)
      third.close()
    }
  }
}
