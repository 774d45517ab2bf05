extension CellError {
  /// The error for the notebook: the line, a caret under the token, the reason and the way out,
  /// then the calls it came through.
  ///
  /// - Parameter ansi: whether to colour the lines with ANSI escapes.
  public func rendered(ansi: Bool) -> [String] {
    func style(_ code: String, _ text: String) -> String {
      ansi && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
    var lines: [String] = []
    if let location {
      lines += Self.excerpt(location, style: style)
    }
    lines.append(style("1;31", name) + ": " + reason)
    // Not in a colour: none is legible on a dark terminal and on the light red of notebooks.
    if let fix { lines.append(style("1", fix)) }
    let shown = trace.count > 8 ? Array(trace.prefix(4)) + Array(trace.suffix(3)) : trace
    for (place, frame) in shown.enumerated() {
      if trace.count > 8, place == 4 { lines.append("  … \(trace.count - 7) more calls …") }
      let cell = frame.location.cell.isEmpty ? "" : "\(frame.location.cell), "
      lines.append("  in \(frame.function), called at \(cell)line \(frame.location.line)")
    }
    return lines
  }

  /// The line with its number, cut to a window around the place, and the caret below.
  private static func excerpt(_ location: Location, style: (String, String) -> String) -> [String] {
    let width = 96
    // A tab is one column wide here, so that the caret stands under its token.
    let scalars = location.lineText.unicodeScalars.map {
      $0.properties.generalCategory == .control ? " " : $0
    }
    let column = min(max(0, location.column - 1), scalars.count)
    let start = scalars.count > width && column > width / 2 ? column - width / 2 : 0
    let end = min(scalars.count, start + width)
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars[start..<end])
    let shown = (start > 0 ? "…" : "") + String(text) + (end < scalars.count ? "…" : "")
    let number = "\(location.line)"
    let gutter = String(repeating: " ", count: number.count)
    let length = max(1, min(location.range.count, end - column))
    let blank = String(repeating: " ", count: column - start + (start > 0 ? 1 : 0))
    let marks = "^" + String(repeating: "~", count: length - 1)
    var lines = location.cell.isEmpty ? [] : [style("2", "\(location.cell), line \(location.line)")]
    lines.append(style("2", "\(number) |") + " " + shown)
    lines.append(style("2", "\(gutter) |") + " " + blank + style("1;31", marks))
    return lines
  }
}
