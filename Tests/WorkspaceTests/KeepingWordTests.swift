import CellLanguage
import Foundation
import Layers
import Tensors
import Testing

@testable import Workspace

/// The words about the workspace: `fork`, `diff`, `workspace`, and where it stands.
@Suite(.serialized) struct KeepingWordTests {
  private static let cells = [
    "let shapes = Shapes(count: 64, size: 16, seed: 1)",
    "let aet = AET(for: shapes, encoder: NIN(widths: [4, 4]), seed: 1)",
    "var number = 1",
    "let run = train(aet, on: shapes.train, epochs: 2, batch: 32, seed: 5)",
  ]

  private func close(_ notebook: Notebook) { notebook.interpreter.workspace.journal.close() }

  private func prepared(_ folder: String) -> Notebook {
    let notebook = Notebook(folder: "\(folder)/w")
    for cell in Self.cells {
      let error = notebook.run(cell).error
      #expect(error == nil, "\(error ?? "")")
    }
    return notebook
  }

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
      let notebook = prepared(folder)
      #expect(notebook.run("let branch = fork(aet)").error == nil)
      #expect(try addresses(notebook, "branch") == addresses(notebook, "aet"))
      let before = try bits(notebook, "aet")
      #expect(try bits(notebook, "branch") == before)
      #expect(notebook.run("diff(aet, branch)").result?.contains("nothing") == false)
      #expect(notebook.run("branch.steps").result == "4")
      #expect(notebook.run("train(branch, on: shapes.train, batch: 32, seed: 6)").error == nil)
      #expect(try bits(notebook, "aet") == before)
      #expect(try bits(notebook, "branch") != before)
      #expect(notebook.run("aet.steps").result == "4")
      #expect(notebook.run("branch.steps").result == "6")
      close(notebook)
    }
  }

  @Test("diff of two models tells options, steps and how far apart their weights are")
  func models() throws {
    try withFolder { folder in
      let notebook = prepared(folder)
      notebook.run("let twin = AET(for: shapes, encoder: NIN(widths: [4, 4]), seed: 1)")
      notebook.run("let same = AET(for: shapes, encoder: NIN(widths: [4, 4]), seed: 1)")
      #expect(notebook.run("diff(twin, same)").result?.contains("nothing") == true)
      let table = try #require(notebook.run("diff(aet, twin)").result)
      #expect(table.contains("after 4 steps") && table.contains("untrained"), "\(table)")
      #expect(table.contains("encoder.") && table.contains("tensors are equal"), "\(table)")
      notebook.run("let wide = AET(for: shapes, encoder: NIN(widths: [4, 8]), seed: 2)")
      let other = try #require(notebook.run("diff(twin, wide)").result)
      #expect(other.contains("encoder") && other.contains("seed"), "\(other)")
      close(notebook)
    }
  }

  @Test("diff tells what cells changed: a declaration, a value, a training, what was forgotten")
  func cells() throws {
    try withFolder { folder in
      let notebook = prepared(folder)
      func changed(_ count: Int = 1) throws -> String {
        try #require(notebook.run("diff(cells: \(count))").result)
      }
      let trained = try changed()
      #expect(trained.contains("In [4]") && trained.contains("after 4 steps"), "\(trained)")
      #expect(notebook.run("number = 2").error == nil)
      let set = try changed()
      let row = try #require(set.split(separator: "\n").first { $0.hasPrefix("number") })
      #expect(row.contains("1") && row.contains("2"), "\(set)")
      #expect(!set.contains("aet"))
      #expect(notebook.run("forget(\"number\")").error == nil)
      #expect(try changed().split(separator: "\n").contains { $0.hasPrefix("number") })
      let both = try changed(3)
      #expect(both.contains("after 4 steps") && both.contains("number"), "\(both)")
      close(notebook)
    }
  }

  @Test("workspace() lists every name with its type and the room that it takes")
  func workspace() throws {
    try withFolder { folder in
      let notebook = prepared(folder)
      let table = try #require(notebook.run("workspace()").result)
      for (name, type) in [
        ("shapes", "Dataset"), ("aet", "Model"), ("number", "Int"), ("run", "Run"),
      ] {
        let row = try #require(table.split(separator: "\n").first { $0.hasPrefix("\(name) ") })
        #expect(row.contains(type), "\(table)")
      }
      // The sizes are those of the files.
      let keeper = try #require(notebook.interpreter.workspace.keeper)
      let files = try #require(FileManager.default.enumerator(atPath: keeper.blobs.path))
      let bytes = try files.compactMap { $0 as? String }.reduce(0) { sum, name in
        let path = "\(keeper.blobs.path)/\(name)"
        return sum + (try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0)
      }
      #expect(bytes > 0 && keeper.blobs.all.reduce(0) { $0 + $1.bytes } == bytes)
      close(notebook)
      let later = Notebook(folder: "\(folder)/w")
      later.run("restore()")
      let waiting = try #require(later.run("workspace()").result)
      #expect(waiting.contains("aet") && waiting.contains("number"), "\(waiting)")
      close(later)
    }
  }

  @Test("transformations and encoders come back as they were")
  func options() throws {
    try withFolder { folder in
      let first = prepared(folder)
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
      close(first)
      let second = Notebook(folder: "\(folder)/w")
      #expect(second.run("restore()").error == nil)
      #expect(names.map { second.run($0).result } == before)
      #expect(second.run("AET(for: shapes, encoder: net, seed: 2).parameters").error == nil)
      close(second)
    }
  }

  @Test("what a second kernel keeps beside the first one comes back")
  func second() throws {
    try withFolder { folder in
      let first = prepared(folder)
      let second = Notebook(folder: "\(folder)/w")
      let told = second.run("let y = 5")
      #expect(told.text.contains("\(folder)/w-2"), "\(told.text)")
      #expect(first.run("let z = 6").error == nil)
      close(second)
      close(first)
      let third = Notebook(folder: "\(folder)/w-2")
      #expect(third.run("restore()").error == nil)
      #expect(third.run("y").result == "5" && third.run("z").error != nil)
      close(third)
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
