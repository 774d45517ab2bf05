/// The members of strings.
enum StringMembers {
  static let longest = 67_108_864
  static let names: Set<String> = Set(methods.map(\.command.name))

  static func checkLength(_ bytes: Int) throws(CellError) {
    guard bytes <= longest else {
      throw CellError(.limitExceeded, "a string may hold at most \(grouped(longest)) bytes")
    }
  }

  static func text(_ value: Value) throws(CellError) -> String {
    guard case .string(let text) = value else {
      throw CellError(.typeError, "\(value.phrase) is not a string")
    }
    return text
  }

  static let properties: [Property] = [
    Property(member: Member("count", "The number of characters."), type: "Int") {
      .integer(try text($0).count)
    },
    Property(member: Member("isEmpty", "Whether there are no characters."), type: "Bool") {
      .boolean(try text($0).isEmpty)
    },
    Property(member: Member("first", "The first character, or nil."), type: "String") {
      try text($0).first.map { .string(String($0)) } ?? .none
    },
    Property(member: Member("last", "The last character, or nil."), type: "String") {
      try text($0).last.map { .string(String($0)) } ?? .none
    },
  ]

  private static func text(_ name: String, label: LabelRule = .none, _ help: String) -> Parameter<
    String
  > {
    Parameter<String>(name, label: label, help)
  }

  private static let count = Parameter<Int>("count", label: .none, in: 0..., "how many characters")

  static let methods: [Method] = [
    Method(
      "uppercased", "The string in capitals.", returns: "String", topic: "strings",
      example: #""abc".uppercased()"#
    ) { _, receiver in .string(try text(receiver).uppercased()) },
    Method(
      "lowercased", "The string in small letters.", returns: "String", topic: "strings",
      example: #""ABC".lowercased()"#
    ) { _, receiver in .string(try text(receiver).lowercased()) },
    Method(
      "hasPrefix", "Whether the string begins with another.", text("prefix", "the beginning"),
      returns: "Bool", topic: "strings", example: #""encoder.0".hasPrefix("encoder")"#
    ) { _, receiver, prefix in .boolean(try text(receiver).hasPrefix(prefix)) },
    Method(
      "hasSuffix", "Whether the string ends with another.", text("suffix", "the end"),
      returns: "Bool",
      topic: "strings", example: #""run.png".hasSuffix(".png")"#
    ) { _, receiver, suffix in .boolean(try text(receiver).hasSuffix(suffix)) },
    Method(
      "contains", "Whether another string stands inside.", text("other", "the string to look for"),
      returns: "Bool", topic: "strings", example: #""encoder".contains("cod")"#
    ) { _, receiver, other in
      .boolean(pieces(try text(receiver), other, most: 1).count > 1 || other.isEmpty)
    },
    Method(
      "split", "The pieces between separators, empty ones left out.",
      text("separator", label: .label("separator"), "what stands between the pieces"),
      returns: "Array",
      topic: "strings", example: #""a,b".split(separator: ",")"#
    ) { _, receiver, separator in
      guard !separator.isEmpty else {
        throw CellError(
          .argumentError, "the separator is empty", fix: "write Array(text) for the characters")
      }
      return .array(
        pieces(try text(receiver), separator).filter { !$0.isEmpty }.map { .string($0) })
    },
    Method(
      "replacing", "The string with every occurrence of another replaced.",
      text("other", "the string to look for"),
      text("replacement", label: .label("with"), "what takes its place"),
      returns: "String", topic: "strings", example: #""a-b".replacing("-", with: "_")"#
    ) { _, receiver, other, replacement in
      let whole = try text(receiver)
      guard !other.isEmpty else { return .string(whole) }
      let parts = pieces(whole, other)
      try checkLength(whole.utf8.count + (parts.count - 1) * replacement.utf8.count)
      return .string(parts.joined(separator: replacement))
    },
    Method(
      "trimmed", "The string without space at its ends.", returns: "String", topic: "strings",
      example: #""  a ".trimmed()"#
    ) { _, receiver in
      let whole = try text(receiver)
      let start = whole.drop { $0.isWhitespace }
      return .string(String(start.reversed().drop { $0.isWhitespace }.reversed()))
    },
    Method(
      "prefix", "The first characters, as many as there are.", count, returns: "String",
      topic: "strings",
      example: #""encoder".prefix(3)"#
    ) { _, receiver, count in .string(String(try text(receiver).prefix(count))) },
    Method(
      "suffix", "The last characters, as many as there are.", count, returns: "String",
      topic: "strings",
      example: #""encoder".suffix(3)"#
    ) { _, receiver, count in .string(String(try text(receiver).suffix(count))) },
    Method(
      "dropFirst", "Everything but the first characters.",
      Parameter<Int>("count", label: .none, default: 1, in: 0..., "how many"), returns: "String",
      topic: "strings",
      example: #""encoder".dropFirst()"#
    ) { _, receiver, count in .string(String(try text(receiver).dropFirst(count))) },
    Method(
      "dropLast", "Everything but the last characters.",
      Parameter<Int>("count", label: .none, default: 1, in: 0..., "how many"), returns: "String",
      topic: "strings",
      example: #""encoder".dropLast()"#
    ) { _, receiver, count in .string(String(try text(receiver).dropLast(count))) },
  ]

  /// The pieces of a string between the occurrences of another, at most one more than asked for.
  private static func pieces(_ whole: String, _ separator: String, most: Int = .max) -> [String] {
    let text = Array(whole)
    let mark = Array(separator)
    guard let head = mark.first else { return [whole] }
    var pieces: [String] = []
    var start = 0
    var place = 0
    while place + mark.count <= text.count, pieces.count < most {
      if text[place] == head, text[place..<place + mark.count].elementsEqual(mark) {
        pieces.append(String(text[start..<place]))
        place += mark.count
        start = place
      } else {
        place += 1
      }
    }
    pieces.append(String(text[start...]))
    return pieces
  }
}
