import Foundation
import RunStore
import Testing

@testable import Workspace

/// Runs without their models, and models without a run of theirs.
@Suite(.serialized) struct KeepingRunTests {
  private static let cells = Notebook.made + [Notebook.training] + Notebook.measuring

  /// A workspace in which a training of `other` was interrupted, and what it was by then.
  private func interrupted(_ folder: String) throws -> (steps: String, tensors: Data) {
    let notebook = Notebook.kept(in: folder, Self.cells)
    notebook.run("let other = AET(for: shapes, encoder: NIN(widths: [4, 4]), seed: 2)")
    notebook.interrupted("let more = train(other, on: shapes.train, epochs: 20, batch: 32)")
    notebook.succeed("let kept = other.runs.last!")
    let steps = try #require(notebook.run("other.steps").result)
    let tensors = try notebook.tensors(of: "other", by: folder)
    notebook.close()
    return (steps, tensors)
  }

  /// The file in which a run of `aet` is kept.
  private func file(ofRun index: Int, in notebook: Notebook) throws -> String {
    let keeper = try #require(notebook.interpreter.workspace.keeper)
    let run = try #require(notebook.model("aet")?.runs[index])
    let blob = try #require(
      try keeper.number(of: run).flatMap { try keeper.store.state(of: $0)?.blob })
    return "\(keeper.blobs.path)/\(blob)"
  }

  /// The next kernel, in which that run has gone on while nobody held its model.
  private func alone(in folder: String) -> Notebook {
    Notebook.kept(in: folder, ["restore([\"kept\"])", "kept.status", "resume(kept)"])
  }

  @Test("a run goes on while nobody holds its model, which then has the newer weights for good")
  func orphan() throws {
    try withFolder { folder in
      let before = try interrupted(folder)
      let second = alone(in: folder)
      let losses = second.run("kept.losses").result
      // Whoever asks for the model now gets the weights that the run has reached.
      second.succeed("restore()")
      #expect(second.run("other.steps").result == "40")
      let reached = try second.tensors(of: "other", by: folder)
      #expect(reached != before.tensors)
      second.close()
      for _ in 3...5 {
        let later = Notebook.restored(in: folder)
        later.succeed("knn(other, train: shapes.train, test: shapes.test, k: 5)")
        #expect(try later.tensors(of: "other", by: folder) == reached)
        #expect(later.run("other.runs.last!.losses").result == losses)
        later.close()
      }
    }
  }

  @Test("taking a run back whose model nobody holds gives it the weights of before")
  func orphanTakenBack() throws {
    try withFolder { folder in
      let before = try interrupted(folder)
      let second = alone(in: folder)
      second.succeed("undo()")
      #expect(second.run("kept.steps").result == before.steps)
      second.close()
      let third = Notebook.restored(in: folder)
      #expect(third.run("other.steps").result == before.steps)
      #expect(try third.tensors(of: "other", by: folder) == before.tensors)
      third.close()
    }
  }

  @Test("weights outlive a run that cannot be loaded")
  func onlyRun() throws {
    try withFolder { folder in
      let first = Notebook.kept(in: folder, Self.cells)
      let before = try first.tensors(of: "aet", by: folder)
      let path = try file(ofRun: 0, in: first)
      first.close()
      try FileManager.default.moveItem(atPath: path, toPath: "\(folder)/away")
      let second = Notebook.restored(in: folder)
      #expect(second.run("aet.runs.count").result == "0")
      second.succeed(Notebook.measuring[0])
      second.close()
      try FileManager.default.moveItem(atPath: "\(folder)/away", toPath: path)
      let third = Notebook.restored(in: folder)
      #expect(third.run("aet.steps").result == "4")
      #expect(try third.tensors(of: "aet", by: folder) == before)
      third.close()
    }
  }

  @Test("runs keep their places where one of them cannot be loaded", arguments: 0..<3)
  func missing(absent: Int) throws {
    try withFolder { folder in
      let first = Notebook.kept(in: folder, Self.cells)
      first.succeed("train(aet, on: shapes.train, batch: 16, seed: 6)")
      first.succeed("train(aet, on: shapes.train, batch: 8, seed: 7)")
      // Other weights take the place of those that the three runs left.
      let file = "\(folder)/aet.safetensors"
      first.succeed("save(aet, to: \"\(file)\")")
      first.succeed("load(aet, from: \"\(file)\")")
      let steps = first.run("aet.steps").result
      let losses = first.run("aet.runs.map { $0.losses }").result
      let path = try self.file(ofRun: absent, in: first)
      first.close()
      // While its file is away, one of three runs cannot be loaded.
      try FileManager.default.moveItem(atPath: path, toPath: "\(folder)/away")
      let second = Notebook.restored(in: folder)
      let looked = second.run("aet.runs.count")
      #expect(
        looked.result == "2" && looked.text.contains("run \(absent + 1) of the model"),
        "\(looked.text)")
      second.succeed("train(aet, on: shapes.train, batch: 64, seed: 8)")
      second.succeed("undo()")
      second.close()
      try FileManager.default.moveItem(atPath: "\(folder)/away", toPath: path)
      let third = Notebook.restored(in: folder)
      #expect(third.run("aet.runs.map { $0.losses }").result == losses)
      #expect(third.run("aet.steps").result == steps)
      third.close()
    }
  }
}
