import CellLanguage
import JupyterKernel
import JupyterProtocol
import Methods
import Testing

@testable import Workspace

@Suite struct VocabularyTests {
  @Test func everyWordIsDeclaredWithHelp() {
    let notebook = Notebook()
    for command in Words.vocabulary.commands {
      #expect(command.summary.hasSuffix("."), "\(command.name): \(command.summary)")
      for parameter in command.parameters {
        #expect(!parameter.help.isEmpty, "\(command.name), \(parameter.name)")
      }
      let page = notebook.run("help(\"\(command.name)\")").displays.first?.plainText ?? ""
      #expect(page.contains(command.summary), "help(\(command.name))")
    }
    let overview = notebook.run("help()").displays.first?.plainText ?? ""
    for word in [
      "FashionMNIST", "show", "Affine", "Projective", "NIN", "AET", "train", "plot",
      "predictions", "latents", "knn", "probe", "compare", "save", "load", "models", "runs", "help",
    ] {
      #expect(overview.contains(word))
    }
  }

  @Test func optionsOfMethodsBecomeParameters() throws {
    let command = try #require(Words.vocabulary.lookup("AET"))
    let labels = command.parameters.map(\.label)
    #expect(
      labels == [
        "for", "transformation", "encoder", "mode", "normalisation", "augmentation", "seed",
      ])
    let mode = try #require(command.parameters.first { $0.name == "mode" })
    #expect(mode.choices.map(\.name) == AETMode.allCases.map(\.rawValue))
    #expect(mode.defaultText == ".centred")
    // Each option reaches the configuration that the model is made with.
    let notebook = Notebook()
    let made = notebook.run(
      """
      let aet = AET(for: FashionMNIST(), transformation: Affine(), encoder: NIN(widths: [3, 5]), \
      mode: .published, normalisation: .joint, seed: 7)
      aet
      """)
    for text in ["Affine(", "NIN(widths: [3, 5])", "mode: .published", ".joint", "seed: 7"] {
      #expect(made.result?.contains(text) == true, "\(text) in \(made.result ?? "")")
    }
  }

  @Test func completionKnowsNamesLabelsMembersAndChoices() {
    let notebook = Notebook()
    notebook.run(
      "let fashion = FashionMNIST()\nlet aet = AET(for: fashion, encoder: NIN(widths: [3, 5]))")
    func texts(_ code: String) -> [String] {
      notebook.interpreter.complete(code, at: code.unicodeScalars.count).candidates.map(\.text)
    }
    #expect(texts("trai").contains { $0.hasPrefix("train") })
    #expect(texts("fash").contains("fashion"))
    #expect(texts("fashion.").contains("train"))
    #expect(texts("fashion.train.fir").contains { $0.hasPrefix("first") })
    #expect(texts("train(aet, on: fashion.train, ep").contains { $0.hasPrefix("epochs") })
    #expect(texts("NIN.").contains("published"))
    #expect(texts("Affine(fill: .").contains { $0.contains("reflect") })
    #expect(texts("latents(aet, on: fashion.test, by: .").contains { $0.contains("pca") })
  }

  @Test func inspectionShowsTheDeclaration() {
    let notebook = Notebook()
    let page = notebook.interpreter.inspect("train(", at: 5, detail: 1)?.plainText ?? ""
    for word in ["epochs", "passes over the images", "learning rate"] {
      #expect(page.contains(word))
    }
    #expect(notebook.interpreter.inspect("no_such_word", at: 3, detail: 0) == nil)
  }
}
