import Synchronization
import Testing

@testable import CellLanguage

/// Every program that our parser accepts, Swift's own parser accepts with the same shape.
@Suite struct DifferentialTests {
  @Test(arguments: Corpus.entries)
  func corpus(_ entry: Corpus.Entry) throws {
    let program = try Program(entry.text, cell: entry.name)
    if let difference = Comparison.difference(program, entry.text) {
      Issue.record("\(entry.name)\n\(difference)")
    }
  }

  @Test func corpusIsThere() {
    #expect(Corpus.entries.count >= 60)
  }

  /// 10,800 programs in parts, so that they run beside one another.
  @Test(arguments: 0..<12)
  func generatedPrograms(part: Int) {
    var accepted = 0
    var lookalikes = 0
    var failures = 0
    var seed = UInt64(part) * 1_000_000
    while accepted < 900, failures < 5 {
      seed += 1
      var generator = ProgramGenerator(seed: seed)
      let text = generator.program()
      do {
        let program = try Program(text)
        accepted += 1
        if let difference = Comparison.difference(program, text) {
          failures += 1
          Issue.record("seed \(seed)\n\(text)\n\(difference)")
        }
      } catch {
        // What Swift would read otherwise is refused on purpose; everything else that is generated
        // must be accepted.
        if error.reason.hasPrefix("Swift ") {
          lookalikes += 1
        } else {
          failures += 1
          Issue.record(
            "seed \(seed)\n\(text)\n\(error.rendered(ansi: false).joined(separator: "\n"))")
        }
      }
    }
    #expect(lookalikes < 45)
  }

  /// The comparison itself can tell programs apart.
  @Test func comparisonSeesDifferences() throws {
    let program = try Program("a + b * c")
    #expect(Comparison.difference(program, "(a + b) * c") != nil)
    #expect(Comparison.difference(program, "a + b *") != nil)
    #expect(Comparison.difference(program, "a + b * c") == nil)
  }
}
