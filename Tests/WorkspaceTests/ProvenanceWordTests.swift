import Foundation
import Formats
import JupyterKernel
import JupyterProtocol
import RunStore
import Testing

@testable import Workspace

@Suite("Where figures and models come from")
struct ProvenanceWordTests {
  private static let made = """
    let shapes = Shapes(count: 128, size: 16, seed: 1)
    let aet = AET(for: shapes, encoder: NIN(widths: [4, 8]), seed: 3)
    """
  private static let trained =
    "let run = train(aet, on: shapes.train, epochs: 2, batch: 32, seed: 5)"

  /// A notebook whose workspace is kept in a folder, with a model.
  private func prepared(_ folder: String) throws -> Notebook {
    let notebook = Notebook(folder: "\(folder)/workspace")
    try #require(notebook.run(Self.made).error == nil)
    return notebook
  }

  @Test("a saved model says its cell, run, seeds and data, and is intact")
  func model() throws {
    try withTemporaryFolder { folder in
      let notebook = try prepared(folder)
      #expect(notebook.run(Self.trained).error == nil)
      let path = "\(folder)/aet.safetensors"
      let cell = "save(aet, to: \"\(path)\")"
      #expect(notebook.run(cell).text == "saved 44 tensors to \(path)\n")
      #expect(notebook.run("let v = verify(\"\(path)\")").error == nil)
      #expect(notebook.run("v.verdict").result == "\"intact\"")
      #expect(notebook.run("v.isIntact").result == "true")
      let wanted = [
        "kind": "model", "workspace": "workspace", "session": "1", "cell": "3", "source": cell,
        "model": "aet", "method": "AET", "model_seed": "3", "run": "1", "run_seed": "5",
        "run_status": "completed", "version": WorkspaceInterpreter.version,
      ]
      let record = try #require(try SealedFile.read(path).verified().record)
      for (name, text) in wanted { #expect(record.values[name] == text, "\(name)") }
      #expect(record[.trainedOn]?.contains("Shapes") == true)
      #expect(record[.trainedOnChecksum]?.count == 64)
      let card = notebook.run("v").result ?? ""
      for text in [
        "intact, and signed by this workspace's key", "trained on", "the chain of 2 records", cell,
      ] {
        #expect(card.contains(text), "\(text) in \(card)")
      }
      // What was there before is still there, and the model loads.
      let metadata = try SafetensorsFile.read(path).metadata
      for name in ["format", "producer", "method", "options", "seed", "steps", "data", "run_seed"] {
        #expect(metadata[name] != nil, "\(name)")
      }
      #expect(notebook.run("load(aet, from: \"\(path)\")").error == nil)
    }
  }

  @Test("a figure says what it shows, in the notebook and in the file")
  func figure() throws {
    try withTemporaryFolder { folder in
      let notebook = try prepared(folder)
      let path = "\(folder)/x.png"
      let shown = notebook.run(
        "let figure = predictions(aet, on: shapes.test.first(4), seed: 9)\nsave(figure, to: \"\(path)\")"
      )
      #expect(shown.error == nil)
      guard case .bytes(let png)? = shown.displays.first?["image/png"] else {
        Issue.record("no picture")
        return
      }
      #expect(png == Array(try Data(contentsOf: URL(filePath: path))))
      let record = try #require(try SealedFile.read(path).verified().record)
      #expect(record[.kind] == "figure" && record[.seed] == "9" && record[.model] == "aet")
      #expect(record[.call]?.hasPrefix("predictions(aet, on: Shapes(") == true)
      #expect(record[.data]?.hasSuffix(".test.first(4)") == true)
      #expect(record[.run] == nil)
      #expect(notebook.run("verify(\"\(path)\").verdict").result == "\"intact\"")
      // The seed of the declaration where none is given; the same record for the same figure.
      #expect(notebook.run("save(figure, to: \"\(folder)/y.png\")").error == nil)
      #expect(try Data(contentsOf: URL(filePath: "\(folder)/y.png")) == Data(png))
      #expect(notebook.run("save(figure, to: \"\(folder)/x.svg\")").error == nil)
      #expect(notebook.run("verify(\"\(folder)/x.svg\").verdict").result == "\"intact\"")
      #expect(notebook.run("save(figure, to: \"\(folder)/x.pdf\")").error == nil)
      #expect(notebook.run("verify(\"\(folder)/x.pdf\")").error?.contains("not signed") == true)
    }
  }

  @Test("the panel of a run and the card of a data set carry a record, too")
  func otherPictures() throws {
    let notebook = Notebook()
    #expect(notebook.run(Self.made).error == nil)
    for (cell, field) in [
      (Self.trained, ProvenanceRecord.Field.run), ("run", .run), ("shapes", .data),
      ("plot(run)", .runSeed), ("show(shapes.train.first(2))", .data),
    ] {
      let ran = notebook.run(cell)
      var picture = ran.displays.last?["image/png"]
      for case .result(let bundle) in ran.outputs { picture = bundle["image/png"] }
      guard case .bytes(let png)? = picture else {
        Issue.record("\(cell) shows no picture: \(ran.error ?? "")")
        continue
      }
      let (record, verdict) = try SealedFile(parsing: png, path: "").verified()
      #expect(record?[field] != nil && record?[.source] == cell, "\(cell)")
      if case .intact = verdict {} else { Issue.record("\(cell): \(verdict)") }
    }
  }

  @Test("another workspace's key is another key, and its chain does not have the record")
  func foreign() throws {
    try withTemporaryFolder { folder in
      let notebook = try prepared(folder)
      let path = "\(folder)/aet.safetensors"
      #expect(notebook.run("save(aet, to: \"\(path)\")").error == nil)
      let other = Notebook()
      let card = other.run("verify(\"\(path)\")").result ?? ""
      #expect(card.contains("intact, and signed by another key ("))
      #expect(other.run("verify(\"\(path)\").verdict").result == "\"foreign\"")
      // The same key with another database: the record is signed, but no link of its chain.
      try FileManager.default.createDirectory(
        atPath: "\(folder)/copy", withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        atPath: "\(folder)/workspace/key", toPath: "\(folder)/copy/key")
      let copy = Notebook(folder: "\(folder)/copy").run("verify(\"\(path)\")").result ?? ""
      #expect(copy.contains("this workspace's key"))
      #expect(copy.contains("this workspace's database does not have its record"))
    }
  }

  @Test("a broken chain shows, and at which record")
  func broken() throws {
    try withTemporaryFolder { folder in
      let notebook = try prepared(folder)
      let path = "\(folder)/aet.safetensors"
      #expect(notebook.run("save(aet, to: \"\(path)\")").error == nil)
      let store = try RunStore(path: "\(folder)/workspace/workspace.sqlite")
      try store.appendProvenance {
        ProvenanceLink(digest: "forged", previous: $0, kind: "model", record: "{}")
      }
      #expect(notebook.run("verify(\"\(path)\")").result?.contains("1 record up to it") == true)
      #expect(notebook.run("save(aet, to: \"\(path)\")").error == nil)
      let card = notebook.run("verify(\"\(path)\")").result ?? ""
      #expect(card.contains("is broken at record 2"), "\(card)")
    }
  }

  @Test("the key is secret, made once, and never written again")
  func key() throws {
    try withTemporaryFolder { folder in
      let notebook = try prepared(folder)
      let key = "\(folder)/workspace/key"
      #expect(!FileManager.default.fileExists(atPath: key))
      let save = "save(aet, to: \"\(folder)/aet.safetensors\")"
      let verdict = "verify(\"\(folder)/aet.safetensors\").verdict"
      #expect(notebook.run(save).error == nil)
      let attributes = try FileManager.default.attributesOfItem(atPath: key)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
      let bytes = try Data(contentsOf: URL(filePath: key))
      #expect(bytes.count == 65)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: "\(folder)/workspace")
          .allSatisfy { !$0.contains("partial") })
      notebook.interpreter.shutdown(restart: false)
      #expect(try prepared(folder).run(verdict).result == "\"intact\"")
      #expect(try Data(contentsOf: URL(filePath: key)) == bytes)
      // Where others may read it, or it is no key, nothing is signed, and the cell says why.
      for (mode, content, word) in [
        (0o644, bytes, "chmod 600"), (0o600, Data("x".utf8), "is damaged"),
      ] {
        try content.write(to: URL(filePath: key))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: key)
        let next = try prepared(folder)
        #expect(next.run(save).text.contains(word))
        #expect(!next.run(save).text.contains(word), "told once")
        #expect(next.run(verdict).result == "\"unsigned\"")
        #expect(try Data(contentsOf: URL(filePath: key)) == content)
      }
    }
  }

  @Test("changed files are told from whole ones, and damaged ones with a reason")
  func changed() throws {
    try withTemporaryFolder { folder in
      let notebook = try prepared(folder)
      let path = "\(folder)/aet.safetensors"
      #expect(notebook.run("save(aet, to: \"\(path)\")").error == nil)
      let bytes = try Data(contentsOf: URL(filePath: path))
      func card(_ change: (inout Data) -> Void) throws -> Notebook.Ran {
        var other = bytes
        change(&other)
        try other.write(to: URL(filePath: path))
        return notebook.run("verify(\"\(path)\")")
      }
      let tensor = try card { $0[$0.count - 1] ^= 1 }.result ?? ""
      #expect(tensor.contains("its content changed since it was signed by this workspace's key"))
      let place = try #require(bytes.firstRange(of: Data("\"producer\":\"orbit".utf8))).upperBound
      let metadata = try card { $0[place - 1] ^= 1 }.result ?? ""
      #expect(metadata.contains("its metadata changed since it was signed"))
      let signature = try #require(bytes.firstRange(of: Data("signature".utf8))).upperBound + 6
      let forged = try card { $0[signature] = $0[signature] == 0x30 ? 0x31 : 0x30 }.result ?? ""
      #expect(forged.contains("nothing that it says can be trusted"), "\(forged.prefix(200))")
      #expect(try card { $0[8] = 0 }.error?.contains("is not a valid safetensors file") == true)
      #expect(try card { $0 = Data() }.error?.contains("is not a valid safetensors file") == true)
      #expect(notebook.run("verify(\"\(folder)/none\")").error?.contains("No such file") == true)
      let file = try SafetensorsFile(entries: [.init("a", shape: [1], floats: [1])])
      try file.write(to: path)
      #expect(notebook.run("verify(\"\(path)\")").result?.contains("unsigned") == true)
    }
  }

  @Test("a model card has what the workspace knows, and nothing that it does not")
  func card() throws {
    try withTemporaryFolder { folder in
      let notebook = try prepared(folder)
      let before = notebook.run("card(aet).text").result ?? ""
      #expect(before.contains("Nothing was measured yet") && !before.contains("model-index"))
      #expect(notebook.run(Self.trained).error == nil)
      #expect(
        notebook.run("let score = knn(aet, train: shapes.train, test: shapes.test, k: 5)").error
          == nil)
      let path = "\(folder)/README.md"
      #expect(notebook.run("card(aet, to: \"\(path)\")").text == "wrote the card to \(path)\n")
      let card = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
      for text in [
        "---\n# license:", "library_name: orbit", "model-index:", "type: \"accuracy\"",
        Self.trained,
        "| epoch |", "load_file(\"aet.safetensors\")", "let aet = AET(for: Shapes(",
        "self-supervised-learning",
      ] {
        #expect(card.contains(text), "\(text)")
      }
      // The content that the card names is that of the file.
      #expect(notebook.run("save(aet, to: \"\(folder)/aet.safetensors\")").error == nil)
      let content = try SealedFile.read("\(folder)/aet.safetensors").content
      #expect(card.contains(content))
      // A score of other weights is no longer the model's.
      #expect(notebook.run(Self.trained.replacing("run", with: "again")).error == nil)
      #expect(notebook.run("card(aet).text").result?.contains("Nothing was measured yet") == true)
      #expect(
        notebook.run("card(aet)").outputs.contains { output in
          if case .result(let bundle) = output { return bundle["text/markdown"] != nil }
          return false
        })
    }
  }

  @Test("texts in YAML are quoted, numbers are YAML's")
  func yaml() {
    #expect(
      YAMLText.quoted("a\"b\\c\nd\t\u{1}\u{85}\u{2028}ü: #")
        == #""a\"b\\c\nd\t\u0001\u0085\u2028ü: #""#)
    #expect(YAMLText.number(0.612) == "0.612" && YAMLText.number(1e-7) == "1.0e-07")
    #expect(YAMLText.number(1e20) == "1.0e+20" && YAMLText.number(.nan) == ".nan")
    #expect(YAMLText.tag("Fashion-MNIST") == "fashion-mnist" && YAMLText.tag("VQ VAE!") == "vq-vae")
  }
}

/// Gives a new folder to `body` and removes it afterwards.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: "orbit-\(UUID())")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path)
}
