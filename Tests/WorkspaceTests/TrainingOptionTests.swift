import JupyterKernel
import JupyterProtocol
import Layers
import Tensors
import Testing
import Training

@testable import Workspace

/// The options of `train` reach the run.
@Suite struct TrainingOptionTests {
  private func prepared() -> Notebook {
    let notebook = Notebook()
    notebook.run(
      """
      let fashion = FashionMNIST()
      let small = fashion.train.first(64)
      let aet = AET(for: fashion, encoder: NIN(widths: [4, 8]), seed: 2)
      """)
    return notebook
  }

  private func object(_ notebook: Notebook) throws -> RunObject {
    try #require(notebook.interpreter.workspace.models.first?.model.runs.last)
  }

  @Test func optimisersTakeTheirConstants() throws {
    let notebook = prepared()
    for (cell, text) in [
      ("", "Adam(decays: (0.9, 0.999), weightDecay: 0.0)"),
      (", weightDecay: 0.02", "Adam(decays: (0.9, 0.999), weightDecay: 0.02)"),
      (", optimiser: .adamW", "AdamW(decays: (0.9, 0.999), weightDecay: 0.01)"),
      (", optimiser: .sgd", "SGD(momentum: 0.9, weightDecay: 0.0005, nesterov: true)"),
      (
        ", optimiser: .sgd, momentum: 0.5, weightDecay: 0",
        "SGD(momentum: 0.5, weightDecay: 0.0, nesterov: true)"
      ),
      (
        ", optimiser: .lars, weightDecay: 0.1",
        "LARS(momentum: 0.9, weightDecay: 0.1, trust: 0.001)"
      ),
    ] {
      let ran = notebook.run("train(aet, on: small, batch: 32\(cell))")
      #expect(ran.error == nil)
      #expect(try object(notebook).optimiser == text)
    }
  }

  @Test func schedulesCountInEpochs() throws {
    let notebook = prepared()
    let plan = RunPlan(images: 64, batch: 16, epochs: 6)
    for (cell, schedule) in [
      ("", Schedule.cosine),
      (", schedule: .cosine", .cosine),
      (", schedule: .linear", .linear),
      (", schedule: .constant", .constant),
      (", schedule: .cosine(to: 0.1), warmUp: 1", Schedule(.cosine(to: 0.1), warmUp: 4)),
      (", schedule: .linear(to: 0.5), warmUp: 0", Schedule(.linear(to: 0.5), warmUp: 0)),
      (", schedule: .constant, warmUp: 0.5", Schedule(.constant, warmUp: 2)),
      (", schedule: .steps(at: [2, 4.5])", .steps(at: [8, 18], factor: 0.1)),
      (", schedule: .steps(at: [1], factor: 0.5)", .steps(at: [4], factor: 0.5)),
    ] {
      let ran = notebook.run("train(aet, on: small, epochs: 6, batch: 16\(cell))")
      #expect(ran.error == nil)
      #expect(try object(notebook).run.options.schedule == schedule, "\(cell)")
      #expect(try object(notebook).run.plan == plan)
    }
  }

  @Test func partsLearnAtTheirOwnRates() throws {
    let notebook = prepared()
    let model = try #require(notebook.interpreter.workspace.models.first?.model)
    func values() -> [String: [Float]] {
      let trained = model.method.parameters.filter(\.parameter.isTrainable)
      return Dictionary(uniqueKeysWithValues: trained.map { ($0.name, $0.parameter.value.scalars) })
    }
    let before = values()
    let ran = notebook.run(
      """
      train(aet, on: small, batch: 32, frozen: ["encoder.blocks.0"], \
      rates: ["encoder": 0.5, "encoder.blocks.2": 0])
      """)
    #expect(ran.error == nil)
    for (name, value) in values() {
      let isFrozen = ["encoder.blocks.0.", "encoder.blocks.2."].contains { name.hasPrefix($0) }
      #expect((value == before[name]) == isFrozen, "\(name)")
    }
  }

  @Test func averagedModelIsAModelOfItsOwn() throws {
    let notebook = prepared()
    #expect(notebook.run("let run = train(aet, on: small, batch: 16, average: 0.9)").error == nil)
    #expect(notebook.run("let smooth = run.averaged\nsmooth").error == nil)
    let models = notebook.interpreter.workspace.models
    let (raw, smooth) = (models[0].model, models[1].model)
    let average = try #require(try object(notebook).run.average)
    for named in average.averages {
      let own = smooth.method.parameters.first { $0.name == named.name }?.parameter.value.scalars
      #expect(own == named.parameter.value.scalars)
      let trained = raw.method.parameters.first { $0.name == named.name }?.parameter.value.scalars
      #expect(own != trained, "\(named.name)")
    }
    #expect(smooth.steps == 4 && smooth.training.contains("the moving average of a run"))
    #expect(
      notebook.run("knn(smooth, train: small, test: small, k: 3).accuracy > 0").result == "true")
    notebook.run("let plain = train(aet, on: small, batch: 16)")
    #expect(notebook.run("plain.averaged").error?.contains("average: 0.999") == true)
  }

  @Test func optionsComplete() {
    let notebook = prepared()
    func texts(_ code: String) -> [String] {
      notebook.interpreter.complete(code, at: code.unicodeScalars.count).candidates.map(\.text)
    }
    #expect(texts("train(aet, on: small, schedule: .st").contains { $0.contains("steps") })
    #expect(texts("train(aet, on: small, optimiser: .l").contains { $0.contains("lars") })
    #expect(texts("train(aet, on: small, warm").contains { $0.contains("warmUp") })
  }
}
