extension Command {
  /// The command's help: signature, summary, table of parameters, discussion, example.
  ///
  /// - Parameter detail: 0 for the usual help; 1 adds the topic, and what each choice of a
  /// parameter means.
  public func help(detail: Int = 0) -> Inspection {
    var text = [signature, "", summary]
    // Without a language: `set: set of images` is no Swift, and its words would be coloured as if it were.
    var markdown = ["```", signature, "```", "", summary]
    if !parameters.isEmpty {
      let rows = parameters.map(\.row)
      let width = rows.map(\.name.count).max() ?? 0
      text += ["", "Parameters"]
      markdown += ["", "| parameter | takes | default | meaning |", "|---|---|---|---|"]
      for row in rows {
        let padding = String(repeating: " ", count: width - row.name.count)
        let help = row.help.isEmpty ? "" : ": \(row.help)"
        text.append("  \(row.name)\(padding)  \(row.takes), \(row.fallback)\(help)")
        markdown.append(
          "| `\(row.name)` | \(cell(row.takes)) | \(cell(row.fallback)) | \(cell(row.help)) |")
      }
      for parameter in parameters where !parameter.choices.isEmpty {
        text += ["", "\(parameter.row.name) is one of"]
        markdown += ["", "`\(parameter.row.name)` is one of"]
        for choice in parameter.choices {
          let help = detail > 0 && !choice.help.isEmpty ? "  \(choice.help)" : ""
          text.append("  .\(choice.name)\(choice.arguments)\(help)")
          markdown.append(
            "- `.\(choice.name)\(choice.arguments)`"
              + (choice.help.isEmpty ? "" : ": \(choice.help)"))
        }
      }
    }
    if !constants.isEmpty {
      text += ["", "Members"]
      markdown += ["", "Members"]
      for constant in constants {
        text.append("  \(name).\(constant.member.name)  \(constant.member.help)")
        markdown.append("- `\(name).\(constant.member.name)`: \(constant.member.help)")
      }
    }
    if !discussion.isEmpty {
      text += ["", discussion]
      markdown += ["", discussion]
    }
    if !example.isEmpty {
      text +=
        ["", "Example"]
        + example.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }
      markdown += ["", "```swift", example, "```"]
    }
    if detail > 0, !topic.isEmpty {
      text += ["", "Topic: \(topic)"]
      markdown += ["", "Topic: \(topic)"]
    }
    return Inspection(
      text: text.joined(separator: "\n"), markdown: markdown.joined(separator: "\n"))
  }

  /// Text that does not end a cell of a Markdown table.
  private func cell(_ text: String) -> String {
    text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
  }
}

extension ParameterDeclaration {
  /// The parameter's row of a table of help.
  var row: (name: String, takes: String, fallback: String, help: String) {
    let shown = label.map { $0 == name ? "\($0):" : "\($0) \(name):" } ?? name
    let fallback = defaultText.map { "default \($0)" } ?? (isRequired ? "required" : "optional")
    return (shown, typeDescription + (bounds.map { " \($0.phrase)" } ?? ""), fallback, help)
  }

  /// The parameter's help on its own.
  func inspection(of command: Command) -> Inspection {
    let row = row
    var lines = ["\(row.name) \(row.takes), \(row.fallback)", "", help]
    for choice in choices {
      lines.append("  .\(choice.name)\(choice.arguments)  \(choice.help)")
    }
    lines += ["", "A parameter of \(command.signature)"]
    let marks = choices.map { "- `.\($0.name)\($0.arguments)`: \($0.help)" }
    let markdown =
      ["`\(row.name)` \(row.takes), \(row.fallback)", "", help, ""] + marks
      + ["", "A parameter of", "```", command.signature, "```"]
    return Inspection(
      text: lines.joined(separator: "\n"), markdown: markdown.joined(separator: "\n"))
  }
}
