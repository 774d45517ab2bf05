/// Cuts a cell's text into tokens by Swift's rules.
///
/// Whether an operator is prefix, postfix or binary depends on the space around it, as in Swift. A
/// line whose first character is `#` is a comment, unless a raw string begins there.
struct Lexer {
  let source: SourceText
  let scalars: [Unicode.Scalar]
  var position = 0
  var tokens: [Token] = []
  var strings: [StringLiteral] = []
  /// The places of `#` comments, which Swift's own parser would not accept.
  var hashComments: [Span] = []
  /// Completion reads unfinished text: the lexer then closes what is open instead of throwing.
  let recovers: Bool
  /// Set when a recovering lexer met something that it cannot read; it then stops.
  var stopped = false
  /// The places of all comments; completion is silent inside.
  var comments: [Span] = []

  var depth = 0
  var stringDepth = 0

  static let deepest = 200

  init(_ source: SourceText, recovers: Bool = false) {
    self.source = source
    scalars = source.scalars
    self.recovers = recovers
    if scalars.first == "\u{FEFF}" { position = 1 }
  }

  /// Reads the whole text.
  mutating func run() throws(CellError) {
    do throws(CellError) {
      while try lexToken(inInterpolation: false) {}
    } catch {
      guard recovers else { throw error }
      stopped = true
    }
    tokens.append(
      Token(
        kind: .end, span: Span(scalars.count, scalars.count), startsLine: true, isAdjacent: false))
  }

  func peek(_ offset: Int = 0) -> Unicode.Scalar? {
    position + offset < scalars.count ? scalars[position + offset] : nil
  }

  func failure(_ reason: String, at span: Span, fix: String? = nil, endsEarly: Bool = false)
    -> CellError
  {
    CellError(
      .syntaxError, reason, fix: fix, location: source.location(span), endsEarly: endsEarly)
  }

  /// Reads one token; false at the end of the text.
  mutating func lexToken(inInterpolation: Bool) throws(CellError) -> Bool {
    let before = position
    let startsLine = try skipTrivia(inInterpolation: inInterpolation) || tokens.isEmpty
    guard let scalar = peek() else { return false }
    let start = position
    let adjacent = start == before
    var kind: Token.Kind
    var literal = -1
    switch scalar {
    case "(": (kind, position) = (.leftParenthesis, position + 1)
    case ")": (kind, position) = (.rightParenthesis, position + 1)
    case "[": (kind, position) = (.leftBracket, position + 1)
    case "]": (kind, position) = (.rightBracket, position + 1)
    case "{": (kind, position) = (.leftBrace, position + 1)
    case "}": (kind, position) = (.rightBrace, position + 1)
    case ",": (kind, position) = (.comma, position + 1)
    case ":": (kind, position) = (.colon, position + 1)
    case ";": (kind, position) = (.semicolon, position + 1)
    case "\"", "#":
      kind = .string
      literal = try lexString(inInterpolation: inInterpolation)
    case "$":
      position += 1
      while let next = peek(), Characters.isDigit(next) { position += 1 }
      kind = .closureArgument
      let digits = source.text(start + 1..<position)
      guard digits.count == 1 || digits.count == 2 && digits.first != "0",
        !(peek().map(Characters.isIdentifierPart) ?? false)
      else {
        throw failure(
          "`$` begins the name of a closure's argument, such as `$0`", at: Span(start, position))
      }
    case _ where Characters.isDigit(scalar):
      kind = try lexNumber(afterDot: adjacent && tokens.last?.kind == .dot)
    case _ where Characters.isIdentifierStart(scalar):
      position += 1
      while let next = peek(), Characters.isIdentifierPart(next) { position += 1 }
      let word = source.text(start..<position)
      kind =
        word == "_"
        ? .underscore
        : Keyword.used.contains(word) || Keyword.reserved.contains(word) ? .keyword : .identifier
    case _ where Characters.isOperator(scalar): kind = try lexOperator()
    default: throw unreadable(scalar)
    }
    try track(kind, at: start)
    tokens.append(
      Token(
        kind: kind, span: Span(start, position), startsLine: startsLine, isAdjacent: adjacent,
        literal: literal))
    return true
  }

  /// Counts open brackets, so that a flood of them ends here and not in the parser.
  private mutating func track(_ kind: Token.Kind, at start: Int) throws(CellError) {
    switch kind {
    case .leftParenthesis, .leftBracket, .leftBrace:
      depth += 1
      if depth > Self.deepest {
        throw CellError(
          .limitExceeded, "brackets are nested more than \(Self.deepest) deep",
          fix: "name the inner parts with `let`",
          location: source.location(Span(start, start + 1)))
      }
    case .rightParenthesis, .rightBracket, .rightBrace: depth = max(0, depth - 1)
    default: break
    }
  }

  func unreadable(_ scalar: Unicode.Scalar) -> CellError {
    let span = Span(position, position + 1)
    if let plain = Characters.plain(scalar) {
      return failure(
        "the character '\(scalar)' cannot stand here", at: span, fix: "write \(plain) instead")
    }
    switch scalar {
    case "'": return failure("strings are written in double quotes", at: span, fix: "write \"…\"")
    case "`": return failure("names in backquotes are not part of the cell language", at: span)
    case "@": return failure("attributes are not part of the cell language", at: span)
    case "\\":
      return failure("a backslash stands only inside strings", at: span)
    case "\u{FFFD}":
      return failure("a character here could not be decoded", at: span, fix: "type it again")
    default:
      let code = String(scalar.value, radix: 16, uppercase: true)
      let padded = String(repeating: "0", count: max(0, 4 - code.count)) + code
      return failure("the character U+\(padded) cannot stand here", at: span, fix: "remove it")
    }
  }
}
