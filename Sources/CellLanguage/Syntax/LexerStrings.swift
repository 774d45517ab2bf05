extension Lexer {
  /// Reads a string and gives its place in `strings`.
  mutating func lexString(inInterpolation: Bool) throws(CellError) -> Int {
    guard stringDepth < 16 else {
      throw failure(
        "strings are nested more than 16 deep", at: Span(position, position + 1),
        fix: "name the inner parts with `let`")
    }
    stringDepth += 1
    defer { stringDepth -= 1 }
    var reader = try StringReader(lexer: self, inInterpolation: inInterpolation)
    var literal = StringLiteral(segments: [], span: Span(position, position), isClosed: false)
    let start = position
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
