/// What may stand at a place of a cell.
public struct CompletionResult: Sendable, Equatable {
  /// Where the text that an item replaces begins, in unicode scalars.
  public let start: Int
  /// Where it ends.
  public let end: Int
  /// The items: labels and choices first, then names, each group sorted.
  public let items: [CompletionItem]
}

/// One completion.
public struct CompletionItem: Sendable, Equatable {
  /// What an item names; the raw values are the words that notebook front ends know.
  public enum Kind: String, Sendable {
    case function
    case keyword
    case instance
    case property
    case parameter = "param"
    case choice = "enum"
  }

  /// The text to insert.
  public let text: String
  /// What it names.
  public let kind: Kind
  /// Signature, default or help, in one line.
  public let detail: String
}

/// Completes the word that ends at a place: names, argument labels, members, implicit members.
///
/// Only looks up names and declared properties; nothing of the text is run.
/// - Parameters:
///   - offset: the place, in unicode scalars.
public func complete(
  _ text: String, at offset: Int, vocabulary: Vocabulary, names: NameTable,
  limits: Limits = Limits()
) -> CompletionResult {
  guard text.utf8.count <= limits.textBytes else {
    return CompletionResult(start: offset, end: offset, items: [])
  }
  let cursor = Cursor(SourceText(text), at: offset)
  let completer = Completer(
    lookup: Lookup(cursor: cursor, vocabulary: vocabulary, names: names), cursor: cursor)
  return CompletionResult(start: cursor.word.start, end: cursor.word.end, items: completer.items)
}

private struct Completer {
  let lookup: Lookup
  let cursor: Cursor

  var items: [CompletionItem] {
    guard !cursor.isInComment, !cursor.isInString, !cursor.isInLiteral else { return [] }
    if cursor.followsDot { return fitting(cursor.dotFollowsValue ? members : choices(dot: "")) }
    if let last = cursor.tokens.last, last.kind == .keyword,
      ["let", "var", "func", "for"].contains(cursor.text(last))
    {
      return []
    }
    return fitting(labels) + fitting(choices(dot: ".")) + fitting(words)
  }

  /// The items that begin with the word, whatever their case, sorted and each once.
  private func fitting(_ items: [CompletionItem]) -> [CompletionItem] {
    let start = cursor.wordText.lowercased()
    var seen: Set<String> = []
    return items.filter { $0.text.lowercased().hasPrefix(start) && seen.insert($0.text).inserted }
      .sorted { ($0.text.lowercased(), $0.text) < ($1.text.lowercased(), $1.text) }
  }

  private func item(_ command: Command) -> CompletionItem {
    CompletionItem(text: command.name, kind: .function, detail: command.signature)
  }

  // MARK: Names

  private var words: [CompletionItem] {
    var items: [CompletionItem] = cursor.localNames.map {
      CompletionItem(text: $0, kind: .instance, detail: "declared in this cell")
    }
    for name in lookup.names.names {
      guard let value = lookup.names[name] else { continue }
      // The workspace knows more of a name than the text does.
      items.removeAll { $0.text == name }
      let detail = "\(value.typeName): \(oneLine(value))"
      if case .function(let function) = value {
        items.append(CompletionItem(text: name, kind: .function, detail: function.signature))
      } else {
        items.append(CompletionItem(text: name, kind: .instance, detail: detail))
      }
    }
    items += lookup.vocabulary.commands.map(item)
    items += Keyword.used.map { CompletionItem(text: $0, kind: .keyword, detail: "keyword") }
    return items
  }

  // MARK: Members

  private var members: [CompletionItem] {
    let receiver = lookup.receiver(endingAt: cursor.tokens.count - 2)
    if case .command(let command) = receiver {
      return command.constants.map {
        CompletionItem(text: $0.member.name, kind: .property, detail: $0.member.help)
      }
    }
    guard let value = lookup.sample(of: receiver) else { return [] }
    var items: [CompletionItem] = []
    switch value {
    case .object(let object):
      items += object.members.map {
        CompletionItem(text: $0.name, kind: .property, detail: $0.help)
      }
      items += object.methods.map(item)
    case .tuple(let elements):
      items += elements.compactMap(\.label).map {
        CompletionItem(text: $0, kind: .property, detail: "element of the tuple")
      }
    default: break
    }
    let table = MemberTable.of(value)
    items += table.properties.values.map {
      CompletionItem(text: $0.member.name, kind: .property, detail: "\($0.type): \($0.member.help)")
    }
    items += table.methods.values.map { item($0.command) }
    items += table.mutating.values.map { item($0.command) }
    return items
  }

  // MARK: Arguments

  /// The labels that the call around the place still takes.
  private var labels: [CompletionItem] {
    guard let call = cursor.call, call.isAtStart, call.label == nil, !call.isInArray,
      let command = lookup.command(at: call.callee)
    else { return [] }
    let given = call.labels.compactMap { $0 }
    return command.parameters.compactMap { parameter in
      guard let label = parameter.label, !given.contains(label) else { return nil }
      return CompletionItem(text: "\(label):", kind: .parameter, detail: parameter.detail)
    }
  }

  /// The implicit members that the current argument takes.
  private func choices(dot: String) -> [CompletionItem] {
    guard let call = cursor.call, dot.isEmpty || call.isAtStart,
      let command = lookup.command(at: call.callee),
      let parameter = lookup.parameter(of: command, in: call)
    else { return [] }
    return parameter.choices.map {
      CompletionItem(text: dot + $0.name + $0.arguments, kind: .choice, detail: $0.help)
    }
  }
}

/// A value in one short line.
func oneLine(_ value: Value) -> String {
  let text: String
  switch value {
  case .object(let object): text = object.summary
  case .array(let elements) where elements.count > 8: text = "\(elements.count) elements"
  case .dictionary(let dictionary) where dictionary.count > 8: text = "\(dictionary.count) entries"
  case .string(let string): text = quoted(String(string.prefix(80)))
  default: text = value.description
  }
  let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
  return line.count > 80 ? String(line.prefix(79)) + "…" : line
}
