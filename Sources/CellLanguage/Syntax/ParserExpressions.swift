extension Parser {
  /// A whole expression: `try`, operators, and the condition `a ? b : c`.
  mutating func parseExpression(allowsDiscard: Bool = false) throws(CellError) -> Expression {
    try nested { parser throws(CellError) in
      parser.skipEffects()
      return try parser.parseTernary(allowsDiscard: allowsDiscard)
    }
  }

  /// `try` and `await` are accepted and mean nothing.
  private mutating func skipEffects() {
    while atKeyword("try") || atKeyword("await") { advance() }
  }

  private mutating func parseTernary(allowsDiscard: Bool) throws(CellError) -> Expression {
    let condition = try parseBinary(0, allowsDiscard: allowsDiscard)
    guard at(.question) else { return condition }
    advance()
    let first = try parseExpression()
    try expect(.colon, "':' of the condition `? :`")
    let second = try parseExpression()
    return try node(
      .ternary(condition, first, second), condition.span.through(second.span), condition, first,
      second)
  }

  /// Operators that bind at least as tight as a precedence.
  private mutating func parseBinary(_ least: Int, allowsDiscard: Bool = false) throws(CellError)
    -> Expression
  {
    var left = try parseUnary(allowsDiscard: allowsDiscard)
    while at(.binaryOperator) {
      let word = text(token)
      guard let (precedence, association) = Operators.binary(word) else {
        if Operators.compoundAssignments.contains(word) { return left }
        throw failure(
          "`\(word)` is not an operator of the cell language", at: token.span,
          fix: Operators.advice(word))
      }
      guard precedence >= least else { return left }
      if word == "/" { try refuseRegexLookalike() }
      if word == "<" { try refuseGenericLookalike(after: left) }
      let operatorSpan = token.span
      advance()
      let right: Expression
      if association == .right {
        right = try nested { parser throws(CellError) in try parser.parseBinary(precedence) }
      } else {
        right = try parseBinary(precedence + 1)
      }
      left = try node(
        .binary(word, operatorSpan, left, right), left.span.through(right.span), left, right)
      if association == .none, at(.binaryOperator),
        Operators.binary(text(token))?.precedence == precedence
      {
        throw failure(
          "`\(word)` and `\(text(token))` cannot follow one another", at: token.span,
          fix: precedence == 4 ? "join two comparisons by &&" : "use parentheses")
      }
    }
    if at(.postfixExclamation), peek().kind == .assign {
      throw failure("`!=` needs space on both sides", at: token.span)
    }
    return left
  }

  /// Refuses `x.default / y`: after a word of the language Swift begins a regular expression.
  func refuseRegexLookalike() throws(CellError) {
    guard index > 0, tokens[index - 1].kind == .keyword,
      !["nil", "true", "false"].contains(text(tokens[index - 1]))
    else { return }
    throw failure(
      "Swift would read a regular expression here", at: token.span,
      fix: "put what stands before the `/` in parentheses")
  }

  /// Refuses `f(a < b, c > (d))`, which Swift reads as a call with generic arguments.
  private func refuseGenericLookalike(after left: Expression) throws(CellError) {
    switch left.kind {
    case .name, .member, .implicitMember: break
    default: return
    }
    var depth = 0
    for offset in 1...256 {
      let next = peek(offset)
      switch next.kind {
      case .identifier, .dot, .comma, .colon, .postfixQuestion, .postfixExclamation, .underscore,
        .arrow,
        .integer, .question:
        continue
      case .leftParenthesis, .leftBracket: depth += 1
      case .rightParenthesis, .rightBracket:
        depth -= 1
        if depth < 0 { return }
      case .keyword:
        guard
          ["Any", "any", "some", "Self", "throws", "inout", "repeat", "each", "is"].contains(
            text(next))
        else { return }
      case .binaryOperator, .prefixOperator, .postfixOperator:
        let word = text(next)
        if word.hasPrefix(">"), depth == 0 {
          let after = peek(offset + 1)
          switch after.kind {
          case .identifier, .integer, .number, .string, .closureArgument, .keyword, .prefixOperator:
            guard word == ">" else { continue }
            return
          // The value may stand on the next line.
          case .end: return
          default:
            throw failure(
              "Swift reads `<` and `>` here as the brackets of a type", at: token.span,
              fix: "put the comparisons in parentheses")
          }
        }
        guard word == "&" || word.hasPrefix("<") || word == "-" || word == "..." else { return }
      default: return
      }
    }
  }

  private mutating func parseUnary(allowsDiscard: Bool) throws(CellError) -> Expression {
    let start = token.span
    guard at(.prefixOperator) else {
      if at(.binaryOperator) || at(.postfixOperator), !Operators.prefix.contains(text(token)) {
        throw failure("`\(text(token))` has no value before it", at: start)
      }
      if at(.binaryOperator) || at(.postfixOperator) {
        throw failure(
          "`\(text(token))` has no value before it", at: start,
          fix: "a sign stands directly before its value")
      }
      return try parseOneSided(parsePostfix(allowsDiscard: allowsDiscard))
    }
    let word = text(token)
    advance()
    switch word {
    case "...", "..<":
      let upper = try parsePostfix(allowsDiscard: false)
      return try node(
        .oneSided(lower: nil, upper: upper, isClosed: word == "..."), from(start), upper)
    case _ where Operators.prefix.contains(word):
      let operand = try parsePostfix(allowsDiscard: false)
      if at(.postfixOperator) {
        throw failure("`\(text(token))` after a signed value needs parentheses", at: token.span)
      }
      return try node(.prefix(word, operand), from(start), operand)
    case "/":
      throw failure("`/` has no value before it", at: start, fix: "put a space on both sides")
    default:
      throw failure(
        "`\(word)` is not an operator of the cell language", at: start,
        fix: Operators.advice(word) ?? "signs are - + and !")
    }
  }

  /// `2...` with nothing after it.
  private mutating func parseOneSided(_ lower: Expression) throws(CellError) -> Expression {
    guard at(.postfixOperator), text(token) == "..." else { return lower }
    advance()
    return try node(
      .oneSided(lower: lower, upper: nil, isClosed: true), from(lower.span), lower)
  }
}
