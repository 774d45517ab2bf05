import JupyterProtocol
import Testing

@testable import Workspace

/// The families of transformations as cells write them, and how well a model tells them.
@Suite(.serialized) struct TransformationWordTests {
  static let setUp = "let fashion = FashionMNIST()\nlet few = fashion.test.first(3)"

  private func prepared() -> Notebook {
    let notebook = Notebook()
    #expect(notebook.run(Self.setUp).error == nil)
    return notebook
  }

  @Test func everyFamilyIsShown() {
    let notebook = prepared()
    let families: [(cell: String, words: [String])] = [
      ("Affine()", ["Affine", "turn", "shear"]),
      ("Projective(jitter: 3)", ["Projective", "scale"]),
      ("Similarity(rotation: 30)", ["Similarity", "turn", "scale"]),
      ("Euclidean(translation: 0, mask: .circle)", ["Euclidean", "circle", "turn"]),
      ("Color()", ["contrast", "brightness", "no saturation"]),
      ("Projective(jitter: 3).with(Color())", ["Projective and colour", "contrast", "turn"]),
    ]
    for (cell, words) in families {
      let ran = notebook.run("show(\(cell), on: few)")
      #expect(ran.error == nil, "\(cell): \(ran.error ?? "")")
      let text = ran.displays.first?.plainText ?? ""
      for word in words { #expect(text.contains(word), "\(word): \(text)") }
    }
  }

  @Test func recipesMakeTheSameFamilyAgain() {
    let notebook = prepared()
    for cell in [
      "Similarity(rotation: 20, scale: 0.9...1.1, fill: .clamp)", "Euclidean(mask: .circle)",
      "Color(saturation: 0, sharpness: 0.5)", "Affine().with(Color(brightness: 0.3))",
    ] {
      let recipe = notebook.run("let family = \(cell)\nfamily").result ?? ""
      notebook.run(
        "let model = AET(for: fashion, transformation: family, encoder: NIN(widths: [3, 4]))")
      let option = notebook.run("model.options[\"transformation\"]").result ?? ""
      let again = notebook.run("let other = \(option.filter { $0 != "\"" })\nother")
      #expect(again.error == nil && again.result == recipe, "\(cell): \(option)")
    }
  }

  @Test func aModelTellsGeometryAndColourAtOnce() {
    let notebook = prepared()
    let made = notebook.run(
      """
      let aet = AET(for: fashion, transformation: Euclidean(fill: .constant(0.5)).with(Color()), \
      encoder: NIN(widths: [4, 8]))
      let run = train(aet, on: fashion.train.first(128), batch: 32)
      let score = regression(aet, on: fashion.test.first(300), seed: 1)
      score
      """)
    #expect(made.error == nil, "\(made.error ?? "")")
    let text = made.result ?? ""
    for word in [
      "cosine", "contrast", "sharpness", "mask only", "95 %", "bootstrap", "300 images", "seed 1",
      "constant predictor 1.000", "Corner error",
    ] {
      #expect(text.contains(word), "\(word) in \(text)")
    }
    #expect(!text.contains("saturation ±"))
    #expect(notebook.run("score.maskOnly[\"x\"] > 0.7").result == "true")
    #expect(notebook.run("score.maskOnly[\"contrast\"] < 0.1").result == "true")
    #expect(notebook.run("score.rSquared[\"contrast\"] < 1").result == "true")
    #expect(notebook.run("score.count").result == "300")
    #expect(notebook.run("score.medianCornerError > 0").result == "true")
    let again = notebook.run("regression(aet, on: fashion.test.first(300), seed: 1)").result
    #expect(again == text)
    #expect(notebook.run("predictions(aet, on: few)").displays.count == 1)
  }

  @Test func coloursAloneHaveNoCorners() {
    let notebook = prepared()
    notebook.run(
      "let aet = AET(for: fashion, transformation: Color(), encoder: NIN(widths: [4, 8]))")
    let score = notebook.run("let score = regression(aet, on: fashion.test.first(20))\nscore")
      .result
    #expect(score?.contains("no pixel moves") == true && score?.contains("Corner") == false)
    #expect(notebook.run("score.medianCornerError == nil").result == "true")
    let shown = notebook.run("predictions(aet, on: few)").displays.first?.plainText ?? ""
    #expect(shown.contains("colour factors") && !shown.contains("px"))
    #expect(notebook.run("aet").result?.contains("no saturation") == true)
  }

  @Test func mistakesAreNamed() {
    let notebook = prepared()
    notebook.run("let aet = AET(for: fashion, encoder: NIN(widths: [4, 8]))")
    let mistakes: [(cell: String, words: [String])] = [
      ("Color(brightness: 1)", ["brightness", "0.95"]),
      ("Color(brightness: 0, contrast: 0, saturation: 0, sharpness: 0)", ["at least one"]),
      (
        "AET(for: fashion, transformation: Color(brightness: 0, contrast: 0, sharpness: 0))",
        ["saturation", "channel"]
      ),
      ("Projective().with(Affine())", ["Color", "with"]),
      ("Color().with(Color())", ["colours already"]),
      ("Similarity(mask: .square)", ["square", "circle"]),
      ("Euclidean(scale: 1...2)", ["scale"]),
      ("regression(aet, on: few)", ["3 images", "10"]),
      ("regression(few, on: few)", ["model"]),
    ]
    for (cell, words) in mistakes {
      let error = notebook.run(cell).error ?? "no error"
      for word in words { #expect(error.contains(word), "\(cell): \(error)") }
    }
  }
}
