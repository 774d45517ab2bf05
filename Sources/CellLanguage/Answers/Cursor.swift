/// What stands before a place of a cell: the word being written, and the tokens before it.
///
/// The text may be unfinished or wrong; nothing is parsed or evaluated.
struct Cursor {
  let source: SourceText
  /// The tokens before the word.
  private(set) var tokens: [Token] = []
  /// The word that ends at the place, or an empty piece there.
  private(set) var word: Span
  /// Whether the place lies inside a comment, or inside the text of a string.
  private(set) var isInComment = false
  private(set) var isInString = false
  /// Whether a number, or something else that nothing completes, ends at the place.
  private(set) var isInLiteral = false

  /// Looks at the text up to a place.
  init(_ source: SourceText, at offset: Int) {
    let end = min(max(0, offset), source.scalars.count)
    let before = SourceText(source.text(0..<end))
    self.source = before
    word = Span(end, end)
    var lexer = Lexer(before, recovers: true)
    do {
      try lexer.run()
    } catch {
      return
    }
    if let comment = lexer.comments.last, comment.end == end { isInComment = true }
    var found = lexer.tokens.dropLast()
    while let last = found.last, last.kind == .string, last.span.end == end {
      let literal = lexer.strings[last.literal]
      guard !literal.isClosed else { break }
      guard case .interpolation(let inner, let span)? = literal.segments.last, span.end == end
      else {
        isInString = true
        found = found.dropLast()
        break
      }
      found = inner.dropLast()
    }
    if let last = found.last, last.span.end == end, !isInString {
      switch last.kind {
      case .identifier, .keyword, .underscore:
        word = last.span
        found = found.dropLast()
      case .integer, .number, .closureArgument, .string: isInLiteral = true
      default: break
      }
    }
    tokens = Array(found)
  }

  func text(_ token: Token) -> String { source.text(token.span) }

  var wordText: String { source.text(word) }

  /// Whether a dot stands directly before the word.
  var followsDot: Bool { tokens.last.map { $0.kind == .dot && $0.span.end == word.start } ?? false }

  /// Whether the dot before the word follows a value, so that it asks for a member; otherwise for
  /// an implicit member.
  var dotFollowsValue: Bool {
    guard followsDot, tokens.count > 1, let dot = tokens.last, dot.isAdjacent || dot.startsLine
    else {
      return false
    }
    return Self.endsValue(tokens[tokens.count - 2].kind)
  }

  static func endsValue(_ kind: Token.Kind) -> Bool {
    switch kind {
    case .identifier, .closureArgument, .integer, .number, .string, .rightParenthesis,
      .rightBracket,
      .rightBrace, .postfixExclamation:
      true
    default: false
    }
  }

  /// The place of the bracket that a closing one at an index belongs to.
  func opening(of index: Int) -> Int? {
    var depth = 0
    for place in stride(from: index, through: 0, by: -1) {
      switch tokens[place].kind {
      case .rightParenthesis, .rightBracket, .rightBrace: depth += 1
      case .leftParenthesis, .leftBracket, .leftBrace:
        depth -= 1
        if depth == 0 { return place }
      default: break
      }
    }
    return nil
  }

  // MARK: The call around the place

  /// A call whose parentheses are open at the place.
  struct Call {
    /// The place of the called name's token.
    let callee: Int
    /// The labels of the arguments before the current one; nil for one without.
    let labels: [String?]
    /// The current argument's label, if it is written.
    let label: String?
    /// Whether nothing of the current argument's value is written yet.
    let isAtStart: Bool
    /// Whether an open array stands between the parenthesis and the place.
    let isInArray: Bool
  }

  /// The innermost open call.
  var call: Call? {
    var depth = 0
    var isInArray = false
    for place in stride(from: tokens.count - 1, through: 0, by: -1) {
      switch tokens[place].kind {
      case .rightParenthesis, .rightBracket, .rightBrace: depth += 1
      case .leftBrace:
        guard depth > 0 else { return nil }
        depth -= 1
      case .leftBracket:
        if depth == 0 { isInArray = true } else { depth -= 1 }
      case .leftParenthesis:
        if depth > 0 {
          depth -= 1
        } else if place > 0, tokens[place - 1].kind == .identifier, !tokens[place].startsLine {
          return call(openedAt: place, isInArray: isInArray)
        }
      default: break
      }
    }
    return nil
  }

  private func call(openedAt open: Int, isInArray: Bool) -> Call {
    var labels: [String?] = []
    var label: String?
    var isFirst = true
    var isAtStart = true
    var depth = 0
    var place = open + 1
    while place < tokens.count {
      let token = tokens[place]
      switch token.kind {
      case .leftParenthesis, .leftBracket, .leftBrace: depth += 1
      case .rightParenthesis, .rightBracket, .rightBrace: depth -= 1
      case .comma where depth == 0:
        labels.append(label)
        label = nil
        isFirst = true
        isAtStart = true
        place += 1
        continue
      default: break
      }
      if isFirst, token.kind == .identifier || token.kind == .keyword, place + 1 < tokens.count,
        tokens[place + 1].kind == .colon
      {
        label = text(token)
        place += 2
        isFirst = false
        continue
      }
      isFirst = false
      isAtStart = false
      place += 1
    }
    return Call(
      callee: open - 1, labels: labels, label: label, isAtStart: isAtStart, isInArray: isInArray)
  }

  // MARK: Names in the text

  /// The names that the text before the place declares: variables, functions, parameters.
  var localNames: [String] {
    var names: [String] = []
    for (place, token) in tokens.enumerated() where token.kind == .identifier {
      guard place > 0 else { continue }
      let previous = tokens[place - 1]
      let word = previous.kind == .keyword ? text(previous) : ""
      let next = place + 1 < tokens.count ? tokens[place + 1] : nil
      let endsParameters = next.map { $0.kind == .keyword && text($0) == "in" } ?? false
      if ["let", "var", "func", "for"].contains(word) || endsParameters || isParameter(place) {
        names.append(text(token))
      }
    }
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }

  /// Whether a name stands before a colon in the parentheses of a `func`, or in the list of a
  /// pattern or closure.
  private func isParameter(_ place: Int) -> Bool {
    var depth = 0
    for before in stride(from: place - 1, through: max(0, place - 200), by: -1) {
      switch tokens[before].kind {
      case .rightParenthesis: depth += 1
      case .leftParenthesis:
        if depth > 0 {
          depth -= 1
          continue
        }
        guard before > 0 else { return false }
        if before > 1, tokens[before - 2].kind == .keyword, text(tokens[before - 2]) == "func" {
          return place + 1 < tokens.count && tokens[place + 1].kind == .colon
        }
        let owner = tokens[before - 1]
        return owner.kind == .leftBrace
          || owner.kind == .keyword && ["let", "var", "for"].contains(text(owner))
      case .comma, .identifier, .underscore, .colon: continue
      case .leftBrace: return depth == 0 && listEndsWithIn(place)
      default: if depth == 0 { return false }
      }
    }
    return false
  }

  private func listEndsWithIn(_ place: Int) -> Bool {
    for token in tokens[place...].prefix(40) {
      switch token.kind {
      case .identifier, .comma, .underscore: continue
      case .keyword: return text(token) == "in"
      default: return false
      }
    }
    return false
  }
}
