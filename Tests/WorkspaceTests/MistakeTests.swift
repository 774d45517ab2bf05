import Foundation
import Layers
import Methods
import Tensors
import Testing

@testable import Workspace

/// Wrong cells: a clear error, and the workspace as it was.
@Suite(.serialized) struct MistakeTests {
  static let setUp = """
    let fashion = FashionMNIST()
    let small = fashion.train.first(64)
    let aet = AET(for: fashion, encoder: NIN(widths: [4, 8]))
    let kept = 41
    """

  static let mistakes: [(cell: String, words: [String])] = [
    ("trian(aet, on: small)", ["trian", "train"]),
    ("train(aet, on: small, epoch: 3)", ["epoch", "epochs"]),
    ("train(aet, over: small)", ["over", "on"]),
    ("train(aet, on: small, epochs: \"three\")", ["epochs", "whole number", "three"]),
    ("train(aet, on: small, epochs: -1)", ["epochs", "-1", "1"]),
    ("train(aet, on: small, learningRate: -0.1)", ["learningRate", "above 0"]),
    (
      "train(AET(for: fashion, encoder: NIN.published), on: fashion.train, batch: 60_000)",
      ["60,000 images", "GB", "batch:"]
    ),
    ("train(small, on: aet)", ["model"]),
    ("train(aet, on: small, schedule: .cosin)", ["cosin", "cosine"]),
    ("train(aet, on: small, schedule: .cosine(to: 2))", ["to:", "from 0 to 1"]),
    ("train(aet, on: small, schedule: .steps)", [".steps(at: [30, 60])"]),
    ("train(aet, on: small, schedule: .steps(at: [0]))", ["positive epochs"]),
    ("train(aet, on: small, optimiser: .adamw)", ["adamw", "adamW"]),
    ("train(aet, on: small, momentum: 0.5)", ["momentum", ".sgd"]),
    ("train(aet, on: small, optimiser: .sgd, momentum: 1)", ["momentum", "below 1"]),
    ("train(aet, on: small, weightDecay: -1)", ["weightDecay", "at least 0"]),
    ("train(aet, on: small, frozen: [\"encodr\"])", ["encodr", "encoder.blocks.0"]),
    ("train(aet, on: small, rates: [\"decoder\": -1])", ["rates", "-1"]),
    ("train(aet, on: small, average: 1)", ["average", "below 1"]),
    ("train(aet, on: small, warmUp: -1)", ["warmUp", "at least 0"]),
    ("FashionMNIST(at: \"/nowhere\")", ["/nowhere", "train-images"]),
    ("small[0..<100]", ["64"]),
    ("small[5..<5]", ["no image"]),
    ("small.first(65)", ["64"]),
    ("1 / 0", ["zero"]),
    ("func f(_ n: Int) -> Int { return f(n + 1) }\nf(0)", ["recursion"]),
    ("Projective(scale: 1.2...0.8)", []),
    ("Projective(jitter: -2)", ["jitter"]),
    ("show(Affine(fill: .mirror))", ["mirror", "reflect"]),
    ("Affine(fill: .constant(7))", ["grey 7", "0 (black)"]),
    ("small.count()", ["parentheses"]),
    ("plot([])", ["no runs"]),
    ("NIN(widths: [1, 2, 3])", ["two widths"]),
    ("NIN(widths: [0, 2])", ["widths"]),
    ("knn(aet, train: small, test: small, k: 65)", ["65", "64"]),
    ("knn(aet, train: small, test: small, k: 5, block: 9)", ["block", "4"]),
    ("load(aet, from: \"/nowhere/aet.safetensors\")", ["/nowhere/aet.safetensors"]),
    ("save(aet, to: \"/nowhere/aet.safetensors\")", ["/nowhere"]),
    ("save(kept, to: \"x\")", ["model or figure"]),
    ("help(trian)", ["trian", "train"]),
    ("fashion.trian", ["trian", "train"]),
    ("train(aet, on: small, epochs: 2, batch: 16, learningRate: 1e30)", ["learning rate", "step"]),
  ]

  @Test func everyMistakeIsTold() {
    let notebook = Notebook()
    #expect(notebook.run(Self.setUp).error == nil)
    for mistake in Self.mistakes {
      let ran = notebook.run(mistake.cell)
      guard let error = ran.error else {
        Issue.record("no error for \(mistake.cell)")
        continue
      }
      for word in mistake.words {
        #expect(error.contains(word), "\(mistake.cell): \(error)")
      }
      #expect(ran.traceback.contains("^"), "no caret for \(mistake.cell): \(ran.traceback)")
      #expect(notebook.run("kept + 1").result == "42")
    }
    let own = notebook.run("knn(.pixels, train: small, test: small, k: 1).accuracy == 1")
    #expect(own.result == "true")
  }

  @Test func divergenceNamesTheLayer() throws {
    let notebook = Notebook()
    notebook.run(Self.setUp)
    let model = try #require(notebook.interpreter.workspace.models.first?.model)
    let name = "encoder.blocks.1.0.convolution"
    let weight = try #require(
      model.method.parameters.first { $0.name == "\(name).weight" }?.parameter)
    weight.update { $0.update(repeating: 3e38) }
    let error = notebook.run("train(aet, on: small, batch: 16)").error ?? ""
    #expect(error.contains("the output of \(name) at step 1 is not finite"), "\(error)")
    weight.update { $0[0] = .nan }
    let poisoned = notebook.run("train(aet, on: small, batch: 16)").error ?? ""
    #expect(poisoned.contains("\(name).weight at step 1 is not finite"), "\(poisoned)")
  }

  @Test func divergedModelStaysWhole() throws {
    let notebook = Notebook()
    notebook.run(Self.setUp)
    let ran = notebook.run("train(aet, on: small, epochs: 3, batch: 16, learningRate: 1e30)")
    #expect(ran.error != nil)
    // The step that failed changed nothing: every number that the model holds is finite.
    let model = try #require(notebook.interpreter.workspace.models.first?.model)
    #expect(model.method.parameters.allSatisfy { $0.parameter.value.isFinite })
  }

  @Test func damagedFilesAreNamed() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for name in ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"] {
      try Data([0x1F, 0x8B, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8]).write(
        to: folder.appending(path: "\(name)-ubyte.gz"))
    }
    let error = Notebook().run("FashionMNIST(at: \"\(folder.path)\")").error ?? ""
    #expect(error.contains("ubyte.gz"))
  }

  @Test func monstrousTextIsRefused() {
    let notebook = Notebook()
    #expect(notebook.run(String(repeating: "[", count: 10_000_000)).error != nil)
    #expect(notebook.run(String(repeating: "(", count: 100_000)).error != nil)
    #expect(notebook.run("\"\u{FFFD}\u{FFFD}\"").error == nil)
    #expect(notebook.run("1 + 1").result == "2")
  }
}
