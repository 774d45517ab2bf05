/// A word, literal, operator or mark of a cell.
struct Token: Sendable {
  enum Kind: UInt8, Sendable {
    case identifier, keyword, closureArgument, underscore
    case integer, number, string
    /// An operator with space on both sides or on neither, before its operand, after its operand.
    case binaryOperator, prefixOperator, postfixOperator
    case assign, arrow, dot, comma, colon, semicolon
    case leftParenthesis, rightParenthesis, leftBracket, rightBracket, leftBrace, rightBrace
    /// `?` of a condition, and `?` directly after an operand.
    case question, postfixQuestion
    /// `!` directly after an operand.
    case postfixExclamation
    case end
  }

  var kind: Kind
  var span: Span
  /// Whether it is the first token of its line.
  var startsLine: Bool
  /// Whether nothing stands between it and the token before.
  var isAdjacent: Bool
  /// The place of a string in the lexer's list of strings.
  var literal = -1
}

/// A string literal cut at its interpolations.
struct StringLiteral: Sendable {
  enum Segment: Sendable {
    case text(String)
    /// The tokens between `\(` and `)`, ending with an `end` token.
    case interpolation([Token], Span)
  }

  var segments: [Segment]
  var span: Span
  /// Whether the closing quotes are there; only a lexer that recovers gives strings without.
  var isClosed: Bool

  /// Leaves out empty texts between interpolations; an empty string keeps its one.
  mutating func dropEmptyTexts() {
    let kept = segments.filter {
      if case .text("") = $0 { return false }
      return true
    }
    segments = kept.isEmpty ? [.text("")] : kept
  }
}

/// The words that Swift reserves, and those that this language leaves out because Swift reads them
/// specially.
enum Keyword {
  /// Words with a meaning in cells.
  static let used: Set<String> = [
    "let", "var", "func", "if", "else", "switch", "case", "default", "for", "in", "where", "while",
    "repeat", "return", "break", "continue", "true", "false", "nil", "try", "await",
  ]

  /// Words of Swift without a meaning in cells; they cannot be names.
  static let reserved: Set<String> = [
    "associatedtype", "class", "deinit", "enum", "extension", "fileprivate", "import", "init",
    "inout", "internal", "operator", "precedencegroup", "private", "protocol", "public", "rethrows",
    "static", "struct", "subscript", "typealias", "as", "catch", "defer", "do", "fallthrough",
    "guard", "is", "super", "self", "Self", "throw", "throws", "Any", "Type", "Protocol", "any",
    "some", "each", "copy", "consume", "discard", "then", "unsafe", "yield", "borrow",
  ]

  /// Words that begin a declaration in Swift when a declaration follows; as names they may not
  /// stand alone before another statement.
  static let modifiers: Set<String> = [
    "actor", "async", "borrowing", "consuming", "convenience", "distributed", "dynamic", "final",
    "indirect", "infix", "isolated", "lazy", "macro", "mutating", "nonisolated", "nonmutating",
    "open", "optional", "override", "package", "postfix", "prefix", "reasync", "required",
    "sending", "unowned", "using", "weak",
  ]

  /// Words after which Swift takes a brace for the accessors of a property.
  static let accessors: Set<String> = [
    "get", "set", "didSet", "willSet", "read", "modify", "_read", "_modify", "unsafeAddress",
    "unsafeMutableAddress", "addressWithOwner", "mutableAddressWithOwner", "yielding",
    "mutating", "nonmutating", "borrow", "mutate", "async", "borrowing", "consuming",
  ]

  /// Words that cannot follow a dot.
  static let notMembers: Set<String> = ["self", "init", "Type", "Protocol"]

  /// Words that cannot be argument labels.
  static let notLabels: Set<String> = ["let", "var", "inout"]
}
