/// Phrases for the words that stand for a picture.
enum Words {
  /// The text in quotation marks, or nothing when it is empty.
  static func quoted(_ text: String) -> String { text.isEmpty ? "without a title" : "“\(text)”" }

  /// The text with a point at its end.
  static func sentence(_ text: String) -> String {
    guard let last = text.last else { return "" }
    return ".!?…".contains(last) ? text : text + "."
  }

  /// `1 image`, `2 images`.
  static func count(_ number: Int, _ singular: String, _ plural: String? = nil) -> String {
    "\(NumberText.fixed(Double(number), decimals: 0)) "
      + (number == 1 ? singular : plural ?? singular + "s")
  }

  /// `a, b and c`.
  static func list(_ items: [String]) -> String {
    guard let last = items.last, items.count > 1 else { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + " and " + last
  }
}
