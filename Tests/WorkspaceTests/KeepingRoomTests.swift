import Foundation
import RunStore
import Testing

@testable import Workspace

/// What is replaced gives its room back, and what can be brought back stays.
@Suite struct KeepingRoomTests {
  @Test func whatIsReplacedAgainAndAgainTakesNoMoreRoom() throws {
    try withFolder { folder in
      let notebook = Notebook(folder: "\(folder)/w")
      let keeper = try #require(notebook.interpreter.workspace.keeper)
      notebook.run(
        """
        let shapes = Shapes(count: 64, size: 16, seed: 1)
        var model = AET(for: shapes, encoder: NIN(widths: [4, 4]), seed: 1)
        let early = train(model, on: shapes.train, epochs: 1, batch: 32)
        let kept = [early, model]
        var figure = plot(early)
        """)
      let weights = notebook.run("early.losses").result
      func objects() throws -> Int { try keeper.store.forgetReplaced(newest: 41).recipes.count }
      var counts: [(objects: Int, blobs: Int)] = []
      for turn in 1...160 {
        #expect(notebook.run("figure = plot(early)").error == nil)
        if turn % 4 == 0 {
          #expect(notebook.run("train(model, on: shapes.train, batch: 32)").error == nil)
        }
        if turn % 40 == 0 { counts.append((try objects(), keeper.blobs.all.count)) }
      }
      // 41 commits can be reached, of figures and of runs; before they were tidied up there were 200.
      #expect(counts.allSatisfy { $0.objects < 120 && $0.blobs < 120 }, "\(counts)")
      notebook.interpreter.workspace.journal.close()

      let later = Notebook(folder: "\(folder)/w")
      #expect(later.run("restore()").error == nil)
      #expect(later.run("early.losses").result == weights)
      #expect(later.run("kept[1].steps").result == "82")
      #expect(later.run("model.runs.count").result == "41")
      #expect(later.run("figure").error == nil)
      #expect(later.run("kept[0].steps").result == "2")
      later.interpreter.workspace.journal.close()
    }
  }

  @Test(
    "where blobs take too much room, fewer cells can be undone and all names stay",
    arguments: [0, 1, 2, 5])
  func fewerCellsCanBeUndone(allowed: Int) throws {
    try withFolder { folder in
      let notebook = Notebook.kept(in: folder, Notebook.made)
      let keeper = try #require(notebook.interpreter.workspace.keeper)
      var losses: [String?] = [notebook.run("aet.runs.map { $0.losses }").result]
      for seed in 1...13 {
        notebook.succeed("train(aet, on: shapes.train, batch: 32, seed: \(seed))")
        losses.append(notebook.run("aet.runs.map { $0.losses }").result)
      }
      // The room that undoing so many of them takes.
      let needed = try keeper.store.neededBlobs(newest: Keeper.commits(allowed))
      let room = needed.reduce(0) { $0 + (keeper.sizes[$1] ?? 0) }
      let before = keeper.blobs.all.count
      #expect(keeper.collect(room: room) > 0 && keeper.blobs.all.count < before)
      #expect(keeper.depth == allowed)
      #expect(keeper.sizes.values.reduce(0, +) <= room)

      for turn in 0..<allowed {
        notebook.succeed("undo()")
        #expect(notebook.run("aet.runs.map { $0.losses }").result == losses[12 - turn])
      }
      if allowed == 0 {
        #expect(notebook.run("undo()").error?.contains("no longer kept") == true)
      }
      let tensors = try notebook.tensors(of: "aet", by: folder)
      notebook.close()

      let later = Notebook.restored(in: folder)
      #expect(later.run("aet.runs.map { $0.losses }").result == losses[13 - allowed])
      #expect(try later.tensors(of: "aet", by: folder) == tensors)
      later.close()
    }
  }
}
