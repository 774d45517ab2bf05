extension Parser {
  /// A literal, a name, brackets or a closure.
  mutating func parsePrimary(allowsDiscard: Bool) throws(CellError) -> Expression {
    let start = token.span
    let word = text(token)
    switch token.kind {
    case .integer:
      let value = try integer(word, at: start)
      advance()
      return try node(.integer(value), start)
    case .number:
      guard let value = Double(word.filter { $0 != "_" }), value.isFinite else {
        throw failure("\(word) is too large for a number", at: start)
      }
      advance()
      return try node(.number(value), start)
    case .string: return try parseString()
    case .identifier:
      advance()
      return try node(.name(word), start)
    case .closureArgument: return try parseClosureArgument(word)
    case .underscore:
      guard allowsDiscard, [.assign, .comma, .rightParenthesis].contains(peek().kind) else {
        throw failure("`_` stands only on the left of `=`", at: start)
      }
      advance()
      return try node(.discard, start)
    case .leftParenthesis: return try parseParentheses(allowsDiscard: allowsDiscard)
    case .leftBracket: return try parseBrackets()
    case .leftBrace:
      guard allowsTrailingClosure else { throw expected("a value before '{'") }
      return try parseClosure()
    case .dot: return try parseImplicitMember()
    case .keyword: return try parseKeyword(word)
    case .end: throw expected("a value")
    case .assign:
      throw failure("`=` has nothing to assign to here", at: start, fix: "write == to compare")
    case .postfixQuestion, .question:
      throw failure("`?` has no condition before it", at: start)
    default: throw expected("a value")
    }
  }

  private func integer(_ word: String, at span: Span) throws(CellError) -> Int {
    let digits = word.filter { $0 != "_" }
    let value: Int? =
      switch digits.prefix(2) {
      case "0x": Int(digits.dropFirst(2), radix: 16)
      case "0b": Int(digits.dropFirst(2), radix: 2)
      case "0o": Int(digits.dropFirst(2), radix: 8)
      default: Int(digits)
      }
    guard let value else {
      // Only a decimal number can be written with a point.
      let otherwise = digits.allSatisfy(\.isNumber) ? "; write \(digits).0 for a number" : ""
      throw failure(
        "\(word) is too large for a whole number", at: span,
        fix: "the largest is \(Int.max)\(otherwise)")
    }
    return value
  }

  private mutating func parseKeyword(_ word: String) throws(CellError) -> Expression {
    let start = token.span
    let kind: Expression.Kind
    switch word {
    case "nil": kind = .nilLiteral
    case "true": kind = .boolean(true)
    case "false": kind = .boolean(false)
    case "try", "await":
      throw failure("`\(word)` stands at the beginning of an expression", at: start)
    case "if", "switch":
      throw failure(
        "`\(word)` is a statement here, without a value", at: start, fix: "write condition ? a : b")
    default:
      if Keyword.used.contains(word) { throw expected("a value") }
      throw failure("`\(word)` is not part of the cell language", at: start)
    }
    advance()
    return try node(kind, start)
  }

  private mutating func parseClosureArgument(_ word: String) throws(CellError) -> Expression {
    let span = token.span
    guard let isNamed = namedClosures.last else {
      throw failure("`\(word)` stands outside a closure", at: span)
    }
    guard !isNamed else {
      throw failure(
        "the closure names its arguments, so `\(word)` means nothing", at: span,
        fix: "use the name before `in`")
    }
    let place = Int(word.dropFirst()) ?? 0
    advance()
    let last = anonymousCounts.count - 1
    anonymousCounts[last] = max(anonymousCounts[last], place + 1)
    return try node(.closureArgument(place), span)
  }

  private mutating func parseImplicitMember() throws(CellError) -> Expression {
    let dot = token.span
    advance()
    guard token.isAdjacent, at(.identifier) || at(.keyword),
      !Keyword.notMembers.contains(text(token))
    else { throw expected("a name directly after the dot") }
    let word = text(token)
    advance()
    return try node(.implicitMember(word), from(dot))
  }

  private mutating func parseParentheses(allowsDiscard: Bool) throws(CellError) -> Expression {
    let opened = token.span
    advance()
    let elements = try bracketed(.rightParenthesis, ")", opened: opened) {
      parser throws(CellError) in
      try parser.parseTupleElements(allowsDiscard: allowsDiscard)
    }
    if elements.count == 1, let only = elements.first {
      guard only.label == nil else {
        throw failure("a tuple of one element needs no label", at: opened)
      }
      return try node(.parenthesized(only.value), from(opened), only.value)
    }
    return try node(.tuple(elements), from(opened), over: elements.map(\.value))
  }

  private mutating func parseTupleElements(allowsDiscard: Bool) throws(CellError)
    -> [ArgumentSyntax]
  {
    var elements: [ArgumentSyntax] = []
    guard !at(.rightParenthesis) else { return elements }
    repeat {
      var label: String?
      var labelSpan: Span?
      if at(.identifier) || at(.keyword), peek().kind == .colon {
        guard !Keyword.notLabels.contains(text(token)) else {
          throw failure("`\(text(token))` cannot be a label", at: token.span)
        }
        (label, labelSpan) = (text(token), token.span)
        advance()
        advance()
      }
      let value = try parseExpression(allowsDiscard: allowsDiscard)
      elements.append(ArgumentSyntax(label: label, labelSpan: labelSpan, value: value))
    } while take(.comma)
    return elements
  }

  /// An array or a dictionary.
  private mutating func parseBrackets() throws(CellError) -> Expression {
    let opened = token.span
    advance()
    if at(.colon) {
      advance()
      try expectClosing(.rightBracket, "]", opened: opened)
      return try node(.dictionary([]), from(opened))
    }
    if take(.rightBracket) { return try node(.array([]), from(opened)) }
    var elements: [Expression] = []
    var entries: [(key: Expression, value: Expression)] = []
    try bracketed(.rightBracket, "]", opened: opened) { parser throws(CellError) in
      repeat {
        if parser.at(.rightBracket) { break }
        let element = try parser.parseExpression()
        if !entries.isEmpty || elements.isEmpty && parser.at(.colon) {
          try parser.expect(.colon, "':' between key and value")
          entries.append((element, try parser.parseExpression()))
        } else {
          if parser.at(.colon) {
            throw parser.failure("an array has no keys", at: parser.token.span)
          }
          elements.append(element)
        }
      } while parser.take(.comma)
    }
    if entries.isEmpty { return try node(.array(elements), from(opened), over: elements) }
    return try node(
      .dictionary(entries), from(opened), over: entries.flatMap { [$0.key, $0.value] })
  }

  private mutating func parseString() throws(CellError) -> Expression {
    let literal = strings[token.literal]
    let span = token.span
    advance()
    if literal.segments.count == 1, case .text(let text) = literal.segments[0] {
      return try node(.string(text), span)
    }
    var pieces: [StringPiece] = []
    var values: [Expression] = []
    for segment in literal.segments {
      switch segment {
      case .text(let text): pieces.append(.text(text))
      case .interpolation(let tokens, let place):
        let value = try parseInterpolation(tokens, at: place)
        values.append(value)
        pieces.append(.value(value))
      }
    }
    return try node(.interpolation(pieces), span, over: values)
  }

  /// The one expression between `\(` and `)`, read from its own tokens.
  private mutating func parseInterpolation(_ inner: [Token], at place: Span) throws(CellError)
    -> Expression
  {
    guard inner.count > 1 else {
      throw failure("the interpolation is empty", at: place, fix: "write a value between \\( and )")
    }
    let outer = (tokens, index, allowsTrailingClosure)
    tokens = inner
    index = 0
    allowsTrailingClosure = true
    defer { (tokens, index, allowsTrailingClosure) = outer }
    if at(.identifier) || at(.keyword), peek().kind == .colon {
      throw failure("an interpolation has no label", at: token.span)
    }
    let value = try parseExpression()
    guard at(.end) else {
      throw failure("an interpolation holds one value", at: token.span)
    }
    return value
  }
}
