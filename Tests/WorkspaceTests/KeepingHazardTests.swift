import CellLanguage
import Foundation
import JupyterKernel
import RunStore
import Synchronization
import Testing

@testable import Workspace

/// Sequences of cells in which what is kept went wrong once, or could.
@Suite(.serialized) struct KeepingHazardTests {
  private static let start = """
    let shapes = Shapes(count: 64, size: 16, seed: 1)
    var model = AET(for: shapes, encoder: NIN(widths: [4, 4]), seed: 1)
    """

  private func checkpoints(_ notebook: Notebook) throws -> Int {
    try keeper(notebook).store.checkpoints().count
  }

  private func keeper(_ notebook: Notebook) throws -> Keeper {
    try #require(notebook.interpreter.workspace.keeper)
  }

  @Test("the end of a training in the background leaves others alone")
  func background() throws {
    try withFolder { folder in
      let notebook = Notebook(folder: "\(folder)/w")
      notebook.run(Self.start)
      notebook.run("let other = AET(for: shapes, encoder: NIN(widths: [4, 4]), seed: 2)")
      #expect(
        notebook.run("let job = train(other, on: shapes.train, batch: 32, background: true)").error
          == nil)
      #expect(notebook.run("train(model, on: shapes.train, epochs: 20, batch: 32)").error == nil)
      #expect(notebook.run("wait(job)").error == nil)
      // One state of the model beside its first, of the cell that trained it, and none of its middle.
      let model = try #require(notebook.model("model"))
      let keeper = try keeper(notebook)
      let id = try #require(keeper.number(of: model))
      let states = try keeper.undoable().flatMap { commit in
        try keeper.store.states(changedBy: commit.id).filter { $0.object == id }
      }
      #expect(states.count == 2)
      #expect(states.allSatisfy { $0.content.contains("after 40 steps") || $0.blob == nil })
      notebook.close()
    }
  }

  @Test("runs that ended leave no checkpoint, whoever held their models")
  func ended() throws {
    try withFolder { folder in
      let notebook = Notebook(folder: "\(folder)/w")
      notebook.run(Self.start)
      let ran = notebook.run(
        """
        for s in 1...3 {
          let m = AET(for: shapes, encoder: NIN(widths: [4, 4]), seed: s)
          train(m, on: shapes.train, batch: 32)
        }
        """)
      #expect(ran.error == nil, "\(ran.error ?? "")")
      let left1 = try checkpoints(notebook)
      #expect(left1 == 0)
      #expect(
        notebook.run("let run = train(AET(for: shapes), on: shapes.train, batch: 32)").error == nil)
      let left2 = try checkpoints(notebook)
      #expect(left2 == 0)
      notebook.close()
      let later = Notebook(folder: "\(folder)/w")
      later.run("restore()")
      #expect(later.run("AET(for: shapes).steps").result == "0")
      #expect(later.run("run.steps").result == "2")
      later.close()
    }
  }

  @Test("undo goes on where the objects of a cell are gone")
  func undoOfTheDead() throws {
    try withFolder { folder in
      let notebook = Notebook(folder: "\(folder)/w")
      notebook.run(Self.start)
      notebook.run("train(model, on: shapes.train, batch: 32)")
      notebook.run("model = nil")
      #expect(notebook.run("undo()").error == nil)
      #expect(notebook.run("undo()").error == nil)
      #expect(notebook.run("model.steps").result == "0")
      // The next cell is a cell of its own.
      #expect(notebook.run("let z = 1").error == nil)
      #expect(notebook.run("undo()").error == nil)
      #expect(notebook.run("z").error != nil)
      #expect(notebook.run("model.steps").result == "0")
      notebook.close()
    }
  }

  @Test("undo() takes back the cell before, whatever its own cell has forgotten")
  func undoOfItsOwnCell() throws {
    try withFolder { folder in
      let notebook = Notebook.kept(in: folder, Notebook.made + ["let x = 5"])
      notebook.succeed("forget(\"number\")\nundo()")
      #expect(notebook.run("x").error != nil)
      #expect(notebook.run("number").error != nil)
      notebook.close()
    }
  }

  @Test("undo() takes back a training in the background that could not be kept when it ended")
  func undoOfWhatFailed() throws {
    try withFolder { folder in
      let notebook = Notebook.kept(in: folder, Notebook.made + ["let x = 5"])
      let keeper = try keeper(notebook)
      let (blobs, away) = (keeper.blobs.path, "\(folder)/away")
      notebook.succeed(
        "let job = train(aet, on: shapes.train, epochs: 60, batch: 32, background: true)")
      let files = FileManager.default
      if files.fileExists(atPath: blobs) { try files.moveItem(atPath: blobs, toPath: away) }
      #expect(files.createFile(atPath: blobs, contents: nil))
      // The training ends at once, but for one under a sanitizer on a machine that does other things.
      let deadline = MonotonicClock.milliseconds + 120_000
      while !keeper.state.withLock({ $0.hasFailed }), MonotonicClock.milliseconds < deadline {
        usleep(5_000)
      }
      #expect(keeper.state.withLock { $0.hasFailed })
      // As long as there is no room, nothing else is taken back.
      #expect(notebook.run("undo()").error?.contains("make room") == true)
      try files.removeItem(atPath: blobs)
      if files.fileExists(atPath: away) { try files.moveItem(atPath: away, toPath: blobs) }
      notebook.succeed("undo()")
      #expect(notebook.run("[aet.steps, x]").result == "[0, 5]")
      notebook.close()
    }
  }

  @Test("undo ends where what was replaced is forgotten, and changes nothing there")
  func undoEnds() throws {
    try withFolder { folder in
      let notebook = Notebook(folder: "\(folder)/w")
      notebook.run("var a = 0")
      for turn in 1...70 { notebook.run("a = \(turn)") }
      var undone = 0
      while notebook.run("undo()").error == nil, undone < 80 { undone += 1 }
      #expect(undone >= 20)
      #expect(notebook.run("a").result == "\(70 - undone)")
      notebook.close()
    }
  }

  @Test("a name that is asked for is as it was before this session")
  func chosen() throws {
    try withFolder { folder in
      let first = Notebook(folder: "\(folder)/w")
      first.run("var a = 1\nvar b = 2")
      first.close()
      let second = Notebook(folder: "\(folder)/w")
      second.run("var a = 10")
      #expect(second.run("restore()").error == nil)
      #expect(second.run("[a, b]").result == "[10, 2]")
      #expect(second.run("restore([\"a\"])").error == nil)
      #expect(second.run("[a, b]").result == "[1, 2]")
      second.close()
    }
  }

  @Test("a run whose model nobody holds keeps the weights itself")
  func orphan() throws {
    try withFolder { folder in
      let first = Notebook(folder: "\(folder)/w")
      first.run(Self.start)
      first.run(
        "let run = train(AET(for: shapes, encoder: NIN(widths: [4, 4]), seed: 9), on: shapes.train, batch: 32, average: 0.9)"
      )
      let path = "\(folder)/before.safetensors"
      #expect(first.run("save(run.averaged, to: \"\(path)\")").error == nil)
      first.close()
      let second = Notebook(folder: "\(folder)/w")
      #expect(second.run("restore()").error == nil)
      let later = "\(folder)/after.safetensors"
      #expect(second.run("save(run.averaged, to: \"\(later)\")").error == nil)
      let (one, other) = (try Notebook.tensors(in: path), try Notebook.tensors(in: later))
      #expect(one == other)
      second.close()
    }
  }
}

extension Notebook {
  /// The model of a name.
  func model(_ name: String) -> ModelObject? {
    guard case .object(let object)? = value(name) else { return nil }
    return object as? ModelObject
  }
}
