@testable import CellLanguage

/// What is answered about a place in the text of a cell: completion and inspection.
enum AnswersSurface {
  static func examine(_ input: [UInt8]) {
    let text = String(decoding: input, as: UTF8.self)
    let count = text.unicodeScalars.count
    // A place that is as good as drawn from the text, which so needs no bytes of its own.
    var hash: UInt32 = 2_166_136_261
    for byte in input { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    let places = [count, Int(hash >> 8) % (count + 1), hash & 16 == 0 ? -1 : .max]
    answer(text, at: places[[0, 0, 0, 1, 1, 1, 1, 2][Int(hash & 7)]], count, Int(hash >> 3) & 1)
  }

  private static func answer(_ text: String, at place: Int, _ count: Int, _ detail: Int) {
    let clamped = min(max(0, place), count)
    let result = complete(
      text, at: place, vocabulary: SampleWorkspace.vocabulary, names: SampleWorkspace.names)
    law(0 <= result.start && result.start <= result.end, "the replaced piece has an order")
    law(result.end == clamped, "the replaced piece ends at the cursor")
    let scalars = Array(text.unicodeScalars)
    var word = String.UnicodeScalarView()
    word.append(contentsOf: scalars[result.start..<result.end])
    let start = String(word).lowercased()
    var seen: Set<String> = []
    for item in result.items {
      law(!item.text.isEmpty && seen.insert(item.text).inserted, "each item stands once")
      law(item.text.lowercased().hasPrefix(start), "items begin with the word")
    }
    let help = inspect(
      text, at: place, vocabulary: SampleWorkspace.vocabulary, names: SampleWorkspace.names,
      detail: detail)
    law(help.map { !$0.text.isEmpty && !$0.markdown.isEmpty } ?? true, "help is not empty")
  }
}
