import Testing

/// Reads a document of elements, attributes and text, and fails where it is not well formed.
struct MarkupReader {
  private(set) var elements: [String] = []
  /// The text of elements that hold nothing but text, by the name of the element.
  private(set) var text: [String: String] = [:]
  /// The values of `id` attributes.
  private(set) var names: Set<String> = []
  /// The parts that are referred to by `href` or `url`.
  private(set) var references: Set<String> = []

  private let scalars: [Unicode.Scalar]
  private var at = 0

  init(_ document: String) { scalars = Array(document.unicodeScalars) }

  mutating func read() throws {
    var open: [String] = []
    while at < scalars.count {
      let words = try take(until: "<", isEndAllowed: true)
      if let name = open.last, !words.allSatisfy(\.isWhitespace) { text[name] = try plain(words) }
      guard at < scalars.count else { break }
      at += 1
      let tag = try take(until: ">", isEndAllowed: false)
      at += 1
      if tag.hasPrefix("?") || tag.hasPrefix("!") { continue }
      if tag.hasPrefix("/") {
        let last = open.popLast()
        try #require(String(tag.dropFirst()) == last, "</\(tag)> closes <\(last ?? "nothing")>")
        continue
      }
      let name = String(tag.prefix { !$0.isWhitespace && $0 != "/" })
      try #require(!name.isEmpty)
      elements.append(name)
      try readAttributes(tag.dropFirst(name.count))
      if !tag.hasSuffix("/") { open.append(name) }
    }
    try #require(open.isEmpty, "not closed: \(open)")
  }

  private mutating func readAttributes(_ tag: Substring) throws {
    var rest = tag
    if rest.hasSuffix("/") { rest = rest.dropLast() }
    var seen: Set<String> = []
    while true {
      rest = rest.drop { $0.isWhitespace }
      guard !rest.isEmpty else { return }
      let key = String(rest.prefix { $0 != "=" })
      try #require(seen.insert(key).inserted, "\(key) twice")
      rest = rest.dropFirst(key.count + 1)
      try #require(rest.first == "\"", "\(key) has no value")
      let value = String(rest.dropFirst().prefix { $0 != "\"" })
      rest = rest.dropFirst(value.count + 2)
      if key == "id" { try #require(names.insert(value).inserted, "\(value) twice") }
      if key.hasSuffix("href"), value.hasPrefix("#") {
        references.insert(String(value.dropFirst()))
      }
      if value.hasPrefix("url(#") { references.insert(String(value.dropFirst(5).dropLast())) }
      _ = try plain(value)
    }
  }

  private mutating func take(until end: Unicode.Scalar, isEndAllowed: Bool) throws -> String {
    var result = String.UnicodeScalarView()
    while at < scalars.count, scalars[at] != end {
      result.append(scalars[at])
      at += 1
    }
    try #require(isEndAllowed || at < scalars.count, "the document ends in a tag")
    return String(result)
  }

  /// The text with its entities replaced; fails at a bare ampersand and at control characters.
  private func plain(_ text: String) throws -> String {
    var result = ""
    var rest = Substring(text)
    let entities = ["&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": "\""]
    while let first = rest.unicodeScalars.first {
      if first == "&" {
        let entity = try #require(entities.first { rest.hasPrefix($0.key) }, "\(rest.prefix(9))")
        result += entity.value
        rest = rest.dropFirst(entity.key.count)
      } else {
        try #require(first.value >= 0x20 || first == "\n" || first == "\t")
        result.unicodeScalars.append(first)
        rest.unicodeScalars.removeFirst()
      }
    }
    return result
  }
}
