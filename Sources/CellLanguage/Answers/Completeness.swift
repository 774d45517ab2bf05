/// Whether a text may be run as it stands.
public enum Completeness: Sendable, Equatable {
  /// It is a whole program.
  case complete
  /// More lines are needed; the next one begins with the indentation.
  case incomplete(indent: String)
  /// No further line would make it right.
  case invalid
  /// Not known.
  case unknown
}

/// Whether a text is a whole program, or could become one with more lines.
public func completeness(of text: String, limits: Limits = Limits()) -> Completeness {
  do {
    _ = try Program(text, limits: limits)
    return .complete
  } catch {
    guard error.endsEarly else { return .invalid }
    return .incomplete(indent: indentation(after: text))
  }
}

/// Two spaces for every bracket that is open at the end; none inside an open string or comment.
private func indentation(after text: String) -> String {
  var lexer = Lexer(SourceText(text), recovers: true)
  guard (try? lexer.run()) != nil, !lexer.stopped, !lexer.strings.contains(where: { !$0.isClosed })
  else {
    return ""
  }
  var open = 0
  for token in lexer.tokens {
    switch token.kind {
    case .leftParenthesis, .leftBracket, .leftBrace: open += 1
    case .rightParenthesis, .rightBracket, .rightBrace: open = max(0, open - 1)
    default: break
    }
  }
  return String(repeating: "  ", count: open)
}
