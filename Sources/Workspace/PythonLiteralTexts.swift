import CellLanguage

/// The texts of Python, and the characters that all literals are made of.
extension PythonLiterals {
  /// The text of a string in single or double quotes.
  mutating func string() throws(CellError) -> String {
    guard let quote = peek() else { return "" }
    guard peek(1) != quote || peek(2) != quote else {
      throw failure("texts in three quotes are not translated; write one line with \\n in it")
    }
    place += 1
    var text = String.UnicodeScalarView()
    while let scalar = peek(), !Self.isNewline(scalar) {
      place += 1
      if scalar == quote { return String(text) }
      if scalar == "\\" { try escape(into: &text) } else { text.append(scalar) }
    }
    throw failure("the text is not closed")
  }

  mutating func escape(into text: inout String.UnicodeScalarView) throws(CellError) {
    guard let letter = peek() else { throw failure("the text is not closed") }
    place += 1
    switch letter {
    case "n": text.append("\n")
    case "t": text.append("\t")
    case "r": text.append("\r")
    case "a": text.append("\u{7}")
    case "b": text.append("\u{8}")
    case "f": text.append("\u{C}")
    case "v": text.append("\u{B}")
    case "\\", "'", "\"": text.append(letter)
    case "x": text.append(try character(digits: 2))
    case "u": text.append(try character(digits: 4))
    case "U": text.append(try character(digits: 8))
    case "N": throw failure("characters by name, \\N{…}, are not translated; write the character")
    case "0"..."7":
      place -= 1
      text.append(Unicode.Scalar(number(digits: 1...3, radix: 8) ?? 0) ?? "\u{FFFD}")
    case _ where Self.isNewline(letter): line += 1
    default:
      // Python leaves what is no escape as it stands.
      text.append("\\")
      text.append(letter)
    }
  }

  /// The character behind `\\x`, `\\u` or `\\U`; two halves of UTF-16 are one.
  mutating func character(digits count: Int) throws(CellError) -> Unicode.Scalar {
    guard var value = number(digits: count...count, radix: 16) else {
      throw failure("an escape needs \(count) hexadecimal digits")
    }
    if 0xD800..<0xDC00 ~= value, peek() == "\\", peek(1) == "u" {
      place += 2
      let low = number(digits: 4...4, radix: 16) ?? 0
      if 0xDC00..<0xE000 ~= low { value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00) }
    }
    guard let scalar = Unicode.Scalar(value) else {
      throw failure("U+\(String(value, radix: 16, uppercase: true)) is not a character")
    }
    return scalar
  }

  mutating func number(digits: ClosedRange<Int>, radix: Int) -> UInt32? {
    let start = place
    while place - start < digits.upperBound, let scalar = peek(),
      Character(scalar).hexDigitValue.map({ $0 < radix }) ?? false
    {
      place += 1
    }
    guard place - start >= digits.lowerBound else { return nil }
    return UInt32(text(from: start), radix: radix)
  }

  /// A text as the language of cells writes it.
  static func written(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      case _
      where scalar.properties.generalCategory == .control || scalar.value == 0x2028
        || scalar.value == 0x2029 || scalar.value == 0xFEFF:
        result += "\\u{\(String(scalar.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  // MARK: Characters

  func peek(_ offset: Int = 0) -> Unicode.Scalar? {
    place + offset < scalars.count ? scalars[place + offset] : nil
  }

  func text(from start: Int) -> String {
    String(String.UnicodeScalarView(scalars[start..<place]))
  }

  /// Letters, digits and `_` from here on.
  mutating func word() -> String {
    let start = place
    while let scalar = peek(), Self.isWordPart(scalar) { place += 1 }
    return text(from: start)
  }

  /// Skips space and comments, and line breaks where a value goes on over them.
  mutating func skipSpace(acrossLines: Bool) {
    while let scalar = peek() {
      if Self.isNewline(scalar) {
        guard acrossLines else { return }
        if scalar != "\r" || peek(1) != "\n" { line += 1 }
        place += 1
      } else if scalar == "#" {
        while let next = peek(), !Self.isNewline(next) { place += 1 }
      } else if scalar == " " || scalar == "\t" || scalar == "\u{FEFF}" {
        place += 1
      } else {
        return
      }
    }
  }

  static func isNewline(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "\n" || scalar == "\r"
  }

  static func isDigit(_ scalar: Unicode.Scalar) -> Bool { "0"..."9" ~= scalar }

  static func isWordPart(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "_" || isDigit(scalar) || scalar.properties.isXIDContinue
  }

  /// The error at the present line.
  func failure(
    _ reason: String,
    fix: String = "write the parameters in the language of cells, without the line `# Parameters`"
  ) -> CellError {
    let lines = String(String.UnicodeScalarView(scalars)).split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    let text = line < lines.count ? lines[line].prefix(80) : ""
    return CellError(
      .syntaxError,
      "line \(line + 1) of the parameters, `\(text)`, cannot be translated: \(reason)",
      fix: fix)
  }
}
