import CellLanguage
import JupyterProtocol
import Methods

/// Help texts, all derived from the declarations of the words.
enum Help {
  /// The list of words, or the page of one.
  ///
  /// - Throws: `CellError` when there is no such word.
  static func bundle(about word: Value, in workspace: Workspace) throws -> MIMEBundle {
    switch word {
    case .none: return try overview(workspace.evaluator.vocabulary).bundle()
    case .function(let function):
      return bundle(for: function.name, in: workspace) ?? MIMEBundle(text: function.signature)
    case .string(let name): return try page(name, in: workspace)
    case .object(let object):
      if let model = object as? ModelObject { return try page(model.card.word, in: workspace) }
      let members = object.members.map { "- `.\($0.name)`: \($0.help)" }
      let methods = object.methods.map { "- `.\($0.name)(…)`: \($0.summary)" }
      let lines = ["**\(object.typeName)**: \(object.summary)", ""] + members + methods
      return try Document(
        markdown: lines.joined(separator: "\n"),
        text: lines.joined(separator: "\n").filter { $0 != "*" && $0 != "`" }
      ).bundle()
    default: return MIMEBundle(text: "\(word.typeName): \(word.cellText)")
    }
  }

  /// The page of a word, if there is one.
  static func bundle(for name: String, in workspace: Workspace) -> MIMEBundle? {
    try? page(name, in: workspace)
  }

  private static func page(_ name: String, in workspace: Workspace) throws -> MIMEBundle {
    let vocabulary = workspace.evaluator.vocabulary
    guard vocabulary.lookup(name) != nil,
      let found = inspect(
        name, at: name.unicodeScalars.count, vocabulary: vocabulary, names: NameTable(), detail: 1)
    else {
      let near = vocabulary.nearestNames(to: name).first.map { "did you mean '\($0)'?" }
      throw CellError(
        .unknownName, "there is no word '\(name)'", fix: near ?? "help() lists all of them")
    }
    return try Document(markdown: found.markdown, text: found.text).bundle()
  }

  private static func overview(_ vocabulary: Vocabulary) -> Document {
    var (markdown, text) = (["### The words, by subject"], ["The words, by subject"])
    for (topic, commands) in vocabulary.topics {
      markdown += ["", "**\(topic)**", ""]
      text += ["", topic]
      let width = commands.map(\.name.count).max() ?? 0
      for command in commands {
        markdown.append("- `\(command.name)`: \(command.summary)")
        let space = String(repeating: " ", count: width - command.name.count)
        text.append("  \(command.name)\(space)  \(command.summary)")
      }
    }
    let end = "`help(train)` explains one; Shift-Tab does the same while you type."
    return Document(
      markdown: (markdown + ["", end]).joined(separator: "\n"),
      text: (text + ["", end.filter { $0 != "`" }]).joined(separator: "\n"))
  }
}
