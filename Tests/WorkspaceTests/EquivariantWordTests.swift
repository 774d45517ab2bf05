import Foundation
import Formats
import JupyterProtocol
import Methods
import Tensors
import Testing

@testable import Workspace

@Suite(.serialized) struct EquivariantWordTests {
  /// A notebook with a model that has seen a few images.
  private func trained(_ options: String = "") -> Notebook {
    let notebook = Notebook()
    let ran = notebook.run(
      """
      let fashion = FashionMNIST()
      let sample = fashion.train.first(400)
      let eq = EquiVAE(for: fashion, invariant: 6, equivariant: 4\(options))
      let run = train(eq, on: sample, epochs: 2)
      """)
    #expect(ran.error == nil)
    return notebook
  }

  @Test func everyOptionIsWrittenInACell() throws {
    let notebook = Notebook()
    let made = notebook.run(
      """
      EquiVAE(for: FashionMNIST(), invariant: 8, equivariant: 3, complements: 2...5, variance: .scalar, \
      likelihood: .gaussian(0.2), classification: 0, inference: .distances, trunk: .shared, seed: 7)
      """)
    for text in [
      "invariant: 8", "equivariant: 3", "2...5", ".scalar", ".gaussian(0.2)", "classification: 0",
      ".distances", ".shared", "seed: 7",
    ] {
      #expect(made.result?.contains(text) == true, "\(text) in \(made.result ?? made.error ?? "")")
    }
    let wrong = notebook.run("EquiVAE(for: FashionMNIST(), likelihood: .poisson)")
    #expect(wrong.error?.contains(".discretisedLogistic") == true)
  }

  @Test func picturesAreDrawn() throws {
    let notebook = trained()
    for cell in [
      "samples(eq, perClass: 4)", "latentSpaces(eq, on: fashion.test.first(200))",
      "equivariantInterpolation(eq, between: fashion.test.first(2), steps: 5)",
      "invariantSteps(eq, of: fashion.test.first(2), classes: [0, 3, 9])",
      "swaps(eq, on: fashion.test.first(3))",
      "complementErrors(eq, train: sample, test: fashion.test.first(100), draws: 2)",
    ] {
      let ran = notebook.run(cell)
      #expect(ran.error == nil, "\(cell): \(ran.error ?? "")")
      #expect(ran.displays.last?.plainText?.contains("EquiVAE") == true, "\(cell)")
    }
    let values = notebook.run(
      """
      let spaces = latentSpaces(eq, on: fashion.test.first(200), train: sample)
      [spaces.invariant.accuracy, spaces.equivariant.count]
      """)
    #expect(values.result?.hasSuffix("200]") == true, "\(values.error ?? values.result ?? "")")
  }

  @Test func scoresCarryTheirProtocols() throws {
    let notebook = trained()
    let nearest = notebook.run("prototypes(eq, train: sample, test: fashion.test.first(300))")
    #expect(nearest.result?.contains("nearest prototype accuracy") == true)
    #expect(nearest.result?.contains("block 1") == true)
    let few = notebook.run(
      "prototypes(eq, train: sample, test: fashion.test.first(300), complements: 3)")
    #expect(few.result?.contains("first 3 training images of a class") == true)
    #expect(
      notebook.run("prototypes(.pixels, train: sample, test: fashion.test.first(300))").result?
        .contains("raw pixels") == true)
    let own = notebook.run("classification(eq, test: fashion.test.first(300))")
    #expect(own.result?.contains("accuracy by q(y|x)") == true)
    notebook.run("let aet = AET(for: fashion, encoder: NIN(widths: [3, 5]))")
    for cell in [
      "classification(aet, test: fashion.test.first(9))", "samples(aet)",
      "swaps(aet, on: fashion.test.first(3))",
    ] {
      #expect(notebook.run(cell).error?.contains("AET") == true, "\(cell)")
    }
  }

  @Test func classesTravelWithTheFile() throws {
    let notebook = trained()
    let path = FileManager.default.temporaryDirectory.appending(
      path: UUID().uuidString + ".safetensors"
    )
    .path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let ran = notebook.run(
      """
      save(eq, to: "\(path)")
      let other = EquiVAE(for: fashion, invariant: 6, equivariant: 4, seed: 9)
      """)
    #expect(ran.error == nil)
    let early = notebook.run("samples(other)").error
    #expect(early?.contains("train it first") == true, "\(early ?? "")")
    #expect(notebook.run("load(other, from: \"\(path)\")\nsamples(other)").error == nil)
    let models = notebook.interpreter.workspace.models.compactMap { $0.model.method as? EquiVAE }
    #expect(models.count == 2)
    #expect(models[0].prototypes?.scalars == models[1].prototypes?.scalars)
  }

  @Test func fewLabelsTrain() throws {
    let notebook = Notebook()
    let ran = notebook.run(
      """
      let fashion = FashionMNIST()
      let eq = EquiVAE(for: fashion, invariant: 6, equivariant: 4)
      let run = train(eq, on: fashion.train.first(128), labelled: fashion.train.labelled(20, seed: 1))
      run.metrics.count
      """)
    #expect(ran.result == "6", "\(ran.error ?? ran.result ?? "")")
    let rare = notebook.run("train(eq, on: fashion.train.first(20))").error ?? ""
    #expect(rare.contains("at least 2 labelled images of every class"), "\(rare)")
  }
}
