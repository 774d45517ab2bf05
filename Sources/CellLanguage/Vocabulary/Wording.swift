/// `a, b and c`.
func listed(_ words: [String], last conjunction: String = "and") -> String {
  guard words.count > 1, let last = words.last else { return words.first ?? "none" }
  return words.dropLast().joined(separator: ", ") + " \(conjunction) " + last
}

/// `a whole number`, `an image set`.
func withArticle(_ words: String) -> String {
  if words.hasPrefix("any ") || words.hasPrefix("one of ") || words.hasPrefix("nothing") {
    return words
  }
  return "\(words.first.map { "aeiouAEIOU".contains($0) } == true ? "an" : "a") \(words)"
}

/// `1 label`, `3 labels`.
func counted(_ count: Int, _ noun: String) -> String {
  "\(count) \(noun)\(count == 1 ? "" : "s")"
}

/// A whole number with its thousands apart: `10,000`.
func grouped(_ number: Int) -> String {
  let digits = Array(String(number.magnitude))
  var text = number < 0 ? "-" : ""
  for (place, digit) in digits.enumerated() {
    if place > 0, (digits.count - place) % 3 == 0 { text.append(",") }
    text.append(digit)
  }
  return text
}

/// A string as it is written in a cell.
func quoted(_ string: String) -> String {
  var text = "\""
  for scalar in string.unicodeScalars {
    switch scalar {
    case "\"": text += "\\\""
    case "\\": text += "\\\\"
    case "\n": text += "\\n"
    case "\r": text += "\\r"
    case "\t": text += "\\t"
    case "\0": text += "\\0"
    default: text.unicodeScalars.append(scalar)
    }
  }
  return text + "\""
}

/// The name nearest to a misspelled one, or nil when none is near.
public func nearest(_ name: String, among names: some Sequence<String>) -> String? {
  nearestFew(name, among: names).first
}

/// The near names, best first, at most five.
func nearestFew(_ name: String, among names: some Sequence<String>) -> [String] {
  let wanted = Array(name.lowercased().unicodeScalars.prefix(64))
  guard !wanted.isEmpty else { return [] }
  let allowed = wanted.count <= 4 ? 1 : wanted.count <= 7 ? 2 : wanted.count / 3
  var found: [(distance: Int, name: String)] = []
  for candidate in names where candidate != name && candidate.utf8.count <= 80 {
    let letters = Array(candidate.lowercased().unicodeScalars)
    if letters == wanted {
      found.append((0, candidate))
      continue
    }
    guard abs(letters.count - wanted.count) <= allowed else { continue }
    let distance = editDistance(wanted, letters)
    // A short word must keep at least one letter, or everything is near to everything.
    if distance <= allowed, distance < max(wanted.count, letters.count) {
      found.append((distance, candidate))
    }
  }
  return found.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(5).map(\.name)
}

/// The number of letters to insert, remove, replace or swap with a neighbour (optimal string
/// alignment).
private func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
  var before: [Int] = []
  var previous = Array(0...b.count)
  for i in a.indices {
    var current = [i + 1]
    for j in b.indices {
      var best = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, before[j - 1] + 1) }
      current.append(best)
    }
    before = previous
    previous = current
  }
  return previous[b.count]
}
