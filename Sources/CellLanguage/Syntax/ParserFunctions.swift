extension Parser {
  /// Reads `func name(label name: Type = default) -> Type { … }`.
  mutating func parseFunction() throws(CellError) -> Statement.Kind {
    advance()
    let functionName = try name("a function's name")
    if text(token) == "<" {
      throw failure("generic functions are not part of the cell language", at: token.span)
    }
    let parameters = try parseParameterClause()
    parseEffects()
    let result = take(.arrow) ? try parseType() : nil
    let body = try parseBody { parser throws(CellError) in
      try parser.parseBlock("the parameters of `func \(functionName)`")
    }
    return .function(
      FunctionSyntax(name: functionName, parameters: parameters, result: result, body: body))
  }

  /// Reads a body in which `return` is allowed and the loops outside do not count.
  private mutating func parseBody<Result>(
    _ read: (inout Parser) throws(CellError) -> Result
  ) throws(CellError) -> Result {
    let (outerLoops, outerSwitches) = (loops, switches)
    (loops, switches) = (0, 0)
    functions += 1
    defer {
      (loops, switches) = (outerLoops, outerSwitches)
      functions -= 1
    }
    return try read(&self)
  }

  private mutating func parseEffects() {
    if at(.identifier), text(token) == "async" { advance() }
    if at(.keyword), text(token) == "throws" { advance() }
  }

  private mutating func parseParameterClause() throws(CellError) -> [ParameterSyntax] {
    let opened = token.span
    try expect(.leftParenthesis, "'(' after the function's name")
    return try nested { parser throws(CellError) in
      let outer = parser.allowsTrailingClosure
      parser.allowsTrailingClosure = true
      defer { parser.allowsTrailingClosure = outer }
      var parameters: [ParameterSyntax] = []
      if !parser.at(.rightParenthesis) {
        repeat { parameters.append(try parser.parseFunctionParameter()) } while parser.take(.comma)
      }
      try parser.expectClosing(.rightParenthesis, ")", opened: opened)
      return parameters
    }
  }

  private mutating func parseFunctionParameter() throws(CellError) -> ParameterSyntax {
    var label: String?
    let first = token
    let parameterName: String
    switch first.kind {
    case .underscore:
      advance()
      label = "_"
      parameterName = try name("a parameter's name")
    case .identifier where peek().kind == .identifier || peek().kind == .colon,
      .keyword where peek().kind == .identifier:
      let word = text(first)
      if Keyword.notLabels.contains(word)
        || Keyword.modifiers.contains(word) && !(peek().kind == .colon)
      {
        throw failure("`\(word)` is not part of the cell language here", at: first.span)
      }
      advance()
      label = word
      parameterName = at(.identifier) ? try name("a parameter's name") : word
    default: parameterName = try name("a parameter's name")
    }
    guard take(.colon) else {
      throw expected("':' and a type after the parameter '\(parameterName)'", fix: "as in x: Int")
    }
    let type = try parseType()
    let fallback = take(.assign) ? try parseExpression() : nil
    return ParameterSyntax(label: label, name: parameterName, type: type, fallback: fallback)
  }

  // MARK: Closures

  /// Reads `{ x, y in … }`, `{ (x: Int) -> Int in … }` or `{ $0 + 1 }`.
  mutating func parseClosure() throws(CellError) -> Expression {
    let opened = token.span
    advance()
    if at(.identifier), Keyword.accessors.contains(text(token)) {
      throw failure(
        "Swift reads '\(text(token))' here as a property's accessor", at: token.span,
        fix: "choose another name")
    }
    return try nested { parser throws(CellError) in
      let outer = parser.allowsTrailingClosure
      parser.allowsTrailingClosure = true
      defer { parser.allowsTrailingClosure = outer }
      var parameters: [ParameterSyntax]?
      var hasParentheses = false
      var result: TypeSyntax?
      if parser.beginsSignature {
        hasParentheses = parser.at(.leftParenthesis)
        parameters = try parser.parseClosureParameters()
        parser.parseEffects()
        if parser.take(.arrow) { result = try parser.parseType() }
        guard parser.takeKeyword("in") else {
          throw parser.expected("`in` after the closure's parameters")
        }
      } else {
        try parser.refuseSignatureLookalike()
      }
      parser.anonymousCounts.append(0)
      parser.namedClosures.append(parameters != nil)
      defer { parser.namedClosures.removeLast() }
      let body: [Statement]
      do throws(CellError) {
        body = try parser.parseBody { parser throws(CellError) in
          let statements = try parser.parseStatements()
          try parser.expectClosing(.rightBrace, "}", opened: opened)
          return statements
        }
      } catch {
        parser.anonymousCounts.removeLast()
        throw error
      }
      let count = parser.anonymousCounts.removeLast()
      let closure = ClosureSyntax(
        parameters: parameters, anonymousCount: count, result: result, body: body,
        hasParentheses: hasParentheses)
      return try parser.node(
        .closure(closure), parser.from(opened), over: body.flatMap(\.expressions))
    }
  }

  /// Whether a list of parameters with `in` stands here.
  private var beginsSignature: Bool {
    var place = index
    func kind(_ place: Int) -> Token.Kind { tokens[min(place, tokens.count - 1)].kind }
    if kind(place) == .leftParenthesis {
      var depth = 0
      while kind(place) != .end {
        if kind(place) == .leftParenthesis { depth += 1 }
        if kind(place) == .rightParenthesis { depth -= 1 }
        // Only what may stand in a list of parameters; anything else is an expression.
        switch kind(place) {
        case .leftBrace, .rightBrace, .semicolon, .string, .integer, .number, .assign: return false
        default: break
        }
        place += 1
        if depth == 0 { break }
      }
    } else {
      guard kind(place) == .identifier || kind(place) == .underscore else { return false }
      place += 1
      while kind(place) == .comma, kind(place + 1) == .identifier || kind(place + 1) == .underscore
      {
        place += 2
      }
    }
    let next = tokens[min(place, tokens.count - 1)]
    if next.kind == .arrow { return true }
    if next.kind == .keyword { return ["in", "throws"].contains(text(next)) }
    return next.kind == .identifier && text(next) == "async" && !next.startsLine
  }

  /// Refuses a closure that begins with parentheses and has `in` or `->` further on: Swift takes
  /// all before it for the closure's parameters.
  private func refuseSignatureLookalike() throws(CellError) {
    guard at(.leftParenthesis) || at(.leftBracket) else { return }
    var depth = 0
    var place = index
    if at(.leftBracket) {
      // A list of captures is possible only when parentheses follow it.
      while tokens[place].kind != .end {
        if tokens[place].kind == .leftBracket { depth += 1 }
        if tokens[place].kind == .rightBracket { depth -= 1 }
        place += 1
        if depth == 0 { break }
      }
      guard tokens[min(place, tokens.count - 1)].kind == .leftParenthesis else { return }
    }
    depth = 0
    while place < tokens.count {
      let next = tokens[place]
      switch next.kind {
      case .leftParenthesis, .leftBracket, .leftBrace: depth += 1
      case .rightParenthesis, .rightBracket: depth -= 1
      case .rightBrace:
        depth -= 1
        if depth < 0 { return }
      case .end: return
      case .arrow where depth == 0: throw lookalike()
      case .keyword where depth == 0 && text(next) == "in": throw lookalike()
      default: break
      }
      place += 1
    }
  }

  private func lookalike() -> CellError {
    failure(
      "Swift would read the parentheses here as the closure's parameters", at: token.span,
      fix: "begin the closure with another statement, or with `() in`")
  }

  private mutating func parseClosureParameters() throws(CellError) -> [ParameterSyntax] {
    let opened = token.span
    let hasParentheses = take(.leftParenthesis)
    var parameters: [ParameterSyntax] = []
    if !(hasParentheses && at(.rightParenthesis)) {
      repeat {
        let parameterName = take(.underscore) ? "_" : try name("a parameter's name")
        let type = hasParentheses && take(.colon) ? try parseType() : nil
        parameters.append(
          ParameterSyntax(label: nil, name: parameterName, type: type, fallback: nil))
      } while take(.comma)
    }
    if hasParentheses { try expectClosing(.rightParenthesis, ")", opened: opened) }
    return parameters
  }

  // MARK: Types

  mutating func parseType() throws(CellError) -> TypeSyntax {
    try nested { parser throws(CellError) in
      var type = try parser.parseTypeItself()
      while parser.at(.postfixQuestion) {
        parser.advance()
        type = .optional(type)
      }
      return type
    }
  }

  private mutating func parseTypeItself() throws(CellError) -> TypeSyntax {
    let opened = token.span
    if take(.leftBracket) {
      let first = try parseType()
      let second = take(.colon) ? try parseType() : nil
      try expectClosing(.rightBracket, "]", opened: opened)
      return second.map { .dictionary(first, $0) } ?? .array(first)
    }
    if take(.leftParenthesis) {
      var elements: [TypeSyntax] = []
      if !at(.rightParenthesis) {
        repeat { elements.append(try parseType()) } while take(.comma)
      }
      try expectClosing(.rightParenthesis, ")", opened: opened)
      if at(.arrow) || atKeyword("throws")
        || at(.identifier) && text(token) == "async" && !token.startsLine
      {
        parseEffects()
        try expect(.arrow, "'->' in a function's type")
        return .function(elements, try parseType())
      }
      return elements.count == 1 ? elements[0] : .tuple(elements)
    }
    let word = text(token)
    if at(.keyword), word == "Any" {
      advance()
      return .name("Any")
    }
    var typeName = try name("a type")
    if Keyword.modifiers.contains(typeName) {
      throw failure("'\(typeName)' is not a type", at: opened)
    }
    while at(.dot), token.isAdjacent {
      advance()
      typeName += "." + (try name("a type"))
    }
    guard text(token) == "<", at(.binaryOperator), token.isAdjacent else { return .name(typeName) }
    advance()
    var arguments: [TypeSyntax] = []
    repeat { arguments.append(try parseType()) } while take(.comma)
    guard text(token) == ">" else { throw expected("'>' after the type") }
    advance()
    return .generic(typeName, arguments)
  }
}
