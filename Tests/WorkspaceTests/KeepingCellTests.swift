import CellLanguage
import Foundation
import RunStore
import Testing

@testable import Workspace

/// Cells whose names are kept, taken back, and brought back by a later notebook of the same folder.
@Suite(.serialized) struct KeepingCellTests {
  private func names(_ notebook: Notebook) -> [String: String] {
    let table = notebook.interpreter.workspace.evaluator.names
    return Dictionary(uniqueKeysWithValues: table.names.map { ($0, table[$0]?.cellText ?? "") })
  }

  /// The names that are kept.
  private func kept(_ notebook: Notebook) throws -> [String] {
    try notebook.interpreter.workspace.keeper?.store.names().map(\.name) ?? []
  }

  private func close(_ notebook: Notebook) { notebook.interpreter.workspace.journal.close() }

  @Test(arguments: 1...6) func cellsAreTakenBackInTurn(seed: UInt64) throws {
    try withFolder { folder in
      let notebook = Notebook(folder: "\(folder)/w")
      var dice = Dice(seed)
      // The names as they were after each cell that changed some and was not taken back.
      var past: [[String: String]] = [[:]]
      var now: [String: String] { past.last ?? [:] }
      for turn in 1...60 {
        let name = ["a", "b", "c", "d"][dice.below(4)]
        let isKnown = now[name] != nil
        switch dice.below(5) {
        case 0:
          let ran = notebook.run("undo()")
          // What can be undone goes twenty cells back, and the walk stays above that.
          #expect((ran.error == nil) == (past.count > 1), "\(ran.error ?? "")")
          if past.count > 1 { past.removeLast() }
        case 1:
          #expect(notebook.run("1 + \(turn)").result == "\(turn + 1)")
        case 2 where isKnown:
          #expect(notebook.run("forget(\"\(name)\")").error == nil)
          past.append(now.filter { $0.key != name })
        default:
          let ran = notebook.run(
            isKnown ? "\(name) = \(turn)" : "var \(name) = \(turn)\nvar with\(name) = [\(turn)]")
          #expect(ran.error == nil, "\(ran.error ?? "")")
          var next = now
          next[name] = "\(turn)"
          if !isKnown { next["with\(name)"] = "[\(turn)]" }
          past.append(next)
        }
        if past.count > 18 { past.removeFirst(past.count - 18) }
        #expect(names(notebook) == now, "after cell \(turn)")
      }
      close(notebook)
      let later = Notebook(folder: "\(folder)/w")
      #expect(later.run("restore()").error == nil)
      #expect(names(later) == now)
      #expect(later.run("undo()").error?.contains("no cell of this session") == true)
      close(later)
    }
  }

  private static let shapes = "let shapes = Shapes(count: 16, size: 16, seed: 1)"

  @Test func whatCouldNotBeKeptIsKeptWithTheNextCell() throws {
    try withFolder { folder in
      let notebook = Notebook(folder: "\(folder)/w")
      notebook.run(Self.shapes)
      // Blobs cannot be written where their folder is a file.
      let blobs = URL(filePath: "\(folder)/w/blobs")
      try? FileManager.default.removeItem(at: blobs)
      try Data().write(to: blobs)
      let failed = notebook.run("let picture = show(shapes.train.first(4))\nvar x = 1")
      #expect(failed.error == nil && failed.text.contains("could not be kept on disk"))
      #expect(!notebook.run("x = 2").text.contains("kept"), "it was told twice")
      let keeper = try #require(notebook.interpreter.workspace.keeper)
      // Training in the background may end meanwhile.
      keeper.commitStates(of: [], line: 3)
      try FileManager.default.removeItem(at: blobs)
      keeper.commitStates(of: [], line: 3)
      #expect(try kept(notebook) == ["shapes"])
      #expect(notebook.run("1 + 1").text.contains("kept on disk again"))
      #expect(try kept(notebook) == ["shapes", "picture", "x"])
      #expect(try keeper.store.name("x", after: .max)?.value == "2")
      #expect(notebook.run("1 + 1").text.isEmpty)
      close(notebook)
    }
  }

  @Test func aFolderThatCannotBeLockedIsRead() throws {
    try withFolder { folder in
      let first = Notebook(folder: "\(folder)/w")
      first.run("let x = 5")
      close(first)
      let lock = URL(filePath: "\(folder)/w/lock")
      try FileManager.default.removeItem(at: lock)
      try FileManager.default.createDirectory(at: lock, withIntermediateDirectories: false)
      let second = Notebook(folder: "\(folder)/w")
      let told = second.run("1").text
      #expect(told.contains("are not kept for later") && told.contains("/lock"))
      #expect(!told.contains("Another kernel"))
      second.run("restore()\nlet y = 6")
      #expect(second.run("x").result == "5")
      #expect(try kept(second) == ["x"])
      close(second)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["w"])
    }
  }

  @Test func aSecondKernelReadsAndKeepsItsOwn() throws {
    try withFolder { folder in
      let first = Notebook(folder: "\(folder)/w")
      first.run("let x = 5")
      let second = Notebook(folder: "\(folder)/w")
      #expect(second.run("1").text.contains("Another kernel is writing into the workspace"))
      second.run("restore()\nlet y = 6")
      #expect(second.run("x + y").result == "11")
      let (own, others) = (try kept(second), try kept(first))
      #expect(own.contains("y") && others == ["x"])
      close(first)
      close(second)
    }
  }
}
