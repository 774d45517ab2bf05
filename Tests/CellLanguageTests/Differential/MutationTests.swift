import Synchronization
import Testing

@testable import CellLanguage

/// Damaged programs end in a value or in an error, and what is still accepted means the same to
/// Swift.
@Suite struct MutationTests {
  @Test(arguments: 0..<8)
  func damagedPrograms(part: Int) throws {
    var random = Random(seed: UInt64(part) + 77)
    var accepted = 0
    for round in 0..<1_500 {
      let whole: String
      if round.isMultiple(of: 3) {
        var generator = ProgramGenerator(seed: UInt64(part * 100_000 + round))
        whole = generator.program()
      } else {
        whole = Corpus.entries[random.below(Corpus.entries.count)].text
      }
      let text = Self.damage(whole, &random)
      do {
        let program = try Program(text)
        accepted += 1
        if let difference = Comparison.difference(program, text) {
          Issue.record("part \(part), round \(round)\n\(text)\n\(difference)")
        }
      } catch {
        let lines = error.rendered(ansi: false)
        #expect(error.location != nil || error.kind == .limitExceeded)
        #expect(lines.count >= 1)
      }
      _ = completeness(of: text)
      Self.run(text)
    }
    #expect(accepted > 20)
  }

  /// Runs what can be run, with small limits and an interrupt after a while.
  private static func run(_ text: String) {
    var limits = Limits()
    limits.elements = 10_000
    limits.stringBytes = 100_000
    limits.callDepth = 50
    let evaluator = Evaluator(vocabulary: Vocabulary(SampleWords.all), limits: limits)
    for name in ["fashion", "small", "run", "aet"] {
      evaluator.set(name, to: .object(SampleDataset(count: 100)))
    }
    do {
      let outcome = try evaluator.run(text, context: SampleContext(interruptAfter: 400))
      _ = outcome.value.description
    } catch {
      _ = error.rendered(ansi: true)
    }
  }

  /// Completion and inspection answer at every place of every program, damaged or not.
  @Test func everyPlaceAnswers() {
    var random = Random(seed: 5)
    let vocabulary = Vocabulary(SampleWords.all)
    var names = NameTable()
    names.declare("small", .object(SampleDataset(count: 100)))
    for entry in Corpus.entries {
      let damaged = Self.damage(entry.text, &random)
      for text in [entry.text, damaged] {
        let count = text.unicodeScalars.count
        for offset in stride(from: 0, through: count, by: max(1, count / 40)) {
          let result = complete(text, at: offset, vocabulary: vocabulary, names: names)
          #expect(result.start <= result.end && result.end <= count)
          _ = inspect(text, at: offset, vocabulary: vocabulary, names: names, detail: 1)
        }
      }
    }
  }

  private static func damage(_ text: String, _ random: inout Random) -> String {
    var bytes = Array(text.utf8)
    for _ in 0..<(1 + random.below(3)) where !bytes.isEmpty {
      let place = random.below(bytes.count)
      switch random.below(7) {
      case 0: bytes.remove(at: place)
      case 1: bytes[place] = UInt8(random.below(256))
      case 2:
        bytes.insert(random.pick(Array("(){}[]\"\\#.,:;?!=+-*/<>&|$_ \n\tax09@'`".utf8)), at: place)
      case 3: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(12)))
      case 4: bytes = Array(bytes[..<place])
      case 5:
        let end = min(bytes.count, place + 1 + random.below(20))
        bytes.insert(contentsOf: bytes[place..<end], at: random.below(bytes.count))
      default: bytes.swapAt(place, random.below(bytes.count))
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// A seeded source of random numbers (SplitMix64).
struct Random {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func below(_ count: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ (z >> 31)) % UInt64(count))
  }

  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}
