/// The text of a cell as unicode scalars, the unit in which notebooks count cursor positions.
struct SourceText: Sendable {
  let scalars: [Unicode.Scalar]
  /// The cell's name for messages, such as `In [3]`.
  let cell: String

  init(_ text: String, cell: String = "") {
    scalars = Array(text.unicodeScalars)
    self.cell = cell
  }

  /// Refuses a text that is too long before anything else looks at it.
  static func checkSize(of text: String, limits: Limits) throws(CellError) {
    let bytes = text.utf8.count
    guard bytes > limits.textBytes else { return }
    let megabytes = (Double(bytes) / 104_857.6).rounded() / 10
    let size = bytes >= 1_048_576 ? "\(megabytes) MB" : "\(grouped(bytes)) bytes"
    let most = limits.textBytes
    let limit = most % 1_048_576 == 0 ? "\(most / 1_048_576) MB" : "\(grouped(most)) bytes"
    throw CellError(
      .limitExceeded, "the cell holds \(size) of text, and a cell may hold at most \(limit)",
      fix: "keep long data in a file and load it from there")
  }

  func text(_ span: Span) -> String { text(span.start..<span.end) }

  func text(_ range: Range<Int>) -> String {
    var view = String.UnicodeScalarView()
    // One after the other: to append a collection goes by way of a closure for each scalar.
    for scalar in scalars[range] { view.append(scalar) }
    return String(view)
  }

  /// Line, column and text of the line for a place.
  func location(_ span: Span) -> CellError.Location {
    let place = min(max(0, span.start), scalars.count)
    var line = 1
    var lineStart = 0
    for index in 0..<place where endsLine(at: index) {
      line += 1
      lineStart = index + 1
    }
    var lineEnd = place
    while lineEnd < scalars.count, scalars[lineEnd] != "\n", scalars[lineEnd] != "\r" {
      lineEnd += 1
    }
    return CellError.Location(
      range: place..<max(place, min(span.end, scalars.count)), line: line,
      column: place - lineStart + 1, lineText: text(lineStart..<max(lineStart, lineEnd)), cell: cell
    )
  }

  /// A carriage return followed by a line feed counts once, at the line feed.
  private func endsLine(at index: Int) -> Bool {
    if scalars[index] == "\n" { return true }
    return scalars[index] == "\r" && !(index + 1 < scalars.count && scalars[index + 1] == "\n")
  }
}

/// A piece of a cell's text, in unicode scalars.
struct Span: Sendable, Equatable {
  var start: Int
  var end: Int

  init(_ start: Int, _ end: Int) {
    self.start = start
    self.end = end
  }

  /// From the start of this piece to the end of another.
  func through(_ other: Span) -> Span { Span(start, max(end, other.end)) }
}
