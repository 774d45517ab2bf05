extension Parser {
  mutating func parsePostfix(allowsDiscard: Bool) throws(CellError) -> Expression {
    var value = try parsePrimary(allowsDiscard: allowsDiscard)
    while true {
      switch token.kind {
      case .dot:
        guard token.isAdjacent || token.startsLine else { return value }
        value = try parseMember(of: value)
      case .leftParenthesis where !token.startsLine:
        value = try parseCall(of: value)
      case .leftBracket where !token.startsLine:
        value = try parseElement(of: value)
      case .leftBrace where allowsTrailingClosure && canTakeClosure(value):
        guard !token.startsLine else {
          throw failure(
            "a trailing closure begins on the line of its call", at: token.span,
            fix: "move the '{' up, or put `;` after the line before")
        }
        let closure = try parseClosure()
        let call = CallSyntax(arguments: [], trailing: closure, hasParentheses: false)
        value = try node(.call(value, call), from(value.span), value, closure)
        try refuseSecondClosure()
      case .postfixExclamation where peek().kind != .assign || !peek().isAdjacent:
        advance()
        value = try node(.unwrap(value), from(value.span), value)
      case .postfixQuestion:
        throw failure(
          "`?` stands directly after its condition", at: token.span,
          fix: "put a space before it; there is no optional chaining, use ??")
      default: return value
      }
    }
  }

  private func canTakeClosure(_ value: Expression) -> Bool {
    switch value.kind {
    case .name, .member, .implicitMember: true
    case .call(_, let call): call.trailing == nil
    default: false
    }
  }

  private func refuseSecondClosure() throws(CellError) {
    if at(.identifier) || at(.keyword) || at(.underscore), peek().kind == .colon,
      peek(2).kind == .leftBrace, !atKeyword("default")
    {
      throw failure(
        "a call takes one trailing closure", at: token.span, fix: "pass the others in parentheses")
    }
  }

  private mutating func parseMember(of value: Expression) throws(CellError) -> Expression {
    let dot = token
    advance()
    guard token.isAdjacent || at(.end) else {
      throw failure(
        at(.end) || token.startsLine
          ? "a member is missing after the dot" : "space stands after the dot",
        at: dot.span, fix: "write the member directly after the dot")
    }
    let span = token.span
    let word = text(token)
    switch token.kind {
    case .integer:
      switch value.kind {
      case .integer, .number:
        throw failure("a number has no elements", at: span)
      default: break
      }
      guard let place = Int(word), String(place) == word else {
        throw failure("an element of a tuple is written .0, .1, …", at: span)
      }
      advance()
      return try node(.tupleElement(value, place), from(value.span), value)
    case .identifier, .keyword:
      guard !Keyword.notMembers.contains(word) else {
        throw failure("`.\(word)` is not part of the cell language", at: span)
      }
      advance()
      return try node(.member(value, word, span), from(value.span), value)
    default:
      throw expected("a member's name after the dot")
    }
  }

  private mutating func parseElement(of value: Expression) throws(CellError) -> Expression {
    let opened = token.span
    advance()
    let (index, hasLabel) = try bracketed(.rightBracket, "]", opened: opened) {
      parser throws(CellError) in
      let hasLabel =
        (parser.at(.identifier) || parser.at(.keyword)) && parser.peek().kind == .colon
      return (try parser.parseExpression(), hasLabel)
    }
    if hasLabel { throw failure("a subscript takes no labels", at: opened) }
    return try node(.element(value, index), from(value.span), value, index)
  }

  /// Reads the inside of brackets, where trailing closures are allowed again, and the closing one.
  mutating func bracketed<Result>(
    _ kind: Token.Kind, _ mark: String, opened: Span,
    _ body: (inout Parser) throws(CellError) -> Result
  ) throws(CellError) -> Result {
    let outer = allowsTrailingClosure
    allowsTrailingClosure = true
    defer { allowsTrailingClosure = outer }
    let result = try body(&self)
    try expectClosing(kind, mark, opened: opened)
    return result
  }

  private mutating func parseCall(of callee: Expression) throws(CellError) -> Expression {
    let opened = token.span
    advance()
    let arguments = try bracketed(.rightParenthesis, ")", opened: opened) {
      parser throws(CellError) in
      try parser.parseArguments()
    }
    var trailing: Expression?
    if at(.leftBrace), allowsTrailingClosure, !token.startsLine { trailing = try parseClosure() }
    let call = CallSyntax(arguments: arguments, trailing: trailing, hasParentheses: true)
    let children = [callee] + arguments.map(\.value) + (trailing.map { [$0] } ?? [])
    let result = try node(.call(callee, call), from(callee.span), over: children)
    if trailing != nil { try refuseSecondClosure() }
    return result
  }

  /// Arguments up to a closing parenthesis.
  mutating func parseArguments() throws(CellError) -> [ArgumentSyntax] {
    var arguments: [ArgumentSyntax] = []
    guard !at(.rightParenthesis) else { return arguments }
    repeat {
      if at(.rightParenthesis) {
        throw failure(
          "an argument is missing after the comma", at: previousSpan, fix: "remove the comma")
      }
      arguments.append(try parseArgument())
    } while take(.comma)
    return arguments
  }

  private mutating func parseArgument() throws(CellError) -> ArgumentSyntax {
    var label: String?
    var labelSpan: Span?
    if at(.identifier) || at(.keyword), peek().kind == .colon {
      let word = text(token)
      guard !Keyword.notLabels.contains(word) else {
        throw failure("`\(word)` cannot be a label", at: token.span)
      }
      label = word
      labelSpan = token.span
      advance()
      advance()
    }
    if let reference = try parseOperatorReference() {
      return ArgumentSyntax(label: label, labelSpan: labelSpan, value: reference)
    }
    let value = try parseExpression()
    if at(.assign) {
      throw failure(
        "an argument's label is followed by a colon, not by `=`", at: token.span,
        fix: "write \(source.text(value.span).prefix(40)): …")
    }
    return ArgumentSyntax(label: label, labelSpan: labelSpan, value: value)
  }

  /// Reads an operator that stands for a function, as in `reduce(0, +)`, where one stands alone.
  private mutating func parseOperatorReference() throws(CellError) -> Expression? {
    let isOperator = at(.binaryOperator) || at(.prefixOperator) || at(.postfixOperator)
    guard isOperator, Operators.references.contains(text(token)) else { return nil }
    let name = text(token)
    let span = token.span
    switch peek().kind {
    case .comma, .rightParenthesis:
      advance()
      return try node(.operatorReference(name), span)
    case .end:
      // The list may go on in the next line.
      advance()
      throw expected("a value, `,` or `)` after `\(name)`")
    default:
      return nil
    }
  }
}
