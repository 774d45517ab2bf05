import Foundation
import JupyterKernel
import Formats
import JupyterProtocol
import Testing

@testable import Workspace

/// Figures and data sets of earlier sessions, and whether they are what they were.
@Suite(.serialized) struct KeepingFigureTests {
  private func png(_ ran: Notebook.Ran) -> [UInt8]? {
    for output in ran.outputs {
      switch output {
      case .display(let bundle, _), .result(let bundle):
        if case .bytes(let png)? = bundle["image/png"] { return png }
      default: break
      }
    }
    return nil
  }

  @Test("a figure comes back to the byte, and says where it came from")
  func figure() throws {
    try withFolder { folder in
      let first = Notebook.kept(in: folder, Notebook.made + [Notebook.training])
      first.succeed("let picture = predictions(aet, on: shapes.test.first(4))")
      let shown = try #require(png(first.succeed("show(picture)")))
      first.close()
      let second = Notebook.restored(in: folder)
      let again = try #require(png(second.succeed("show(picture)")))
      #expect(again == shown)
      let path = "\(folder)/picture.png"
      second.succeed("save(picture, to: \"\(path)\")")
      #expect([UInt8](try Data(contentsOf: URL(filePath: path))) == shown)
      #expect(second.run("verify(\"\(path)\").verdict").result == "\"intact\"")
      let record = try #require(try SealedFile.read(path).verified().record)
      #expect(record[.model] == "aet" && record[.run] == "1" && record[.cell] == "5")
      let refused = try #require(second.run("save(picture, to: \"\(folder)/picture.svg\")").error)
      #expect(refused.contains(".png"), "\(refused)")
      second.close()
    }
  }

  @Test("the plot of a comparison of runs says which they are")
  func comparison() throws {
    try withFolder { folder in
      let notebook = Notebook.kept(
        in: folder,
        Notebook.made + [Notebook.training, Notebook.training.replacing("run =", with: "more =")])
      notebook.succeed("let both = compare(1, 2)")
      let path = "\(folder)/both.png"
      notebook.succeed("save(both.figure!, to: \"\(path)\")")
      #expect(notebook.run("verify(\"\(path)\").verdict").result == "\"intact\"")
      let record = try #require(try SealedFile.read(path).verified().record)
      #expect(record[.run] == "1, 2" && record[.trainedOnChecksum]?.count == 64)
      notebook.close()
    }
  }

  @Test("a data set whose files have changed is not taken for the one that it was")
  func data() throws {
    try withFolder { folder in
      let files = FileManager.default
      let first = Notebook.kept(in: folder, ["let shapes = Shapes(count: 8, size: 16, seed: 1)"])
      for split in ["train", "test"] {
        for label in ["a", "b"] {
          let place = "\(folder)/pets/\(split)/\(label)"
          try files.createDirectory(atPath: place, withIntermediateDirectories: true)
          for index in 0..<2 {
            first.succeed("save(show(shapes.train[\(index)]), to: \"\(place)/\(index).png\")")
          }
        }
      }
      first.succeed("let pets = ImageFolder(at: \"\(folder)/pets\")")
      first.succeed("let count = pets.train.count")
      first.close()
      let second = Notebook.restored(in: folder)
      #expect(second.run("pets.train.count").result == second.run("count").result)
      second.close()
      try files.removeItem(atPath: "\(folder)/pets/train/a/0.png")
      try files.copyItem(
        atPath: "\(folder)/pets/train/a/1.png", toPath: "\(folder)/pets/train/a/0.png")
      let third = Notebook.restored(in: folder)
      let refused = try #require(third.run("pets.train.count").error)
      #expect(refused.contains("not those that they were"), "\(refused)")
      third.close()
    }
  }

  @Test("diff() and undo() tell of models that only a collection has")
  func collection() throws {
    try withFolder { folder in
      let notebook = Notebook.kept(in: folder, Notebook.made)
      notebook.succeed(
        "let all = [2, 3].map { AET(for: shapes, encoder: NIN(widths: [4, 4]), seed: $0) }")
      notebook.succeed("for m in all { train(m, on: shapes.train, batch: 32) }")
      let table = try #require(notebook.succeed("diff()").result)
      let row = try #require(table.split(separator: "\n").first { $0.hasPrefix("all") })
      #expect(row.contains("after 2 steps"), "\(table)")
      let undone = try #require(notebook.succeed("undo()").result)
      #expect(undone.split(separator: "\n").contains { $0.hasPrefix("all") }, "\(undone)")
      #expect(notebook.run("all.map { $0.steps }").result == "[0, 0]")
      notebook.close()
    }
  }
}
