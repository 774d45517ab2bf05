import Synchronization
import Testing

@testable import CellLanguage

@Suite struct CompletionTests {
  private var names: NameTable {
    var names = NameTable()
    names.declare("small", .object(SampleDataset(count: 100)))
    names.declare("losses", .array([.number(0.5)]), isConstant: true)
    names.declare("pair", .tuple([TupleElement(label: "width", value: .string("x"))]))
    names.declare("options", .dictionary(ValueDictionary(["lr": .number(0.1)])))
    return names
  }

  /// The completions where `|` stands.
  private func items(_ marked: String) -> [CompletionItem] {
    let parts = marked.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false).map(
      String.init)
    return complete(
      parts[0] + parts[1], at: parts[0].unicodeScalars.count,
      vocabulary: Vocabulary(SampleWords.all), names: names
    ).items
  }

  private func texts(_ marked: String) -> [String] { items(marked).map(\.text) }

  @Test func namesCommandsAndKeywords() {
    #expect(texts("tr|") == ["train", "true", "try"])
    #expect(texts("SMA|") == ["small"])
    #expect(texts("let x = los|ses") == ["losses"])
    #expect(texts("let alpha = 1\nfor beta in [1] { let gamma = { delta, _ in al|") == ["alpha"])
    #expect(texts("for beta in [1] { bet|") == ["beta"])
    #expect(texts("f { delta, epsilon in eps|") == ["epsilon"])
    #expect(texts("func f(on zeta: Int) { zet|") == ["zeta"])
    #expect(Set(texts("|")).isSuperset(of: ["small", "train", "if", "print"]))
    #expect(items("sma|").first?.kind == .instance)
    #expect(items("sma|").first?.detail == "Dataset: 100 images of 28 × 28")
  }

  /// An object that counts how often it is described.
  private final class Counted: HostObject {
    let descriptions = Atomic<Int>(0)
    var typeName: String { "Counted" }
    var summary: String {
      "number \(descriptions.add(1, ordering: .relaxed).newValue)"
    }
  }

  @Test func onlyWhatFitsIsDescribed() {
    let objects = [Counted(), Counted()]
    var names = NameTable()
    names.declare("first", .object(objects[0]))
    names.declare("second", .object(objects[1]))
    let items = complete("sec", at: 3, vocabulary: Vocabulary([]), names: names).items
    #expect(items.map(\.detail) == ["Counted: number 1"])
    #expect(objects.map { $0.descriptions.load(ordering: .relaxed) } == [0, 1])
  }

  @Test func placesOfTheWord() {
    let result = complete("é = 🐶\nsmal", at: 10, vocabulary: Vocabulary([]), names: names)
    #expect(result.start == 6 && result.end == 10)
    #expect(result.items.map(\.text) == ["small"])
  }

  @Test func labels() {
    #expect(texts("train(small, on: small, |").prefix(3) == ["batch:", "epochs:", "rate:"])
    #expect(texts("train(small, ep|") == ["epochs:"])
    #expect(!texts("train(small, on: small, epochs: 3, |").contains("epochs:"))
    #expect(!texts("train(small, on: |").contains("epochs:"))
    #expect(!texts("train(small, on: [1, |").contains("epochs:"))
    #expect(texts("train(small,\n  on: small.first(16), ra|") == ["rate:"])
    #expect(texts("train(small, on: small, rate: pow(2, 3), ep|)") == ["epochs:"])
    let item = items("train(small, ep|").first
    #expect(item?.kind == .parameter)
    #expect(item?.detail == "= 1, whole number at least 1: passes over the images")
    #expect(texts("small.sample(3, se|") == ["seed:"])
    #expect(texts("losses.joined(sep|") == ["separator:"])
    #expect(texts("\"\\(train(small, ep|") == ["epochs:"])
  }

  @Test func members() {
    #expect(texts("small.|") == ["count", "first", "sample", "train"])
    #expect(texts("small.train.sa|") == ["sample"])
    #expect(texts("small.tr|ain") == ["train"])
    #expect(texts("small\n  .fi|") == ["first"])
    #expect(texts("losses.append|") == ["append"])
    #expect(texts("losses[0].rou|") == ["rounded"])
    #expect(texts("losses.map { $0 }.red|") == ["reduce"])
    #expect(texts("\"abc\".upp|") == ["uppercased"])
    #expect(texts("[1, 2].rev|") == ["reverse", "reversed"])
    #expect(texts("pair.wi|") == ["width"])
    #expect(texts("pair.width.hasP|") == ["hasPrefix"])
    #expect(texts("options.ke|") == ["keys"])
    #expect(texts("NIN.|") == ["published"])
    // What a command gives is known by its type, if a name holds one.
    #expect(texts("FashionMNIST().sa|") == ["sample"])
    #expect(texts("unknown.|").isEmpty)
    #expect(items("small.fi|").first?.detail == "first(_ count: whole number) -> Dataset")
  }

  @Test func choices() {
    #expect(texts("Projective(fill: .|") == ["clamp", "constant", "reflect"])
    #expect(texts("Projective(scale: 0.8...1.2, fill: .re|") == ["reflect"])
    #expect(texts("Projective(fill: |").prefix(3) == [".clamp", ".constant", ".reflect"])
    #expect(texts("print(\"x\", to: .standardE|") == ["standardError"])
    #expect(items("Projective(fill: .re|").first?.detail == "the picture mirrored at its edge")
    #expect(texts("x = .|").isEmpty)
  }

  @Test func silence() {
    #expect(texts("// tra|").isEmpty)
    #expect(texts("# tra|").isEmpty)
    #expect(texts("/* tra|").isEmpty)
    #expect(texts("\"tra|").isEmpty)
    #expect(texts("\"tra|in\"").isEmpty)
    #expect(texts("12|").isEmpty)
    #expect(texts("let tra|").isEmpty)
    #expect(texts("\"a\" // b\ntrai|") == ["train"])
  }

  /// Completing looks names up; it calls nothing.
  @Test func nothingIsRun() {
    #expect(texts("fail(\"x\").|").isEmpty)
    #expect(texts("fail(|").isEmpty == false)
  }
}
