/// Reads statements and expressions by recursive descent; operators by precedence climbing.
///
/// The language is a subset of Swift: where Swift's own parser would read a text otherwise, this
/// one refuses it. Nesting is bounded, so that no text can overflow the stack.
struct Parser {
  let source: SourceText
  let strings: [StringLiteral]
  var tokens: [Token]
  var index = 0
  /// How deep the parser stands inside nested constructs.
  var nesting: Int
  /// Whether `{` after an expression is a trailing closure; not so in the conditions of `if`,
  /// `while`, `for`, `switch`.
  var allowsTrailingClosure = true
  /// The closures around this place, innermost last: how many of `$0`, `$1` … each uses.
  var anonymousCounts: [Int] = []
  /// Whether each closure around this place names its parameters.
  var namedClosures: [Bool] = []
  var loops = 0
  var switches = 0
  var functions = 0

  static let deepest = 200
  static let longest = 1_000

  init(_ source: SourceText) throws(CellError) {
    var lexer = Lexer(source)
    try lexer.run()
    self.init(source, strings: lexer.strings, tokens: lexer.tokens, nesting: 0)
  }

  init(_ source: SourceText, strings: [StringLiteral], tokens: [Token], nesting: Int) {
    self.source = source
    self.strings = strings
    self.tokens = tokens
    self.nesting = nesting
  }

  // MARK: Tokens

  var token: Token { tokens[index] }

  func peek(_ offset: Int = 1) -> Token { tokens[min(index + offset, tokens.count - 1)] }

  func at(_ kind: Token.Kind) -> Bool { token.kind == kind }

  func text(_ token: Token) -> String { source.text(token.span) }

  func atKeyword(_ word: String) -> Bool { token.kind == .keyword && text(token) == word }

  mutating func advance() { if index < tokens.count - 1 { index += 1 } }

  mutating func take(_ kind: Token.Kind) -> Bool {
    guard at(kind) else { return false }
    advance()
    return true
  }

  mutating func takeKeyword(_ word: String) -> Bool {
    guard atKeyword(word) else { return false }
    advance()
    return true
  }

  var previousSpan: Span { tokens[max(0, index - 1)].span }

  func from(_ start: Span) -> Span { start.through(previousSpan) }

  // MARK: Errors

  func failure(_ reason: String, at span: Span, fix: String? = nil) -> CellError {
    CellError(.syntaxError, reason, fix: fix, location: source.location(span))
  }

  /// The error that something else should stand here.
  func expected(_ what: String, fix: String? = nil) -> CellError {
    let ended = at(.end)
    let found = ended ? "the cell ends here" : "found \(shown(token))"
    return CellError(
      .syntaxError, "expected \(what), but \(found)", fix: fix,
      location: source.location(token.span),
      endsEarly: ended)
  }

  func shown(_ token: Token) -> String {
    let text = text(token)
    return "'\(text.count > 30 ? String(text.prefix(30)) + "…" : text)'"
  }

  mutating func expect(_ kind: Token.Kind, _ what: String, fix: String? = nil) throws(CellError) {
    guard take(kind) else { throw expected(what, fix: fix) }
  }

  /// Closes a bracket; the error points out the open one.
  mutating func expectClosing(_ kind: Token.Kind, _ mark: String, opened: Span) throws(CellError) {
    guard !take(kind) else { return }
    let line = source.location(opened).line
    throw expected(
      "'\(mark)' for the '\(source.text(Span(opened.start, opened.start + 1)))' of line \(line)")
  }

  mutating func nested<Result>(
    _ body: (inout Parser) throws(CellError) -> Result
  ) throws(CellError) -> Result {
    guard nesting < Self.deepest else {
      throw CellError(
        .limitExceeded, "the cell is nested more than \(Self.deepest) deep",
        fix: "name the inner parts with `let`", location: source.location(token.span))
    }
    nesting += 1
    defer { nesting -= 1 }
    return try body(&self)
  }

  func node(_ kind: Expression.Kind, _ span: Span, _ children: Expression...) throws(CellError)
    -> Expression
  {
    try node(kind, span, over: children)
  }

  func node(_ kind: Expression.Kind, _ span: Span, over children: [Expression]) throws(CellError)
    -> Expression
  {
    var depth = 0
    for child in children where child.depth > depth { depth = child.depth }
    guard depth < Self.longest else {
      throw CellError(
        .limitExceeded, "an expression may have at most \(grouped(Self.longest)) parts in a row",
        fix: "cut it into several statements", location: source.location(span))
    }
    return Expression(kind, span, depth: depth + 1)
  }

  // MARK: Names

  mutating func name(_ what: String) throws(CellError) -> String {
    guard at(.identifier) else {
      if at(.keyword) {
        throw failure(
          "'\(text(token))' is a word of the language and cannot be \(what)", at: token.span,
          fix: "choose another name")
      }
      throw expected(what)
    }
    let word = text(token)
    advance()
    return word
  }
}
