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
}
