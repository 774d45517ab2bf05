/// The syntax tree of a cell.
public struct Program: Sendable {
  let source: SourceText
  let statements: [Statement]

  /// Parses the text of a cell.
  ///
  /// - Parameters:
  ///   - cell: the cell's name for error messages, such as `In [3]`.
  ///   - limits: the length of the text that is allowed.
  /// - Throws: `CellError` with the place of the first mistake.
  public init(_ text: String, cell: String = "", limits: Limits = Limits()) throws(CellError) {
    try SourceText.checkSize(of: text, limits: limits)
    source = SourceText(text, cell: cell)
    var parser = try Parser(source)
    statements = try parser.parseProgram()
  }

  /// Whether the text is one expression and nothing else.
  var isExpression: Bool {
    guard statements.count == 1, case .expression(let expression) = statements[0].kind else {
      return false
    }
    // An assignment is parsed as an expression, and has no value.
    if case .assignment = expression.kind { return false }
    return true
  }
}
