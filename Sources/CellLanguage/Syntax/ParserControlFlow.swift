extension Parser {
  mutating func parseCondition() throws(CellError) -> Expression {
    if atKeyword("let") || atKeyword("var") || atKeyword("case") {
      throw failure(
        "`\(text(token))` in a condition is not part of the cell language", at: token.span,
        fix: "compare with nil: if value != nil { … }")
    }
    let outer = allowsTrailingClosure
    allowsTrailingClosure = false
    defer { allowsTrailingClosure = outer }
    let condition = try parseExpression()
    if at(.comma) {
      throw failure("conditions are joined by `&&`", at: token.span, fix: "write && instead of ,")
    }
    if at(.assign) {
      throw failure("a condition cannot assign", at: token.span, fix: "write == to compare")
    }
    return condition
  }

  mutating func parseLoopBody(_ owner: String) throws(CellError) -> [Statement] {
    loops += 1
    defer { loops -= 1 }
    return try parseBlock(owner)
  }

  mutating func parseConditional() throws(CellError) -> Statement.Kind {
    var branches: [Statement.Branch] = []
    while true {
      advance()
      let condition = try parseCondition()
      branches.append(
        Statement.Branch(condition: condition, body: try parseBlock("the condition of `if`")))
      guard takeKeyword("else") else { return .conditional(branches, otherwise: nil) }
      guard atKeyword("if") else {
        return .conditional(branches, otherwise: try parseBlock("`else`"))
      }
    }
  }

  mutating func parseSwitch() throws(CellError) -> Statement.Kind {
    advance()
    let subject = try parseCondition()
    let opened = token.span
    try expect(.leftBrace, "'{' after the value of `switch`")
    return try nested { parser throws(CellError) in
      let outer = parser.allowsTrailingClosure
      parser.allowsTrailingClosure = true
      parser.switches += 1
      defer {
        parser.allowsTrailingClosure = outer
        parser.switches -= 1
      }
      var cases: [Statement.Case] = []
      while !parser.at(.rightBrace), !parser.at(.end) {
        cases.append(try parser.parseCase())
      }
      try parser.expectClosing(.rightBrace, "}", opened: opened)
      guard !cases.isEmpty else {
        throw parser.failure("a `switch` needs at least one `case`", at: opened)
      }
      return .choice(subject, cases)
    }
  }

  private mutating func parseCase() throws(CellError) -> Statement.Case {
    let start = token.span
    var patterns: [(pattern: Expression, condition: Expression?)] = []
    let isDefault = takeKeyword("default")
    if !isDefault {
      guard takeKeyword("case") else { throw expected("`case` or `default`") }
      if atKeyword("let") || atKeyword("var") {
        throw failure(
          "a `case` compares values; it binds no names here", at: token.span,
          fix: "name the value with `let` before the `switch`")
      }
      repeat {
        let pattern = try parseExpression()
        let condition = takeKeyword("where") ? try parseExpression() : nil
        patterns.append((pattern, condition))
      } while take(.comma)
    }
    try expect(.colon, isDefault ? "':' after `default`" : "':' after the values of `case`")
    let body = try parseStatements()
    guard !body.isEmpty else {
      if at(.end) { throw expected("a statement") }
      throw failure(
        "the `\(isDefault ? "default" : "case")` is empty", at: start, fix: "write break")
    }
    return Statement.Case(patterns: patterns, isDefault: isDefault, body: body)
  }

  mutating func parseFor() throws(CellError) -> Statement.Kind {
    advance()
    if atKeyword("try") || atKeyword("await") || atKeyword("case") {
      throw failure("`for \(text(token))` is not part of the cell language", at: token.span)
    }
    let pattern = try parsePattern()
    if at(.colon) {
      throw failure("the name of a `for` has no type here", at: token.span, fix: "leave it out")
    }
    guard takeKeyword("in") else { throw expected("`in` after the name of `for`") }
    let sequence = try parseCondition()
    let condition = takeKeyword("where") ? try parseCondition() : nil
    return .loop(pattern, sequence, condition: condition, try parseLoopBody("the values of `for`"))
  }

  mutating func parseReturn() throws(CellError) -> Statement.Kind {
    guard functions > 0 else {
      throw failure(
        "`return` stands outside a function", at: token.span,
        fix: "the last expression of a cell is its result")
    }
    advance()
    if at(.rightBrace) || at(.semicolon) || at(.end) || atKeyword("case") || atKeyword("default") {
      return .giveBack(nil)
    }
    guard !token.startsLine else {
      throw failure(
        "Swift would read this line as the value of `return`", at: token.span,
        fix: "put the value on the line of `return`, or `;` after `return`")
    }
    return .giveBack(try parseExpression())
  }
}
