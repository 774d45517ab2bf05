import CellLanguage

/// Reads assignments of Python's literals, and writes the values in the language of cells.
///
/// The grammar is that of the Python Language Reference, sections 2.4 and 6.2, for the literals without prefix.
struct PythonLiterals {
  /// `name = value`.
  struct Assignment {
    let name: String
    let value: String
    /// The line that it begins in, from 0.
    let line: Int
  }

  let scalars: [Unicode.Scalar]
  var place = 0
  var line = 0
  private var depth = 0
  private static let deepest = 100

  init(_ code: String) { scalars = Array(code.unicodeScalars) }

  /// The next assignment; `nil` at the end.
  mutating func nextAssignment() throws(CellError) -> Assignment? {
    skipSpace(acrossLines: true)
    guard peek() != nil else { return nil }
    let start = line
    let name = word()
    skipSpace(acrossLines: false)
    guard !name.isEmpty, name.first?.isNumber == false, peek() == "=", peek(1) != "=" else {
      throw failure("each line of a cell that begins with `# Parameters` assigns a value to a name")
    }
    // Python's names are not all names here: `repeat`, `default`, `init`, `true`.
    guard (try? Program("\(name) = 0")) != nil else {
      throw failure(
        "`\(name)` is a word of the language of cells and cannot be a name",
        fix: "give the parameter another name, in the notebook and for papermill")
    }
    place += 1
    skipSpace(acrossLines: false)
    let value = try value()
    skipSpace(acrossLines: false)
    guard peek().map(Self.isNewline) ?? true else {
      throw failure(
        "after the value of `\(name)` the line goes on, and Python's expressions are not computed")
    }
    return Assignment(name: name, value: value, line: start)
  }

  // MARK: Values

  private mutating func value() throws(CellError) -> String {
    switch peek() {
    case "\"", "'": return Self.written(try string())
    case "[": return "[\(try elements(until: "]").joined(separator: ", "))]"
    case "{": return try dictionary()
    case "-", "+", ".": return try number()
    case let scalar? where Self.isDigit(scalar): return try number()
    case "(": throw failure("tuples are not translated; write a list")
    default: return try namedValue()
    }
  }

  private mutating func namedValue() throws(CellError) -> String {
    let name = word()
    switch name {
    case "True": return "true"
    case "False": return "false"
    case "None": return "nil"
    case "float" where peek() == "(": return try specialNumber()
    case "": throw failure("a value is missing here")
    default:
      if peek() == "\"" || peek() == "'" {
        throw failure("texts with a prefix such as \(name)\"…\" are not translated; write \"…\"")
      }
      throw failure(
        "`\(name)` is none of the values that are translated: numbers, texts, True, False, None, lists, "
          + "dictionaries, float('nan') and float('inf')")
    }
  }

  /// `float('nan')`, `float('inf')`, `float('-inf')`.
  private mutating func specialNumber() throws(CellError) -> String {
    place += 1
    skipSpace(acrossLines: true)
    guard peek() == "'" || peek() == "\"" else {
      throw failure("only float('nan'), float('inf') and float('-inf') are translated")
    }
    let text = try string()
    skipSpace(acrossLines: true)
    guard peek() == ")" else { throw failure("the parenthesis of float(…) is not closed") }
    place += 1
    switch text.lowercased() {
    case "nan": return "(0.0 / 0.0)"
    case "inf", "+inf", "infinity": return "(1.0 / 0.0)"
    case "-inf", "-infinity": return "(-1.0 / 0.0)"
    default: throw failure("only float('nan'), float('inf') and float('-inf') are translated")
    }
  }

  private mutating func number() throws(CellError) -> String {
    var sign = ""
    while let scalar = peek(), scalar == "-" || scalar == "+" {
      if scalar == "-" { sign = sign.isEmpty ? "-" : "" }
      place += 1
    }
    // A number by name can have a sign as well.
    if peek() == "f" { return try sign + namedValue() }
    let start = place
    while let scalar = peek(),
      Self.isWordPart(scalar) || scalar == "."
        || (scalar == "-" || scalar == "+") && endsInExponent(from: start)
    {
      place += 1
    }
    var digits = text(from: start).lowercased()
    guard Self.isNumber(digits) else {
      throw failure("`\(sign)\(digits)` is not a number that is translated")
    }
    // Swift wants a digit on both sides of the point.
    if digits.hasPrefix(".") { digits = "0" + digits }
    if digits.hasSuffix(".") { digits += "0" }
    if let point = digits.firstRange(of: ".e") { digits.replaceSubrange(point, with: ".0e") }
    // Python's whole numbers have no end; those of cells do.
    do throws(CellError) {
      _ = try Program(digits)
    } catch {
      throw failure(error.reason, fix: error.fix ?? "give it as a text, in quotation marks")
    }
    return sign + digits
  }

  /// Whether a text in small letters is an integer or a number with a point or an exponent (sections 2.4.5 and
  /// 2.4.6; imaginary numbers are none).
  private static func isNumber(_ text: String) -> Bool {
    let whole = /0x(_?[0-9a-f])+|0o(_?[0-7])+|0b(_?[01])+|[0-9](_?[0-9])*/
    let real =
      /([0-9](_?[0-9])*\.?|([0-9](_?[0-9])*)?\.[0-9](_?[0-9])*)(e[-+]?[0-9](_?[0-9])*)?/
    return text.wholeMatch(of: whole) != nil || text.wholeMatch(of: real) != nil
  }

  /// Whether what was read since `start` is a decimal number up to its `e`.
  private func endsInExponent(from start: Int) -> Bool {
    let read = scalars[start..<place]
    return (read.last == "e" || read.last == "E")
      && read.dropFirst().first.map { $0 != "x" && $0 != "X" } ?? false
  }

  /// The values up to a closing bracket, separated by commas, the last of which may be followed by one.
  private mutating func elements(until closing: Unicode.Scalar) throws(CellError) -> [String] {
    try open()
    var elements: [String] = []
    while true {
      skipSpace(acrossLines: true)
      if peek() == closing { break }
      elements.append(try value())
      skipSpace(acrossLines: true)
      if peek() == "," {
        place += 1
      } else if peek() != closing {
        throw failure("a comma or `\(closing)` is missing here")
      }
    }
    close()
    return elements
  }

  private mutating func dictionary() throws(CellError) -> String {
    try open()
    var entries: [String] = []
    while true {
      skipSpace(acrossLines: true)
      if peek() == "}" { break }
      let key = try value()
      skipSpace(acrossLines: true)
      guard peek() == ":" else {
        throw failure("a key of a dictionary is followed by `:`; sets are not translated")
      }
      place += 1
      skipSpace(acrossLines: true)
      entries.append("\(key): \(try value())")
      skipSpace(acrossLines: true)
      if peek() == "," {
        place += 1
      } else if peek() != "}" {
        throw failure("a comma or `}` is missing here")
      }
    }
    close()
    return entries.isEmpty ? "[:]" : "[\(entries.joined(separator: ", "))]"
  }

  private mutating func open() throws(CellError) {
    place += 1
    depth += 1
    guard depth <= Self.deepest else {
      throw CellError(
        .limitExceeded, "a parameter is nested more than \(Self.deepest) deep",
        fix: "give its parts as parameters of their own")
    }
  }

  private mutating func close() {
    place += 1
    depth -= 1
  }
}
