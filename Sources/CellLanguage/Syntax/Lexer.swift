/// Cuts a cell's text into tokens by Swift's rules.
///
/// Whether an operator is prefix, postfix or binary depends on the space around it, as in Swift. A line whose first
/// character is `#` is a comment, unless a raw string begins there.
struct Lexer {
  let source: SourceText
  let scalars: [Unicode.Scalar]
  var position = 0
  var tokens: [Token] = []
  var strings: [StringLiteral] = []
  /// The places of `#` comments, which Swift's own parser would not accept.
  private(set) var hashComments: [Span] = []
  /// Completion reads unfinished text: the lexer then closes what is open instead of throwing.
  let recovers: Bool
  /// Set when a recovering lexer met something that it cannot read; it then stops.
  private(set) var stopped = false
  /// The places of all comments; completion is silent inside.
  private(set) var comments: [Span] = []

  private var depth = 0
  private var stringDepth = 0

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
      Token(kind: .end, span: Span(scalars.count, scalars.count), startsLine: true, isAdjacent: false))
  }

  func peek(_ offset: Int = 0) -> Unicode.Scalar? {
    position + offset < scalars.count ? scalars[position + offset] : nil
  }

  func failure(_ reason: String, at span: Span, fix: String? = nil, endsEarly: Bool = false) -> CellError {
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

  private func unreadable(_ scalar: Unicode.Scalar) -> CellError {
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

  // MARK: Space and comments

  /// Skips space and comments; whether the next token begins a line.
  private mutating func skipTrivia(inInterpolation: Bool) throws(CellError) -> Bool {
    var newline = false
    var commentAcrossLines: Span?
    while let scalar = peek() {
      switch scalar {
      case " ", "\t": position += 1
      case "\n", "\r":
        if inInterpolation {
          throw failure(
            "an interpolation `\\(…)` must stand on one line", at: Span(position, position + 1))
        }
        newline = true
        position += 1
      case "/" where peek(1) == "/":
        let start = position
        try skipLine()
        comments.append(Span(start, position))
      case "/" where peek(1) == "*":
        let start = position
        if try skipBlockComment(inInterpolation: inInterpolation), !newline {
          commentAcrossLines = Span(start, position)
        }
        comments.append(Span(start, position))
      case "#" where (newline || isAtLineStart) && !beginsRawString:
        let start = position
        try skipLine()
        hashComments.append(Span(start, position))
        comments.append(Span(start, position))
      default:
        if let commentAcrossLines, !newline, !tokens.isEmpty {
          throw failure(
            "a comment over several lines stands between two parts of a line",
            at: commentAcrossLines, fix: "begin a new line after it")
        }
        return newline
      }
    }
    return true
  }

  private var isAtLineStart: Bool {
    var index = position - 1
    while index >= 0, !Characters.isNewline(scalars[index]) {
      guard scalars[index] == " " || scalars[index] == "\t" || scalars[index] == "\u{FEFF}" else {
        return false
      }
      index -= 1
    }
    return true
  }

  private var beginsRawString: Bool {
    var offset = 0
    while peek(offset) == "#" { offset += 1 }
    return peek(offset) == "\""
  }

  private mutating func skipLine() throws(CellError) {
    while let scalar = peek(), !Characters.isNewline(scalar) {
      if scalar == "\0" { throw unreadable(scalar) }
      position += 1
    }
  }

  /// Skips `/* … */`, which may be nested; whether it holds a line break.
  private mutating func skipBlockComment(inInterpolation: Bool) throws(CellError) -> Bool {
    let start = position
    var level = 0
    var newline = false
    while let scalar = peek() {
      if scalar == "/", peek(1) == "*" {
        level += 1
        position += 2
      } else if scalar == "*", peek(1) == "/" {
        level -= 1
        position += 2
        if level == 0 { return newline }
      } else {
        if scalar == "\0" { throw unreadable(scalar) }
        newline = newline || Characters.isNewline(scalar)
        if newline, inInterpolation {
          throw failure("an interpolation `\\(…)` must stand on one line", at: Span(start, position))
        }
        position += 1
      }
    }
    comments.append(Span(start, position))
    throw failure(
      "the comment that begins here is not closed", at: Span(start, start + 2), fix: "add `*/`",
      endsEarly: true)
  }

  // MARK: Numbers

  private mutating func lexNumber(afterDot: Bool) throws(CellError) -> Token.Kind {
    let start = position
    func digits(_ lexer: inout Lexer, _ belongs: (Unicode.Scalar) -> Bool) {
      while let next = lexer.peek(), belongs(next) || next == "_" { lexer.position += 1 }
    }
    var kind = Token.Kind.integer
    if afterDot {
      while let next = peek(), Characters.isDigit(next) { position += 1 }
    } else if peek() == "0", let mark = peek(1), ["x", "o", "b"].contains(mark) {
      position += 2
      let belongs: (Unicode.Scalar) -> Bool =
        switch mark {
        case "x": Characters.isHexadecimal
        case "o": { ("0"..."7").contains($0) }
        default: { $0 == "0" || $0 == "1" }
        }
      guard let first = peek(), belongs(first) else {
        throw failure("digits are missing after 0\(mark)", at: Span(start, position))
      }
      digits(&self, belongs)
    } else {
      digits(&self, Characters.isDigit)
      if peek() == ".", let next = peek(1), Characters.isDigit(next) {
        position += 1
        digits(&self, Characters.isDigit)
        kind = .number
      }
      if peek() == "e" || peek() == "E" {
        let sign = peek(1) == "+" || peek(1) == "-" ? 1 : 0
        guard let next = peek(1 + sign), Characters.isDigit(next) else {
          throw failure(
            "digits are missing in the exponent", at: Span(start, position + 1), fix: "as in 1e-3")
        }
        position += 1 + sign
        digits(&self, Characters.isDigit)
        kind = .number
      }
    }
    if let next = peek(), Characters.isIdentifierPart(next) {
      let digitsEnd = position
      while let next = peek(), Characters.isIdentifierPart(next) { position += 1 }
      throw failure(
        "'\(source.text(start..<position))' is neither a number nor a name", at: Span(start, position),
        fix: "a name begins with a letter; a product needs its *: "
          + "\(source.text(start..<digitsEnd)) * \(source.text(digitsEnd..<position))")
    }
    return kind
  }

  // MARK: Operators

  private mutating func lexOperator() throws(CellError) -> Token.Kind {
    let start = position
    let leftBound = isLeftBound(start)
    if leftBound, peek() == "?" || peek() == "!" {
      let kind: Token.Kind = peek() == "?" ? .postfixQuestion : .postfixExclamation
      position += 1
      return kind
    }
    if peek() == ".", peek(1) != "." {
      position += 1
      return .dot
    }
    let startsWithDot = peek() == "."
    while let next = peek(), Characters.isOperator(next) {
      if next == ".", !startsWithDot { break }
      if next == "/", position > start, peek(1) == "/" || peek(1) == "*" { break }
      position += 1
    }
    let text = source.text(start..<position)
    let rightBound = isRightBound(position, leftBound: leftBound)
    let span = Span(start, position)
    switch text {
    case "=":
      guard leftBound == rightBound else {
        throw failure("`=` has space on one side only", at: span, fix: "put a space on both sides")
      }
      return .assign
    case "->": return .arrow
    case "?":
      guard !rightBound || !leftBound else { break }
      return .question
    default: break
    }
    if leftBound == rightBound { return .binaryOperator }
    return leftBound ? .postfixOperator : .prefixOperator
  }

  private func isLeftBound(_ start: Int) -> Bool {
    guard start > 0 else { return false }
    switch scalars[start - 1] {
    case " ", "\t", "\n", "\r", "(", "[", "{", ",", ";", ":", "\u{FEFF}": return false
    case "/": return !(start > 1 && scalars[start - 2] == "*")
    default: return true
    }
  }

  private func isRightBound(_ end: Int, leftBound: Bool) -> Bool {
    guard end < scalars.count else { return false }
    switch scalars[end] {
    case " ", "\t", "\n", "\r", ")", "]", "}", ",", ";", ":": return false
    case ".": return !leftBound
    case "/":
      let next = end + 1 < scalars.count ? scalars[end + 1] : " "
      return next != "/" && next != "*"
    default: return true
    }
  }

  // MARK: Strings

  /// Reads a string and gives its place in `strings`.
  private mutating func lexString(inInterpolation: Bool) throws(CellError) -> Int {
    guard stringDepth < 16 else {
      throw failure(
        "strings are nested more than 16 deep", at: Span(position, position + 1),
        fix: "name the inner parts with `let`")
    }
    stringDepth += 1
    defer { stringDepth -= 1 }
    var reader = try StringReader(lexer: self)
    var literal = StringLiteral(segments: [], span: Span(position, position), isClosed: false)
    let start = position
    if reader.isMultiline, inInterpolation {
      throw failure(
        "a string over several lines cannot stand inside an interpolation", at: Span(start, start + 3))
    }
    position = reader.contentStart
    do throws(CellError) {
      while true {
        switch try reader.next(&self) {
        case .text(let text): literal.segments.append(.text(text))
        case .interpolation:
          let (tokens, span, closed) = try lexInterpolation()
          literal.segments.append(.interpolation(tokens, span))
          if !closed { throw failure("the interpolation is not closed", at: span) }
        case .end:
          literal.isClosed = true
          literal.span = Span(start, position)
          if reader.isMultiline { try reader.removeIndentation(&literal, lexer: self) }
          literal.dropEmptyTexts()
          strings.append(literal)
          return strings.count - 1
        }
      }
    } catch {
      guard recovers else { throw error }
      if let text = reader.pendingText { literal.segments.append(.text(text)) }
      literal.span = Span(start, scalars.count)
      position = scalars.count
      strings.append(literal)
      return strings.count - 1
    }
  }

  /// Reads the tokens after `\(` up to its closing parenthesis.
  private mutating func lexInterpolation() throws(CellError) -> ([Token], Span, closed: Bool) {
    let outer = tokens
    let outerDepth = depth
    defer { depth = outerDepth }
    let start = position
    tokens = []
    var level = 0
    var closed = false
    do throws(CellError) {
      while try lexToken(inInterpolation: true) {
        guard let last = tokens.last else { break }
        if last.kind == .leftParenthesis { level += 1 }
        if last.kind == .rightParenthesis {
          level -= 1
          if level < 0 {
            closed = true
            break
          }
        }
      }
    } catch {
      guard recovers else { throw error }
    }
    if !closed, !recovers {
      throw failure("the interpolation `\\(` is not closed", at: Span(start, start), fix: "add `)`")
    }
    if closed { tokens.removeLast() }
    let span = Span(start, closed ? position - 1 : position)
    var inner = tokens
    inner.append(
      Token(kind: .end, span: Span(span.end, span.end), startsLine: true, isAdjacent: false))
    tokens = outer
    return (inner, span, closed)
  }
}
