extension Lexer {
  mutating func lexNumber(afterDot: Bool) throws(CellError) -> Token.Kind {
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
        "'\(source.text(start..<position))' is neither a number nor a name",
        at: Span(start, position),
        fix: "a name begins with a letter; a product needs its *: "
          + "\(source.text(start..<digitsEnd)) * \(source.text(digitsEnd..<position))")
    }
    return kind
  }

  mutating func lexOperator() throws(CellError) -> Token.Kind {
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
}
