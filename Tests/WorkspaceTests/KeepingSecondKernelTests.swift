import Foundation
import RunStore
import Testing

@testable import Workspace

/// Names in a second kernel that lead to the first one's models, and cells that only nearly change these.
@Suite struct KeepingSecondKernelTests {
  private static let training = "train(aet, on: shapes.train, batch: 16, seed: 9)"

  private func withFirst(
    _ cells: [String] = [],
    _ body: (_ folder: String, _ first: Notebook, _ tensors: Data) throws -> Void
  ) throws {
    try Notebook.withFirst([Notebook.training] + cells, body)
  }

  @Test(
    "undo() takes another name of a model back, and what was before as well",
    arguments: ["let b = aet", "let b = aet.runs.last!", "let b = [aet, models[0]]"])
  func named(cell: String) throws {
    try withFirst { folder, _, tensors in
      let second = Notebook.restored(in: folder)
      second.succeed("let before = 1")
      second.succeed(cell)
      second.succeed("undo()")
      #expect(second.run("b").error != nil)
      second.succeed("undo()")
      #expect(second.run("before").error != nil)
      let after = try second.tensors(of: "models[0]", by: folder)
      #expect(after == tensors)
      second.close()
    }
  }

  @Test("a model that got another name is one model under all of them in the next session, too")
  func together() throws {
    for cells in [["let b = aet"], [Self.training, "restore()", "models.count", "let b = 1"]] {
      try withFirst { folder, _, tensors in
        let second = Notebook.restored(in: folder)
        for cell in cells { second.succeed(cell) }
        second.close()
        let third = Notebook.restored(in: folder)
        third.succeed(Self.training.replacing("9", with: "10"))
        let trained = try third.tensors(of: "aet", by: folder)
        #expect(try third.tensors(of: "models[0]", by: folder) == trained && trained != tensors)
        if cells.count == 1 { #expect(try third.tensors(of: "b", by: folder) == trained) }
        third.close()
      }
    }
  }

  @Test("a file that cannot be loaded makes nothing its own")
  func mistyped() throws {
    try withFirst { folder, first, tensors in
      let second = Notebook.restored(in: folder)
      #expect(second.run("load(aet, from: \"\(folder)/nothing.safetensors\")").error != nil)
      second.close()
      first.succeed(Self.training)
      let trained = try first.tensors(of: "aet", by: folder)
      let third = Notebook.restored(in: folder)
      #expect(try third.tensors(of: "aet", by: folder) == trained && trained != tensors)
      third.close()
    }
  }

  @Test("undo() leaves a name forgotten that was before the cell")
  func forgotten() throws {
    try withFirst { folder, _, _ in
      let second = Notebook.restored(in: folder)
      second.succeed("forget(\"number\")")
      second.succeed("let number = 5")
      second.succeed("undo()")
      #expect(second.run("number").error != nil)
      second.succeed("undo()")
      #expect(second.run("number").result == "1")
      second.close()
    }
  }

  @Test("a name that is asked for is the first kernel's again")
  func chosen() throws {
    try withFirst { folder, _, _ in
      let second = Notebook.kept(in: folder, ["let number = 7", "restore([\"number\"])"])
      #expect(second.run("number").result == "1")
      second.succeed("undo()")
      #expect(second.run("number").result == "7")
      second.close()
    }
  }

  @Test("weights whose only run cannot be loaded are no first weights")
  func missing() throws {
    try withFirst { folder, first, tensors in
      let keeper = try #require(first.interpreter.workspace.keeper)
      let run = try #require(first.model("aet")?.runs.first)
      let number = try #require(keeper.number(of: run))
      let blob = try #require(try keeper.store.state(of: number)?.blob)
      try FileManager.default.removeItem(atPath: "\(keeper.blobs.path)/\(blob)")
      let second = Notebook.restored(in: folder)
      #expect(second.run("aet.steps").result == "4")
      second.succeed("let branch = fork(aet)")
      second.succeed(Self.training)
      #expect(second.run("aet.steps").result == "8")
      second.succeed("undo()")
      #expect(try second.tensors(of: "aet", by: folder) == tensors)
      second.close()
      first.close()
      // Nor in the first folder, where the run is missing as well.
      let third = Notebook.restored(in: folder)
      third.succeed("let branch = fork(aet)")
      third.close()
      for place in ["w", "w/kernel-2"] {
        let later = Notebook(folder: "\(folder)/\(place)")
        later.succeed("restore()")
        #expect(try later.tensors(of: "branch", by: folder) == tensors)
        later.close()
      }
    }
  }

  @Test("a run that it carries on without its model is its own")
  func orphan() throws {
    try withFolder { folder in
      let first = Notebook.kept(in: folder, Notebook.made)
      first.interrupted("train(aet, on: shapes.train, epochs: 20, batch: 32)")
      first.succeed("let kept = aet.runs.last!")
      first.succeed("forget(\"aet\")")
      let second = Notebook.restored(in: folder)
      for name in ["shapes", "number", "kept.status"] { second.succeed(name) }
      #expect(second.interpreter.workspace.models.isEmpty)
      second.succeed("resume(kept)")
      let losses = try #require(second.succeed("kept.losses").result)
      second.close()
      let third = Notebook.restored(in: folder)
      #expect(third.run("kept.steps").result == "40")
      #expect(third.run("kept.losses").result == losses)
      third.close()
      first.close()
    }
  }

  @Test("its folder is no other notebook's, and a damaged one is passed over")
  func folders() throws {
    try withFirst { folder, _, _ in
      let beside = Notebook(folder: "\(folder)/w-2")
      beside.succeed("let other = 1")
      beside.close()
      let torn = "\(folder)/w/kernel-2"
      try FileManager.default.createDirectory(
        atPath: torn, withIntermediateDirectories: true)
      try Data("no database".utf8).write(to: URL(filePath: "\(torn)/workspace.sqlite"))
      let second = Notebook.restored(in: folder)
      #expect(second.run("other").error != nil)
      #expect(second.run("aet.steps").result == "4")
      second.succeed("let new = 2")
      #expect(second.interpreter.workspace.keeper?.folder == "\(folder)/w/kernel-3")
      second.close()
      let third = Notebook.restored(in: folder)
      #expect(third.run("new").result == "2")
      third.close()
    }
  }

  @Test("a name that is asked for once more after a training keeps the training")
  func chosenAgain() throws {
    try withFirst { folder, _, tensors in
      let second = Notebook.kept(in: folder, ["restore([\"aet\", \"shapes\"])", Self.training])
      let trained = try second.tensors(of: "aet", by: folder)
      second.succeed("restore([\"aet\"])")
      #expect(try second.tensors(of: "aet", by: folder) == trained && trained != tensors)
      // Also when it was forgotten meanwhile, and undo() gave it back.
      for cell in ["forget(\"aet\")", "undo()", "restore([\"aet\"])"] { second.succeed(cell) }
      #expect(try second.tensors(of: "aet", by: folder) == trained)
      second.close()
      let third = Notebook.restored(in: folder)
      #expect(try third.tensors(of: "aet", by: folder) == trained)
      third.close()
    }
  }

  @Test(
    "a collection takes its other models along with their names, and undo() is of what a cell changed"
  )
  func collection() throws {
    let cells = [
      "let bet = AET(for: shapes, encoder: NIN(widths: [4, 4]), seed: 2)", "let both = [aet, bet]",
    ]
    try withFirst(cells) { folder, _, tensors in
      let second = Notebook.restored(in: folder)
      second.succeed(Self.training)
      second.succeed("bet.steps")
      second.succeed("undo()")
      let undone = try second.tensors(of: "aet", by: folder)
      #expect(undone == tensors)
      second.succeed(Self.training)
      second.close()
      let third = Notebook.restored(in: folder)
      third.succeed(Self.training.replacing("aet", with: "bet"))
      #expect(third.run("[bet.steps, both[1].steps, both[0].steps]").result == "[4, 4, 8]")
      third.close()
    }
  }

  @Test("undo() gives back what restore() had given back before")
  func givenBack() throws {
    try withFirst { folder, _, _ in
      let second = Notebook.kept(
        in: folder, ["let number = 5", "undo()", "restore()", "let number = 2", "undo()"])
      #expect(second.run("number").result == "1")
      second.close()
    }
  }
}
