/// Reads the inside of one string literal: escapes, interpolations, raw strings, and the
/// indentation of `"""`.
struct StringReader {
  enum Part {
    case text(String)
    case interpolation
    case end
  }

  let isMultiline: Bool
  let contentStart: Int
  /// How many `#` stand around a raw string.
  private let hashes: Int
  private let start: Int
  private var pieces = String.UnicodeScalarView()
  private var pendingEnd: Part?
  /// For `"""`: the places in the text where lines begin, as (segment, offset in its scalars,
  /// position in the source).
  private var lineStarts: [(segment: Int, offset: Int, position: Int)] = []
  private var segment = 0
  /// Whether a line was just joined to the next by a backslash at its end.
  private var joinsLines = false

  /// The text read so far, for a lexer that recovers from an open string.
  var pendingText: String? { pieces.isEmpty ? nil : String(pieces) }

  init(lexer: Lexer, inInterpolation: Bool) throws(CellError) {
    start = lexer.position
    var offset = 0
    while lexer.peek(offset) == "#" { offset += 1 }
    hashes = offset
    guard lexer.peek(offset) == "\"" else {
      throw lexer.failure(
        "`#` begins a comment only at the start of a line", at: Span(start, start + 1),
        fix: "write // for a comment here")
    }
    if lexer.peek(offset + 1) == "\"", lexer.peek(offset + 2) == "\"" {
      isMultiline = true
      // Before the text can end here: no further line would make it whole.
      guard !inInterpolation else {
        throw lexer.failure(
          "a string over several lines cannot stand inside an interpolation",
          at: Span(start, start + offset + 3))
      }
      var content = start + offset + 3
      let scalars = lexer.scalars
      guard content < scalars.count else {
        throw lexer.failure(
          "the string that begins here is not closed", at: Span(start, content), fix: "add \"\"\"",
          endsEarly: true)
      }
      guard Characters.isNewline(scalars[content]) else {
        throw lexer.failure(
          "the text of a \"\"\" string begins on the next line", at: Span(content, content + 1))
      }
      if scalars[content] == "\r", content + 1 < scalars.count, scalars[content + 1] == "\n" {
        content += 1
      }
      contentStart = content + 1
      lineStarts = [(0, 0, contentStart)]
    } else {
      isMultiline = false
      contentStart = start + offset + 1
    }
  }

  /// Reads up to the next interpolation or the end; text comes before what ends it.
  mutating func next(_ lexer: inout Lexer) throws(CellError) -> Part {
    if let part = pendingEnd {
      pendingEnd = nil
      return part
    }
    while let scalar = lexer.peek() {
      if scalar == "\"", closes(lexer) {
        lexer.position += (isMultiline ? 3 : 1) + hashes
        return finish(.end)
      }
      if scalar == "\\", hasHashes(lexer, at: 1) {
        lexer.position += 1 + hashes
        if lexer.peek() == "(" {
          lexer.position += 1
          return finish(.interpolation)
        }
        try readEscape(&lexer)
        continue
      }
      if Characters.isNewline(scalar) {
        guard isMultiline else { break }
        lexer.position += scalar == "\r" && lexer.peek(1) == "\n" ? 2 : 1
        pieces.append("\n")
        lineStarts.append((segment, pieces.count, lexer.position))
        joinsLines = false
        continue
      }
      if scalar.value < 0x20 && !(scalar == "\t" && isMultiline) || scalar.value == 0x7F {
        let escape = scalar == "\t" ? "\\t" : "\\u{\(String(scalar.value, radix: 16))}"
        throw lexer.failure(
          "a control character stands inside the string",
          at: Span(lexer.position, lexer.position + 1),
          fix: "write \(escape) instead")
      }
      if joinsLines, scalar != " ", scalar != "\t" { joinsLines = false }
      pieces.append(scalar)
      lexer.position += 1
    }
    let quotes = (isMultiline ? "\"\"\"" : "\"") + String(repeating: "#", count: hashes)
    throw lexer.failure(
      "the string that begins here is not closed", at: Span(start, contentStart),
      fix: "add \(quotes)", endsEarly: isMultiline)
  }

  private mutating func finish(_ part: Part) -> Part {
    if case .end = part, pieces.isEmpty, segment > 0, !isMultiline { return .end }
    pendingEnd = part
    let text = String(pieces)
    pieces = String.UnicodeScalarView()
    segment += 2
    return .text(text)
  }

  private func hasHashes(_ lexer: Lexer, at offset: Int) -> Bool {
    for place in 0..<hashes where lexer.peek(offset + place) != "#" { return false }
    return true
  }

  private func closes(_ lexer: Lexer) -> Bool {
    guard isMultiline else { return hasHashes(lexer, at: 1) }
    return lexer.peek(1) == "\"" && lexer.peek(2) == "\"" && hasHashes(lexer, at: 3)
  }

  /// Reads what follows a backslash.
  private mutating func readEscape(_ lexer: inout Lexer) throws(CellError) {
    let place = lexer.position
    let mark = lexer.peek()
    lexer.position += 1
    switch mark {
    case "0": pieces.append("\0")
    case "\\": pieces.append("\\")
    case "t": pieces.append("\t")
    case "n": pieces.append("\n")
    case "r": pieces.append("\r")
    case "\"": pieces.append("\"")
    case "'": pieces.append("'")
    case "u": try readScalar(&lexer)
    case " ", "\t", "\n", "\r":
      lexer.position -= 1
      guard isMultiline else { fallthrough }
      while lexer.peek() == " " || lexer.peek() == "\t" { lexer.position += 1 }
      guard let newline = lexer.peek(), Characters.isNewline(newline) else { fallthrough }
      lexer.position += newline == "\r" && lexer.peek(1) == "\n" ? 2 : 1
      lineStarts.append((segment, pieces.count, lexer.position))
      joinsLines = true
    default:
      throw lexer.failure(
        "a backslash in a string must be followed by one of 0 \\ t n r \" ' u{…} (",
        at: Span(place - 1 - hashes, min(place + 1, lexer.scalars.count)),
        fix: "write \\\\ for a backslash, or a raw string #\"…\"#")
    }
  }

  private mutating func readScalar(_ lexer: inout Lexer) throws(CellError) {
    let place = lexer.position
    var digits = ""
    if lexer.peek() == "{" {
      lexer.position += 1
      while let next = lexer.peek(), Characters.isHexadecimal(next), digits.count < 9 {
        digits.unicodeScalars.append(next)
        lexer.position += 1
      }
    }
    guard lexer.peek() == "}", (1...8).contains(digits.count),
      let value = UInt32(digits, radix: 16)
    else {
      throw lexer.failure(
        "\\u needs the number of a character in hexadecimal", at: Span(place - 2, lexer.position),
        fix: "as in \\u{3B1} for α")
    }
    guard let scalar = Unicode.Scalar(value) else {
      throw lexer.failure(
        "\\u{\(digits)} is no Unicode scalar: D800 to DFFF and numbers above 10FFFF are none",
        at: Span(place - 2, lexer.position + 1), fix: "write the character's own number")
    }
    lexer.position += 1
    pieces.append(scalar)
  }

  // MARK: Indentation

  /// Removes the closing line's indentation from every line, as Swift does.
  func removeIndentation(_ literal: inout StringLiteral, lexer: Lexer) throws(CellError) {
    let scalars = lexer.scalars
    let closing = literal.span.end - 3 - hashes
    guard let last = lineStarts.last, !joinsLines else {
      throw lexer.failure(
        "the last line of the text cannot end in a backslash", at: Span(closing, closing + 3))
    }
    let indentation = Array(scalars[last.position..<closing])
    guard indentation.allSatisfy({ $0 == " " || $0 == "\t" }) else {
      throw lexer.failure(
        "the closing \"\"\" must stand on a line of its own", at: Span(closing, closing + 3))
    }
    var cuts: [Int: [Range<Int>]] = [:]
    for line in lineStarts {
      if line.position == last.position {
        // The closing line is indentation only; the line break before it belongs to the literal's
        // syntax.
        cuts[line.segment, default: []].append(max(0, line.offset - 1)..<Int.max)
      } else if !Characters.isNewline(scalars[line.position]) {
        let end = line.position + indentation.count
        guard end <= scalars.count, scalars[line.position..<end].elementsEqual(indentation) else {
          throw lexer.failure(
            "this line is indented less than the closing \"\"\"",
            at: Span(line.position, line.position + 1))
        }
        cuts[line.segment, default: []].append(line.offset..<line.offset + indentation.count)
      }
    }
    for (segment, ranges) in cuts {
      guard segment < literal.segments.count, case .text(let text) = literal.segments[segment]
      else {
        continue
      }
      let whole = Array(text.unicodeScalars)
      var kept = String.UnicodeScalarView()
      var place = 0
      for range in ranges where range.lowerBound >= place {
        kept.append(contentsOf: whole[place..<min(range.lowerBound, whole.count)])
        place = min(range.upperBound, whole.count)
      }
      kept.append(contentsOf: whole[place...])
      literal.segments[segment] = .text(String(kept))
    }
  }
}
