import Foundation
import JupyterKernel
import JupyterProtocol
import Methods
import Testing

@testable import Workspace

/// The words that measure and draw features.
@Suite(.serialized) struct MeasurementTests {
  static let setUp = """
    let fashion = FashionMNIST()
    let small = fashion.train.first(300)
    let test = fashion.test.first(200)
    let aet = AET(for: fashion, encoder: NIN(widths: [4, 8]), seed: 1)
    """

  private func prepared(trained: Bool = true) -> Notebook {
    let notebook = Notebook()
    #expect(notebook.run(Self.setUp).error == nil)
    if trained { #expect(notebook.run("let run = train(aet, on: small, batch: 32)").error == nil) }
    return notebook
  }

  @Test func baselinesStandBesideAModelAndCostOnce() throws {
    let notebook = prepared()
    let shown = notebook.run("let s = knn(aet, train: small, test: test, k: 20)\ns")
    let text = shown.result ?? shown.error ?? ""
    for word in [
      "weighted kNN accuracy", "aet", "untrained AET", "raw pixels", "95 % interval", "k = 20",
      "unweighted k = 1", "block 2", "after 9 steps", "nothing is drawn",
      "FashionMNIST().train.first(300)",
    ] {
      #expect(text.contains(word), "\(word) in \(text)")
    }
    let kept = notebook.interpreter.workspace.baselines
    #expect(kept.count == 2)
    notebook.run("knn(aet, train: small, test: test, k: 20)")
    #expect(kept.count == 2)
    // Another protocol is measured anew; the model alone asks for nothing else.
    notebook.run("knn(aet, train: small, test: test, k: 19)")
    #expect(kept.count == 4)
    let alone = notebook.run("knn(aet, train: small, test: test, k: 5, baselines: false)").result
    #expect(alone?.contains("raw pixels") == false)
    #expect(kept.count == 4)
    #expect(
      notebook.run(
        "knn(aet, train: small, test: test, k: 20, baselines: false).accuracy == s.accuracy"
      ).result == "true")
    #expect(
      notebook.run(
        "s.pixels.accuracy == knn(.pixels, train: small, test: test, k: 20).accuracy"
      ).result == "true")
    #expect(notebook.run("s.untrained.accuracy != s.accuracy").result == "true")
    #expect(
      notebook.run("s.seed == nil && s.lower < s.accuracy && s.accuracy < s.upper").result == "true"
    )
  }

  @Test func untrainedRowIsTheModelBeforeItsFirstStep() throws {
    let before = prepared(trained: false)
    let first = before.run("knn(aet, train: small, test: test, k: 20)").result ?? ""
    #expect(!first.contains("untrained AET"))
    let accuracy = before.run("knn(aet, train: small, test: test, k: 20).accuracy").result
    let after = prepared()
    #expect(
      after.run("knn(aet, train: small, test: test, k: 20).untrained.accuracy").result == accuracy)
  }

  @Test func unweightedVotesAgreeWithTheirColumns() {
    let notebook = prepared(trained: false)
    notebook.run("let s = knn(aet, train: small, test: test, k: 20, baselines: false)")
    for k in [1, 3, 5, 10, 15, 20] {
      let own = notebook.run(
        "knn(aet, train: small, test: test, k: \(k), weighted: false, baselines: false).accuracy")
      #expect(own.result == notebook.run("s.unweighted[\"\(k)\"]").result)
    }
  }

  @Test(arguments: [".linear", ".layers(1)", ".layers(2)", ".layers(3)", ".convolution"])
  func everyHeadMeasuresAndRepeatsItself(head: String) throws {
    let notebook = prepared()
    let batch = head == ".linear" ? "" : "batch: 32, "
    let cell = "probe(aet, train: small, test: test, head: \(head), \(batch)seed: 3)"
    let shown = notebook.run(cell)
    let text = shown.result ?? shown.error ?? ""
    for word in ["probe accuracy", "aet", "untrained AET", "raw pixels", "seed 3", "95 % interval"]
    {
      #expect(text.contains(word), "\(word) in \(text)")
    }
    let accuracy = notebook.run(cell + ".accuracy").result
    #expect(notebook.run(cell + ".accuracy").result == accuracy)
    #expect(Double(accuracy ?? "") ?? 0 > 0.3)
    #expect(notebook.run(cell + ".protocol").result?.contains("FashionMNIST().test") == true)
  }

  @Test func augmentedProbesSeeTheEncoder() {
    let notebook = prepared()
    let cell = "probe(aet, train: small, test: test, head: .layers(2), epochs: 2, augment: true)"
    let text = notebook.run(cell).result ?? ""
    #expect(text.contains("crops of images padded by 4"))
    #expect(notebook.run(cell + ".accuracy").result == notebook.run(cell + ".accuracy").result)
  }

  @Test func comparisonsShareTheirBaselines() throws {
    let notebook = prepared()
    notebook.run(
      """
      let other = AET(for: fashion, encoder: NIN(widths: [4, 8]), mode: .published, seed: 1)
      train(other, on: small, batch: 32)
      """)
    let cell = "let c = compare([aet, other], train: small, test: test, by: .probe(.linear))\nc"
    let ran = notebook.run(cell)
    let text = ran.result ?? ran.error ?? ""
    for word in ["aet", "other", "untrained AET", "raw pixels", "linear probe accuracy"] {
      #expect(text.contains(word), "\(word) in \(text)")
    }
    // The same encoder from the same seed, whatever the mode.
    #expect(notebook.run("c.count").result == "4")
    #expect(
      notebook.run(
        "c.accuracies[\"aet\"] == probe(aet, train: small, test: test, head: .linear).accuracy"
      ).result == "true")
    #expect(notebook.run("c.scores[1].accuracy == c.accuracies[\"other\"]").result == "true")
    let neighbours = notebook.run(
      "compare([aet, other, aet], train: small, test: test, by: .knn(k: 5), baselines: false)")
    #expect(neighbours.result?.contains("aet (2)") == true, "\(neighbours.error ?? "")")
  }

  @Test func latentsByNeighbourhoods() throws {
    let notebook = prepared(trained: false)
    let cell =
      "let figure = latents(aet, on: test, by: .tsne, perplexity: 10, thumbnails: true)"
    let ran = notebook.run(cell)
    #expect(ran.error == nil, "\(ran.error ?? "")")
    let text = ran.displays.first?.plainText ?? ""
    for word in ["t-SNE", "perplexity 10", "seed 1", "nats"] { #expect(text.contains(word)) }
    #expect(notebook.run("figure.divergence > 0").result == "true")
    let again = prepared(trained: false).run(cell)
    #expect(try again.pictureContents == ran.pictureContents && !ran.displays.isEmpty)
    #expect(notebook.run("latents(.pixels, on: test)").displays.count == 1)
    let few = notebook.run("latents(.pixels, on: test.first(40), by: .tsne)")
    #expect(few.displays.first?.plainText?.contains("perplexity 13") == true)
  }

  static let mistakes: [(cell: String, words: [String])] = [
    ("probe(aet, train: small, test: test, head: .lineal)", ["lineal", ".linear"]),
    ("probe(aet, train: small, test: test, head: .layers(4))", ["1, 2 or 3"]),
    ("probe(aet, train: small, test: test, head: .layers)", ["1, 2 or 3"]),
    ("probe(aet, train: small, test: test, epochs: 3)", ["epochs", ".layers(1)"]),
    ("probe(aet, train: small, test: test, augment: true)", ["augment", ".layers(1)"]),
    ("probe(aet, train: small, test: test, head: .convolution, block: 9)", ["block", "4"]),
    (
      "probe(aet, train: small, test: test, head: .convolution, learningRate: 1e30)",
      ["not finite", "learning rate"]
    ),
    ("probe(small, train: small, test: test)", ["model, or .pixels"]),
    ("compare([], train: small, test: test)", ["no models"]),
    ("compare([aet], train: small, test: test, by: .probes)", ["probes", ".probe(.linear)"]),
    ("compare([aet], train: small, test: test, by: .knn(k: 0))", ["k:", "at least 1"]),
    ("knn(aet, train: small, test: test, k: 301)", ["301", "300"]),
    ("latents(aet, on: fashion.test, by: .tsne)", ["5,000", "sample"]),
    ("latents(aet, on: test, by: .tsne, perplexity: 100)", ["perplexity", "66"]),
    ("latents(aet, on: test.first(3), by: .tsne)", ["7"]),
  ]

  @Test func everyMistakeIsTold() {
    let notebook = prepared(trained: false)
    for mistake in Self.mistakes {
      let ran = notebook.run(mistake.cell)
      guard let error = ran.error else {
        Issue.record("no error for \(mistake.cell)")
        continue
      }
      for word in mistake.words {
        #expect(error.contains(word), "\(mistake.cell): \(error)")
      }
    }
  }

  @Test(arguments: [
    "knn(.pixels, train: fashion.train, test: fashion.test)",
    "probe(aet, train: fashion.train, test: test, head: .convolution, epochs: 1_000)",
    "probe(aet, train: fashion.train, test: test)",
    "latents(aet, on: fashion.test.first(5_000), by: .tsne)",
  ])
  func interruptsAreHeard(cell: String) {
    let notebook = prepared(trained: false)
    let clock = ContinuousClock()
    var ran: Notebook.Ran?
    let spent = clock.measure {
      ran = notebook.run("print(1)\n" + cell) { _, execution in
        // After the word has begun, long before it would end.
        Thread.detachNewThread {
          Thread.sleep(forTimeInterval: 0.3)
          execution.interrupt()
        }
      }
    }
    #expect(ran?.error?.hasPrefix("Interrupted") == true, "\(ran?.error ?? "no error")")
    #expect(spent < .seconds(5))
  }
}
