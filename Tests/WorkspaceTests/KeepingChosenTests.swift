import Foundation
import Testing

@testable import Workspace

/// A name that is asked for after this session has given it to something else: `restore(["aet"])`.
@Suite(.serialized) struct KeepingChosenTests {
  private static let again = "let aet = AET(for: shapes, encoder: NIN(widths: [4, 4]), seed: 7)"
  private static let training = "train(aet, on: shapes.train, batch: 16, seed: 9)"

  /// A session that trained `aet`, and the next one, which has made another one of that name.
  private func withAnother(_ body: (_ folder: String, _ second: Notebook) throws -> Void) throws {
    try withFolder { folder in
      Notebook.kept(in: folder, Notebook.made + [Notebook.training]).close()
      try body(folder, Notebook.kept(in: folder, ["restore([\"shapes\"])", Self.again]))
    }
  }

  @Test("it is that name's from then on, with all that it is trained to")
  func stays() throws {
    try withAnother { folder, second in
      second.succeed("restore([\"aet\"])")
      #expect(second.run("aet.steps").result == "4")
      second.succeed(Self.training)
      let trained = try second.tensors(of: "aet", by: folder)
      // So many cells that what no name leads to is forgotten.
      for turn in 1...50 { second.succeed("let x\(turn) = \(turn)") }
      second.close()
      let third = Notebook.restored(in: folder)
      #expect(third.run("[aet.steps, aet.runs.count]").result == "[8, 2]")
      #expect(try third.tensors(of: "aet", by: folder) == trained)
      third.close()
    }
  }

  @Test("undo() gives the name back to what had it")
  func undone() throws {
    try withAnother { folder, second in
      second.succeed("restore([\"aet\"])")
      second.succeed("undo()")
      #expect(second.run("[aet.steps, aet.seed]").result == "[0, 7]")
      second.close()
      let third = Notebook.restored(in: folder)
      #expect(third.run("[aet.steps, aet.seed]").result == "[0, 7]")
      third.close()
    }
  }

  @Test("what was forgotten and is asked for again is kept, too")
  func forgotten() throws {
    try withFolder { folder in
      Notebook.kept(in: folder, Notebook.made + [Notebook.training]).close()
      let second = Notebook.kept(
        in: folder, ["restore()", "forget(\"aet\")", "restore([\"aet\"])", Self.training])
      let trained = try second.tensors(of: "aet", by: folder)
      second.close()
      let third = Notebook.restored(in: folder)
      #expect(try third.tensors(of: "aet", by: folder) == trained)
      third.close()
    }
  }
}
