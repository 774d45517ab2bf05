import Training
import Tensors
import Testing

@testable import Workspace

@Suite struct PrecisionOptionTests {
  @Test func precisionReachesTheRunAndItsRecord() throws {
    let notebook = Notebook()
    notebook.run(
      """
      let fashion = FashionMNIST()
      let small = fashion.train.first(64)
      let aet = AET(for: fashion, encoder: NIN(widths: [4, 8]), seed: 2)
      """)
    func object() throws -> RunObject {
      try #require(notebook.interpreter.workspace.models.first?.model.runs.last)
    }
    #expect(notebook.run("train(aet, on: small, batch: 32)").error == nil)
    #expect(try object().run.options.precision == .float32)
    let ran = notebook.run("train(aet, on: small, batch: 32, precision: .bfloat16)")
    guard Precision.bfloat16.isAvailable else {
      let error = try #require(ran.error)
      #expect("\(error)".contains("precision") && "\(error)".contains("bfloat16"))
      return
    }
    #expect(ran.error == nil)
    #expect(try object().run.options.precision == .bfloat16)
  }

  @Test func recordTellsThePrecision() throws {
    #expect(PrecisionChoice.allCases.map(\.precision) == Precision.allCases)
    #expect(PrecisionChoice.allCases.map(\.rawValue) == Precision.allCases.map(\.rawValue))
  }
}
