import CellLanguage
import Evaluation
import JupyterKernel
import JupyterProtocol
import Methods
import Tensors
import Testing

@testable import Workspace

/// The words about reconstructions and codes, on a small model and real images.
@Suite(.serialized) struct DiscreteWordTests {
  private func prepared(_ options: String = "") throws -> Notebook {
    let notebook = Notebook()
    let ran = notebook.run(
      """
      let fashion = FashionMNIST()
      let small = fashion.train.first(256)
      let vq = VQVAE(for: fashion, codes: 12, dimension: 4, hidden: 8, residual: 4\(options), seed: 1)
      """)
    #expect(ran.error == nil, "\(ran.error ?? "")")
    return notebook
  }

  @Test func everyOptionReachesTheModel() throws {
    let notebook = try prepared(
      ", blocks: 1, commitment: 0.5, quantiser: .cosine, codebook: .movingAverage(decay: 0.9), "
        + "start: .random, restart: 0, gradient: .rotation")
    let method = try #require(
      notebook.interpreter.workspace.models.first?.model.method as? VQVAE)
    let own = method.configuration
    #expect(own.codes == 12 && own.dimension == 4 && own.hidden == 8 && own.residual == 4)
    #expect(own.blocks == 1 && own.commitment == 0.5 && own.restart == 0)
    #expect(own.quantiser == .cosine && own.codebook == .movingAverage(decay: 0.9))
    #expect(own.start == .random && own.gradient == .rotation)
    let card = notebook.run("vq").result ?? ""
    for text in ["quantiser: .cosine", "codebook: .movingAverage(decay: 0.9)", "NeurIPS 2017"] {
      #expect(card.contains(text), "\(text) in \(card)")
    }
    #expect(card.contains("cosine codebook, 12 codes of 4"))
    let levels = try prepared(", quantiser: .finiteScalar(levels: [4, 3])")
    #expect(levels.run("vq").result?.contains("finite scalars, 4×3 levels") == true)
  }

  @Test func picturesAreShownAndTold() throws {
    let notebook = try prepared()
    #expect(notebook.run("let run = train(vq, on: small, epochs: 2, batch: 32)").error == nil)
    for cell in [
      "reconstructions(vq, of: fashion.test.first(11))", "codes(vq, of: fashion.test.first(5))",
      "codebook(vq, on: fashion.test.first(300))", "plot(run)",
    ] {
      let ran = notebook.run(cell)
      #expect(ran.error == nil, "\(cell): \(ran.error ?? "")")
      #expect(ran.displays.count == 1 && ran.result == nil, "\(cell)")
      #expect(
        try ran.pictureContents == notebook.run(cell).pictureContents,
        "\(cell) is not the same twice")
    }
    let words = notebook.run("plot(run)").displays.first?.plainText ?? ""
    for term in ["loss", "reconstruction", "commitment"] { #expect(words.contains(term)) }
  }

  @Test func usageIsCountedOverTheWholeSet() throws {
    let notebook = try prepared()
    notebook.run("train(vq, on: small, epochs: 2, batch: 32)")
    let ran = notebook.run(
      """
      let figure = codebook(vq, on: fashion.test.first(600))
      print(figure.perplexity, figure.inUse)
      """)
    #expect(ran.error == nil)
    let method = try #require(
      notebook.interpreter.workspace.models.first?.model.method as? VQVAE)
    let images = try notebook.images("fashion.test.first(600)")
    // All at once, where the word takes 250 images at a time.
    var usage = CodeUsage(codeCount: 12)
    usage.add(try method.codes(of: images).codes)
    #expect(usage.total == 600 * 49)
    #expect(ran.text.contains("\(usage.perplexity) \(usage.inUse)"), "\(ran.text)")
    #expect(ran.text.contains("29,400 codes of 600 images"))
  }

  @Test func scoresCarryTheirProtocol() throws {
    let notebook = try prepared()
    let ran = notebook.run("let score = reconstruction(vq, on: fashion.test.first(300))\nscore")
    let text = ran.result ?? ""
    for word in ["95 % interval", "dB", "untrained", "values 0...1", "variance", "300 images"] {
      #expect(text.contains(word), "\(word) in \(text)")
    }
    #expect(notebook.run("score.lower < score.share && score.share < score.upper").result == "true")
    let method = try #require(
      notebook.interpreter.workspace.models.first?.model.method as? VQVAE)
    let images = try notebook.images("fashion.test.first(300)")
    let error = try method.reconstruct(images).meanSquaredError(images).item()
    let told = notebook.run("score.error").result.flatMap(Double.init) ?? 0
    #expect(abs(told - Double(error)) < 1e-5 * Double(error))
  }

  @Test func mistakesSayTheWayOut() throws {
    let notebook = try prepared()
    func error(_ cell: String) -> String { notebook.run(cell).error ?? "none" }
    notebook.run("let aet = AET(for: fashion, encoder: NIN(widths: [3, 5]))")
    #expect(notebook.run("codes(aet, of: small)").traceback.contains("VQVAE"))
    #expect(notebook.run("reconstructions(aet, of: small)").traceback.contains("VQVAE"))
    #expect(
      notebook.run("VQVAE(for: fashion, quantiser: .cosin)").traceback.contains("`.cosine`"))
    #expect(error("VQVAE(for: fashion, quantiser: .finiteScalar(levels: [1]))").contains("levels"))
    #expect(error("VQVAE(for: fashion, hidden: 7)").contains("hidden"))
    #expect(error("VQVAE(for: fashion, codes: 1)").contains("codes"))
    #expect(error("VQVAE(for: fashion, codebook: .movingAverage(decay: 1))").contains("decay"))
    let many = error(
      "train(VQVAE(for: fashion, codes: 500), on: fashion.train.first(4), batch: 2)")
    #expect(many.contains("196 vectors"), "\(many)")
  }
}

extension Notebook {
  /// The images that an expression gives, `[N, H, W, C]`.
  fileprivate func images(_ code: String) throws -> Tensor {
    run("let chosenImages = \(code)")
    guard case .object(let object)? = interpreter.workspace.evaluator.names["chosenImages"],
      let images = object as? ImageSetObject
    else { throw CancellationError() }
    let source = ImageBatches(images.images)
    return try source.images(at: Array(0..<source.count))
  }
}
