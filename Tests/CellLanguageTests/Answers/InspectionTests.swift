import Testing

@testable import CellLanguage

@Suite struct InspectionTests {
  private func help(_ marked: String, detail: Int = 0) -> Inspection? {
    let parts = marked.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false).map(
      String.init)
    var names = NameTable()
    names.declare("small", .object(SampleDataset(count: 100)), isConstant: true)
    names.declare("losses", .array([.number(0.5)]))
    return inspect(
      parts[0] + parts[1], at: parts[0].unicodeScalars.count,
      vocabulary: Vocabulary(SampleWords.all), names: names,
      detail: detail)
  }

  @Test func commands() throws {
    let found = try #require(help("let run = tr|ain(small)"))
    #expect(
      found.text == """
        train(_ model: image set, on data: image set, epochs: whole number = 1, batch: whole number = 128, rate: number = 0.001) -> Run

        Trains a model.

        Parameters
          model     image set, required: the model
          on data:  image set, required: the images
          epochs:   whole number at least 1, default 1: passes over the images
          batch:    whole number from 1 to 4096, default 128: images a step
          rate:     number above 0, default 0.001: the learning rate

        Example
          let run = train(aet, on: small, epochs: 3)
        """)
    #expect(
      found.markdown.contains(
        "| `epochs:` | whole number at least 1 | default 1 | passes over the images |"))
    // The signature is no Swift: a front end would colour the words in it that Swift has.
    #expect(found.markdown.hasPrefix("```\ntrain("))
    #expect(help("Projective|")?.markdown.contains("$x \\mapsto Hx$") == true)
    #expect(help("Projective|", detail: 1)?.text.contains("the edge drawn out") == true)
    #expect(help("NIN|")?.text.contains("NIN.published  the published network") == true)
  }

  /// Everywhere inside a word, just after it, and between the parentheses of its call.
  @Test(arguments: [
    "|train(small)", "tr|ain(small)", "train|(small)", "train(|)", "train(small, |",
    "train(small, on: small.train, epochs: 1|2)", "train(small, on: \"x|",
  ])
  func places(_ marked: String) {
    #expect(help(marked)?.text.hasPrefix("train(") == true)
  }

  @Test func theInnermostCallCounts() {
    #expect(help("train(Projective(|), on: small)")?.text.hasPrefix("Projective(") == true)
    #expect(
      help("train(Projective(), |on: small)")?.text.hasPrefix("on data: image set, required")
        == true)
  }

  @Test func labelsAndChoices() {
    #expect(
      help("train(small, epo|chs: 3)")?.text.hasPrefix("epochs: whole number at least 1, default 1")
        == true)
    #expect(
      help("Projective(fill: .re|flect)")?.text.hasPrefix(".reflect\nthe picture mirrored") == true)
  }

  @Test func variablesAndMembers() {
    #expect(help("small|")?.text.hasPrefix("let small: Dataset\n100 images of 28 × 28") == true)
    #expect(help("losses|")?.text == "var losses: Array\n[0.5]")
    #expect(help("small.cou|nt")?.text == "Dataset.count\nThe number of images.\nInt: 100")
    #expect(
      help("small.sam|ple(3)")?.text.hasPrefix(
        "sample(_ count: whole number, seed: whole number = 0) -> Dataset") == true)
    #expect(help("losses.red|uce(0, +)")?.text.contains("[1, 2, 3].reduce(0, +)") == true)
    #expect(help("losses.app|end(1)")?.text.contains("Puts an element at the end") == true)
    #expect(help("NIN.publ|ished")?.text == "NIN.published\nthe published network")
  }

  @Test func nothing() {
    #expect(help("unknown|") == nil)
    #expect(help("// train|") == nil)
    #expect(help("|") == nil)
    #expect(help("1 + | 2") == nil)
  }
}
