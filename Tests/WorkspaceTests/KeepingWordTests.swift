import CellLanguage
import Foundation
import Layers
import RunStore
import Tensors
import Testing

@testable import Workspace

/// The words about the workspace: `fork`, `diff`, `workspace`, and where it stands.
@Suite(.serialized) struct KeepingWordTests {
  private static let cells = Notebook.made + [Notebook.training]

  /// All weights of a model, as bits.
  private func bits(_ notebook: Notebook, _ name: String) throws -> [[UInt32]] {
    try #require(notebook.model(name)).learner.parameters.map {
      $0.parameter.value.scalars.map(\.bitPattern)
    }
  }

  private func addresses(_ notebook: Notebook, _ name: String) throws -> [Int] {
    try #require(notebook.model(name)).learner.parameters.map { named in
      named.parameter.value.withUnsafeScalars { Int(bitPattern: $0.baseAddress) }
    }
  }

  @Test("a fork shares the weights until one of them changes")
  func fork() throws {
    try withFolder { folder in
      let notebook = Notebook.kept(in: folder, Self.cells)
      notebook.succeed("let branch = fork(aet)")
      #expect(try addresses(notebook, "branch") == addresses(notebook, "aet"))
      let before = try bits(notebook, "aet")
      #expect(try bits(notebook, "branch") == before)
      #expect(notebook.run("diff(aet, branch)").result?.contains("nothing") == false)
      #expect(notebook.run("branch.steps").result == "4")
      notebook.succeed("train(branch, on: shapes.train, batch: 32, seed: 6)")
      #expect(try bits(notebook, "aet") == before)
      #expect(try bits(notebook, "branch") != before)
      #expect(notebook.run("aet.steps").result == "4")
      #expect(notebook.run("branch.steps").result == "6")
      notebook.close()
    }
  }

  @Test("diff of two models tells options, steps and how far apart their weights are")
  func models() throws {
    try withFolder { folder in
      let notebook = Notebook.kept(in: folder, Self.cells)
      notebook.run("let twin = AET(for: shapes, encoder: NIN(widths: [4, 4]), seed: 1)")
      notebook.run("let same = AET(for: shapes, encoder: NIN(widths: [4, 4]), seed: 1)")
      #expect(notebook.run("diff(twin, same)").result?.contains("nothing") == true)
      let table = try #require(notebook.run("diff(aet, twin)").result)
      #expect(table.contains("after 4 steps") && table.contains("untrained"), "\(table)")
      #expect(table.contains("encoder.") && table.contains("tensors are equal"), "\(table)")
      notebook.run("let wide = AET(for: shapes, encoder: NIN(widths: [4, 8]), seed: 2)")
      let other = try #require(notebook.run("diff(twin, wide)").result)
      #expect(other.contains("encoder") && other.contains("seed"), "\(other)")
      notebook.close()
    }
  }

  @Test("diff tells what cells changed: a declaration, a value, a training, what was forgotten")
  func cells() throws {
    try withFolder { folder in
      let notebook = Notebook.kept(in: folder, Self.cells)
      func changed(_ count: Int = 1) throws -> String {
        try #require(notebook.run("diff(cells: \(count))").result)
      }
      let trained = try changed()
      #expect(trained.contains("In [4]") && trained.contains("after 4 steps"), "\(trained)")
      notebook.succeed("number = 2")
      let set = try changed()
      let row = try #require(set.split(separator: "\n").first { $0.hasPrefix("number") })
      #expect(row.contains("1") && row.contains("2"), "\(set)")
      #expect(!set.contains("aet"))
      notebook.succeed("forget(\"number\")")
      #expect(try changed().split(separator: "\n").contains { $0.hasPrefix("number") })
      let both = try changed(3)
      #expect(both.contains("after 4 steps") && both.contains("number"), "\(both)")
      notebook.close()
    }
  }

  @Test("workspace() lists every name with its type and the room that it takes")
  func workspace() throws {
    try withFolder { folder in
      let notebook = Notebook.kept(in: folder, Self.cells)
      let table = try #require(notebook.run("workspace()").result)
      for (name, type) in [
        ("shapes", "Dataset"), ("aet", "Model"), ("number", "Int"), ("run", "Run"),
      ] {
        let row = try #require(table.split(separator: "\n").first { $0.hasPrefix("\(name) ") })
        #expect(row.contains(type), "\(table)")
      }
      // The sum is that of the files.
      let keeper = try #require(notebook.interpreter.workspace.keeper)
      let files = try #require(FileManager.default.enumerator(atPath: keeper.blobs.path))
      let bytes = try files.compactMap { $0 as? String }.reduce(0) { sum, name in
        let path = "\(keeper.blobs.path)/\(name)"
        return sum + (try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0)
      }
      #expect(bytes > 0 && table.contains("blobs of \(Written.bytes(bytes));"), "\(table)")
      // A model takes the room of its weights.
      let model = try #require(table.split(separator: "\n").first { $0.hasPrefix("aet ") })
      let id = try #require(notebook.model("aet").flatMap { keeper.number(of: $0) })
      let blob = try #require(try keeper.store.state(of: id)?.blob)
      let weights = try #require(keeper.blobs.all.first { $0.hash == blob }?.bytes)
      #expect(model.contains(Written.bytes(weights)), "\(table)")
      notebook.close()
      let later = Notebook.kept(in: folder)
      later.run("restore()")
      let waiting = try #require(later.run("workspace()").result)
      #expect(waiting.contains("aet") && waiting.contains("number"), "\(waiting)")
      later.close()
    }
  }

  @Test("transformations and encoders come back as they were")
  func options() throws {
    try withFolder { folder in
      let first = Notebook.kept(in: folder, Self.cells)
      for cell in [
        "let warp = Projective()", "let mixed = Projective().with(Color())",
        "let net = NIN(widths: [4, 8])",
        "let wide = AET(for: shapes, encoder: net, seed: 2)",
      ] {
        let error = first.run(cell).error
        #expect(error == nil, "\(error ?? "")")
      }
      let names = ["warp", "mixed", "net", "wide.options"]
      let before = names.map { first.run($0).result }
      #expect(before.allSatisfy { $0 != nil } && Set(before).count == names.count)
      first.close()
      let second = Notebook.restored(in: folder)
      #expect(names.map { second.run($0).result } == before)
      second.succeed("AET(for: shapes, encoder: net, seed: 2).parameters")
      second.close()
    }
  }

  @Test("what a second kernel keeps beside the first one comes back")
  func second() throws {
    try withFolder { folder in
      let first = Notebook.kept(in: folder, Self.cells)
      let second = Notebook.kept(in: folder)
      let told = second.run("let y = 5")
      #expect(told.text.contains("\(folder)/w/kernel-2"), "\(told.text)")
      first.succeed("let z = 6")
      second.close()
      first.close()
      let third = Notebook(folder: "\(folder)/w/kernel-2")
      third.succeed("restore()")
      #expect(third.run("y").result == "5" && third.run("z").error != nil)
      third.close()
    }
  }

  @Test("every word about the workspace stands on its page")
  func documented() throws {
    let page = try String(
      contentsOf: URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "../../docs/workspace.md"
      ).standardizedFileURL, encoding: .utf8)
    let words = Words.vocabulary.commands.filter { $0.topic == "workspace" }.map(\.name)
    #expect(words.count > 5)
    for word in words { #expect(page.contains("\(word)("), "\(word)") }
  }

  @Test(
    "the folder is named after the notebook",
    arguments: [
      (nil, "default"), ("", "default"), ("study.ipynb", "study"), ("deep/a b.ipynb", "a b"),
      ("/deep/study.ipynb", "study"), (".ipynb", "default"), ("..", "default"),
      ("deep/", "deep"), ("notes", "notes"),
    ] as [(String?, String)])
  func folder(notebook: String?, name: String) {
    #expect(Journal.beside(notebook: notebook).folder == ".orbit/\(name)")
  }
}
