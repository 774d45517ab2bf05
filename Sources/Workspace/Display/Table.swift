import JupyterProtocol

/// A table that reads without any style: as aligned text, and as plain HTML.
struct Table: Sendable, Equatable {
  /// A column: its head, and whether its cells are numbers, which align right.
  struct Column: Sendable, Equatable {
    /// The head.
    let title: String
    /// Whether the cells are numbers.
    let isNumeric: Bool

    /// Declares a column.
    init(_ title: String, isNumeric: Bool = false) {
      self.title = title
      self.isNumeric = isNumeric
    }
  }

  /// The line above the table, if any.
  let title: String?
  /// The columns.
  let columns: [Column]
  /// The cells, row by row.
  let rows: [[String]]
  /// Lines below the table: totals, protocols.
  let notes: [String]

  /// Puts cells under their columns.
  init(_ title: String? = nil, columns: [Column], rows: [[String]], notes: [String] = []) {
    self.title = title
    self.columns = columns
    self.rows = rows
    self.notes = notes
  }

  /// The table in aligned columns of text.
  var text: String {
    var widths = columns.map { $0.title.count }
    for row in rows {
      for (index, cell) in row.enumerated() { widths[index] = max(widths[index], cell.count) }
    }
    func line(_ cells: [String]) -> String {
      var result = ""
      for (index, cell) in cells.enumerated() {
        let space = String(repeating: " ", count: widths[index] - cell.count)
        if index > 0 { result += "  " }
        result += columns[index].isNumeric ? space + cell : cell + space
      }
      while result.last == " " { result.removeLast() }
      return result
    }
    var lines = title.map { [$0] } ?? []
    lines.append(line(columns.map(\.title)))
    lines.append(widths.map { String(repeating: "─", count: $0) }.joined(separator: "  "))
    lines += rows.map(line)
    return (lines + notes).joined(separator: "\n")
  }

  /// The table in HTML that reads the same where styles are stripped.
  var html: String {
    func cell(_ tag: String, _ index: Int, _ text: String) -> String {
      let side = columns[index].isNumeric ? "right" : "left"
      return "<\(tag) style=\"text-align:\(side)\">\(text.escapedForHTML)</\(tag)>"
    }
    func row(_ tag: String, _ cells: [String]) -> String {
      "<tr>" + cells.enumerated().map { cell(tag, $0.offset, $0.element) }.joined() + "</tr>"
    }
    let head = title.map { "<p><b>\($0.escapedForHTML)</b></p>\n" } ?? ""
    let body = rows.map { row("td", $0) }.joined(separator: "\n")
    let foot = notes.map { "<p>\($0.escapedForHTML)</p>" }.joined(separator: "\n")
    return """
      \(head)<table>
      <thead>\(row("th", columns.map(\.title)))</thead>
      <tbody>
      \(body)
      </tbody>
      </table>
      \(foot)
      """
  }

  /// The table in Markdown, for documents.
  var markdown: String {
    func row(_ cells: [String]) -> String {
      "| "
        + cells.map {
          $0.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
        }.joined(separator: " | ")
        + " |"
    }
    let line = "|" + columns.map { $0.isNumeric ? "---:|" : ":---|" }.joined()
    let head = title.map { ["**\($0)**", ""] } ?? []
    return (head + [row(columns.map(\.title)), line] + rows.map(row) + notes.flatMap { ["", $0] })
      .joined(separator: "\n")
  }

  /// The HTML and the text.
  func bundle() -> MIMEBundle {
    MIMEBundle([
      .init(type: "text/html", content: .text(html)),
      .init(type: "text/plain", content: .text(text)),
    ])
  }
}

extension String {
  /// The text with the characters that HTML gives a meaning replaced.
  var escapedForHTML: String {
    var result = ""
    for character in self {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.append(character)
      }
    }
    return result
  }
}
