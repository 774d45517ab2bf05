extension Parser {
  mutating func parseProgram() throws(CellError) -> [Statement] {
    var statements: [Statement] = []
    while !at(.end) {
      if at(.rightBrace) || at(.rightParenthesis) || at(.rightBracket) {
        throw failure("\(shown(token)) closes nothing", at: token.span, fix: "remove it")
      }
      statements.append(try parseStatement())
    }
    return statements
  }

  /// Reads `{ … }`.
  mutating func parseBlock(_ owner: String) throws(CellError) -> [Statement] {
    let opened = token.span
    try expect(.leftBrace, "'{' after \(owner)")
    return try nested { parser throws(CellError) in
      let outer = parser.allowsTrailingClosure
      parser.allowsTrailingClosure = true
      defer { parser.allowsTrailingClosure = outer }
      let statements = try parser.parseStatements()
      try parser.expectClosing(.rightBrace, "}", opened: opened)
      return statements
    }
  }

  /// Statements up to a closing brace, or up to the next `case`.
  mutating func parseStatements() throws(CellError) -> [Statement] {
    var statements: [Statement] = []
    while !at(.end), !at(.rightBrace), !atKeyword("case"), !atKeyword("default") {
      statements.append(try parseStatement())
    }
    return statements
  }

  /// A statement and what separates it from the next.
  mutating func parseStatement() throws(CellError) -> Statement {
    let first = index
    let statement = try parseStatementItself()
    if take(.semicolon) {
      if at(.semicolon) {
        throw failure("there is one `;` too many", at: token.span, fix: "remove it")
      }
      return statement
    }
    guard !token.startsLine, !at(.rightBrace), !at(.end) else {
      try refuseModifier(first)
      return statement
    }
    throw leftover()
  }

  /// The error for what follows a whole statement on its line.
  private func leftover() -> CellError {
    let span = token.span
    let word = text(token)
    switch token.kind {
    case .prefixOperator:
      return failure(
        "`\(word)` has space before it only", at: span,
        fix: "put a space on both sides, or begin a new line")
    case .postfixOperator, .postfixExclamation:
      if token.kind == .postfixExclamation, peek().kind == .assign {
        return failure("`!=` needs space on both sides", at: span)
      }
      return failure(
        "`\(word)` has space after it only", at: span, fix: "put a space on both sides")
    case .binaryOperator:
      return failure(
        "`\(word)` is not an operator of the cell language", at: span, fix: Operators.advice(word))
    case .postfixQuestion:
      return failure(
        "`?` stands directly after its condition", at: span,
        fix: "put a space before it; there is no optional chaining")
    case .rightParenthesis, .rightBracket:
      return failure("'\(word)' closes nothing", at: span, fix: "remove it")
    case .keyword where word == "is" || word == "as":
      return failure(
        "`\(word)` is not part of the cell language", at: span, fix: "compare typeName(value)")
    case .dot:
      return failure("a dot stands directly between a value and its member", at: span)
    case .assign:
      return failure("nothing here can be assigned to", at: span, fix: "write == to compare")
    default:
      return failure(
        "\(shown(token)) does not belong to the statement before it", at: span,
        fix: "begin a new line, or put `;` or an operator between them")
    }
  }

  /// Refuses a lone word such as `lazy` before another statement: Swift would read the two as one
  /// declaration.
  private func refuseModifier(_ first: Int) throws(CellError) {
    guard index == first + 1, !at(.end), !at(.rightBrace), tokens[first].kind == .identifier,
      Keyword.modifiers.contains(text(tokens[first]))
    else { return }
    throw failure(
      "Swift would join '\(text(tokens[first]))' to the next line", at: tokens[first].span,
      fix: "write (\(text(tokens[first])))")
  }

  private mutating func parseStatementItself() throws(CellError) -> Statement {
    let start = token.span
    guard at(.keyword) else { return try parseExpressionStatement() }
    let kind: Statement.Kind
    let word = text(token)
    switch word {
    case "let", "var": kind = try parseDeclaration(isConstant: word == "let")
    case "func": kind = try parseFunction()
    case "if": kind = try parseConditional()
    case "switch": kind = try parseSwitch()
    case "for": kind = try parseFor()
    case "while":
      advance()
      let condition = try parseCondition()
      kind = .whileLoop(condition, try parseLoopBody("the condition of `while`"))
    case "repeat":
      advance()
      let body = try parseLoopBody("`repeat`")
      guard takeKeyword("while") else { throw expected("`while` after the body of `repeat`") }
      kind = .repeatLoop(body, try parseExpression())
    case "return": kind = try parseReturn()
    case "break":
      guard loops > 0 || switches > 0 else {
        throw failure("`break` stands outside a loop or `switch`", at: start)
      }
      advance()
      kind = .leave
    case "continue":
      guard loops > 0 else { throw failure("`continue` stands outside a loop", at: start) }
      advance()
      kind = .goOn
    case "else":
      throw failure("`else` has no `if` before it", at: start)
    case "case", "default":
      throw failure("`\(word)` stands outside a `switch`", at: start)
    case "true", "false", "nil", "try", "await": return try parseExpressionStatement()
    case "in", "where":
      throw failure("`\(word)` cannot begin a statement", at: start)
    default:
      throw failure("`\(word)` is not part of the cell language", at: start)
    }
    return Statement(kind: kind, span: from(start))
  }

  private mutating func parseExpressionStatement() throws(CellError) -> Statement {
    let start = token.span
    switch token.kind {
    case .leftBrace:
      throw failure(
        "a statement cannot begin with '{'", at: start,
        fix: "a closure belongs after a call, on the call's line")
    case .dot:
      throw failure(
        "a statement cannot begin with a dot", at: start,
        fix: "an implicit member such as `.reflect` is an argument of a call")
    default: break
    }
    let target = try parseExpression(allowsDiscard: true)
    let operatorText = text(token)
    let isCompound = at(.binaryOperator) && Operators.compoundAssignments.contains(operatorText)
    guard at(.assign) || isCompound else {
      if containsDiscard(target) {
        throw failure("`_` stands only on the left of `=`", at: target.span)
      }
      return Statement(kind: .expression(target), span: from(start))
    }
    if operatorText == "/=" { try refuseRegexLookalike() }
    try checkTarget(target, isCompound: isCompound)
    let operatorSpan = token.span
    advance()
    let value = try parseExpression()
    if at(.assign) {
      throw failure("an assignment has no value that could be assigned", at: token.span)
    }
    let assignment = try node(
      .assignment(operatorText, operatorSpan, target: target, value: value), from(start), target,
      value)
    return Statement(kind: .expression(assignment), span: from(start))
  }

  private func containsDiscard(_ expression: Expression) -> Bool {
    switch expression.kind {
    case .discard: true
    case .tuple(let elements): elements.contains { containsDiscard($0.value) }
    case .parenthesized(let inner): containsDiscard(inner)
    default: false
    }
  }

  private func checkTarget(_ target: Expression, isCompound: Bool) throws(CellError) {
    switch target.kind {
    case .name: return
    case .discard where !isCompound: return
    case .member(let base, _, _), .tupleElement(let base, _), .element(let base, _):
      return try checkTarget(base, isCompound: true)
    case .tuple(let elements) where !isCompound && !elements.isEmpty:
      for element in elements { try checkTarget(element.value, isCompound: false) }
    case .closureArgument:
      throw failure("a closure's argument cannot be assigned to", at: target.span)
    default:
      throw failure(
        "'\(source.text(target.span).prefix(40))' cannot be assigned to", at: target.span,
        fix: at(.assign) ? "write == to compare" : nil)
    }
  }

  private mutating func parseDeclaration(isConstant: Bool) throws(CellError) -> Statement.Kind {
    let word = isConstant ? "let" : "var"
    advance()
    var bindings: [Statement.Binding] = []
    repeat {
      let start = token.span
      let pattern = try parsePattern()
      let type = take(.colon) ? try parseType() : nil
      guard take(.assign) else {
        throw expected("`=` and a value after `\(word) \(source.text(from(start)))`")
      }
      let value = try parseExpression()
      if at(.assign) { throw failure("a declaration has one `=`", at: token.span) }
      bindings.append(Statement.Binding(pattern: pattern, type: type, value: value, span: start))
    } while take(.comma)
    return .declaration(isConstant: isConstant, bindings)
  }

  mutating func parsePattern() throws(CellError) -> Pattern {
    if take(.underscore) { return .wildcard }
    guard at(.leftParenthesis) else { return .name(try name("a name")) }
    let opened = token.span
    advance()
    return try nested { parser throws(CellError) in
      var elements: [Pattern] = []
      repeat { elements.append(try parser.parsePattern()) } while parser.take(.comma)
      try parser.expectClosing(.rightParenthesis, ")", opened: opened)
      guard elements.count > 1 else {
        throw parser.failure("a single name needs no parentheses", at: opened)
      }
      return .tuple(elements)
    }
  }
}
