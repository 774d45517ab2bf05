import Foundation
import JupyterProtocol
import Testing

@testable import Workspace

@Suite(.serialized) struct UncertaintyWordTests {
  private static let setUp = """
    let fashion = FashionMNIST()
    let avt = AVT(for: fashion, encoder: NIN(widths: [3, 5]), seed: 1)
    let rotnet = RotNet(for: fashion, encoder: NIN(widths: [3, 5]), seed: 1)
    let supervised = Supervised(for: fashion, encoder: NIN(widths: [3, 5]), seed: 1)
    let aed = AED(for: fashion, encoder: NIN(widths: [3, 5]), seed: 1)
    """

  private func prepared() -> Notebook {
    let notebook = Notebook()
    #expect(notebook.run(Self.setUp).error == nil)
    return notebook
  }

  @Test func calibrationHasASlopeWithItsProtocol() throws {
    let notebook = prepared()
    let ran = notebook.run("let result = calibration(avt, on: fashion.test.first(300), seed: 3)")
    #expect(ran.error == nil && ran.displays.count == 1)
    // Before training the model says the standard deviation of the targets: what it errs is that, and its own.
    #expect(notebook.run("result.slope > 0.8 && result.slope < 3").result == "true")
    #expect(
      notebook.run("result.lower < result.slope && result.slope < result.upper").result == "true")
    let text = notebook.run("result.protocol").result ?? ""
    for word in [
      "300 transformations", "FashionMNIST().test", "8 coordinates", "seed 3", "untrained",
    ] {
      #expect(text.contains(word), "\(word) in \(text)")
    }
    // A coordinate that never varies does not count.
    notebook.run(
      "let shifts = AVT(for: fashion, encoder: NIN(widths: [3, 5]), transformation: "
        + "Affine(rotation: 0, translation: 0.2, scale: 1...1, shear: 0))")
    #expect(
      notebook.run("calibration(shifts, on: fashion.test.first(20)).protocol").result?
        .contains("2 coordinates") == true)
  }

  @Test func predictionsShowHowSureTheModelIs() throws {
    let notebook = prepared()
    let sheet = notebook.run("predictions(avt, on: fashion.test.first(3))")
    #expect(sheet.displays.first?.plainText?.contains("one standard deviation") == true)
    let turns = notebook.run("let shown = predictions(rotnet, on: fashion.test.first(3))")
    #expect(turns.displays.first?.plainText?.contains("12 images in 4 rows") == true)
    let accuracy = Double(notebook.run("shown.accuracy").result ?? "") ?? -1
    #expect((0...1).contains(accuracy))
  }

  @Test func confusionsCountEveryImage() throws {
    let notebook = prepared()
    for (model, count) in [("rotnet", 4 * 260), ("supervised", 260)] {
      let ran = notebook.run("let table = confusion(\(model), on: fashion.test.first(260))")
      #expect(ran.error == nil, "\(ran.error ?? "")")
      #expect(notebook.run("table.count").result == "\(count)")
      let text = notebook.run("table").result ?? ""
      #expect(text.contains("accuracy") && text.contains("untrained"), "\(text)")
    }
  }

  @Test func labelsAreThoseThatMayBeUsed() {
    let notebook = prepared()
    let ran = notebook.run(
      """
      let run = train(supervised, on: fashion.train.first(64), \
      labelled: fashion.train.labelled(20, seed: 1), epochs: 2, batch: 16)
      """)
    #expect(ran.error == nil, "\(ran.error ?? "")")
    #expect(notebook.run("run.metrics[\"accuracy\"].count").result == "8")
    #expect(notebook.run("train(aed, on: fashion.train.first(64), batch: 16)").error == nil)
    #expect(notebook.run("plot(run)").displays.first?.plainText?.contains("cross-entropy") == true)
  }

  @Test func whatAMethodCannotIsSaid() {
    let notebook = prepared()
    for (cell, words) in [
      ("calibration(aed, on: fashion.test.first(9))", "AVT does"),
      ("predictions(aed, on: fashion.test.first(3))", "AET does"),
      ("confusion(avt, on: fashion.test.first(9))", "Supervised and RotNet do"),
      ("RotNet(for: fashion, rotations: 3)", "half turns"),
      ("AVT(for: fashion, mode: .published, divergence: 0.1)", "the released code has none"),
      ("AED(for: fashion, bottleneck: 0.01)", "at least one number"),
    ] {
      let error = notebook.run(cell)
      #expect(
        (error.error ?? "").contains(words) || error.traceback.contains(words),
        "\(cell): \(error.traceback)")
    }
  }
}
