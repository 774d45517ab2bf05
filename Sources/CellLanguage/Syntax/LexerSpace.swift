extension Lexer {
  /// Skips space and comments; whether the next token begins a line.
  mutating func skipTrivia(inInterpolation: Bool) throws(CellError) -> Bool {
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
          throw failure(
            "an interpolation `\\(…)` must stand on one line", at: Span(start, position))
        }
        position += 1
      }
    }
    comments.append(Span(start, position))
    throw failure(
      "the comment that begins here is not closed", at: Span(start, start + 2), fix: "add `*/`",
      endsEarly: !inInterpolation)
  }
}
