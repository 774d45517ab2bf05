import CellLanguage

/// Parameters that papermill puts into a notebook, which it can write only in languages that it knows.
///
/// With `-l python` it inserts a cell whose first line is `# Parameters` and whose others assign Python's
/// literals: numbers, texts, `True`, `False`, `None`, lists, dictionaries, and `float('nan')` or `float('inf')`.
/// Such a cell is written anew in the language of cells, line by line, before it is parsed.
enum PapermillParameters {
  /// The cell in the language of cells; `nil` when it is not one of papermill's.
  ///
  /// A name that was declared with `let`, as the notebook's own parameters may be, is declared again; all others
  /// are assigned, which declares what is new.
  /// - Parameter names: what is declared already.
  /// - Throws: `CellError` with the line that cannot be translated.
  static func translated(_ code: String, names: NameTable) throws(CellError) -> String? {
    guard isParameters(code) else { return nil }
    var reader = PythonLiterals(code)
    var result = ""
    while let assignment = try reader.nextAssignment() {
      // Blank lines keep the lines of what follows.
      result += String(repeating: "\n", count: max(0, assignment.line - lines(in: result)))
      result += names.isConstant(assignment.name) ? "var " : ""
      result += "\(assignment.name) = \(assignment.value)"
    }
    return result
  }

  /// Whether the first line is papermill's, and the first statement is not one of the cell language already.
  private static func isParameters(_ code: String) -> Bool {
    var lines = code.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)[...]
    guard let first = lines.popFirst(), trimmed(first) == "# Parameters" else { return false }
    let statement = lines.lazy.map(trimmed).first { !$0.isEmpty && !$0.hasPrefix("#") }
    guard let statement else { return true }
    return !["let ", "var ", "//", "func "].contains { statement.hasPrefix($0) }
  }

  private static func trimmed(_ line: Substring) -> Substring {
    var line = line.drop { $0 == " " || $0 == "\t" }
    while let last = line.last, last.isWhitespace { line.removeLast() }
    return line
  }

  private static func lines(in text: String) -> Int { text.utf8.count { $0 == UInt8(ascii: "\n") } }
}
