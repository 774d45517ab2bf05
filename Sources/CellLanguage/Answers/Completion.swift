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

  /// What might stand here.
  ///
  /// The detail is written for those alone that fit the word: a model's is long, and somebody asks at every key.
  private struct Proposal {
    let text: String
    let kind: CompletionItem.Kind
    let detail: () -> String

    init(text: String, kind: CompletionItem.Kind, detail: @autoclosure @escaping () -> String) {
      self.text = text
      self.kind = kind
      self.detail = detail
    }
  }

  /// The proposals that begin with the word, whatever their case, sorted and each once.
  private func fitting(_ proposals: [Proposal]) -> [CompletionItem] {
    let start = cursor.wordText.lowercased()
    var seen: Set<String> = []
    return
      proposals
      .map { (key: $0.text.lowercased(), proposal: $0) }
      .filter { $0.key.hasPrefix(start) && seen.insert($0.proposal.text).inserted }
      .sorted { ($0.key, $0.proposal.text) < ($1.key, $1.proposal.text) }
      .map {
        CompletionItem(text: $0.proposal.text, kind: $0.proposal.kind, detail: $0.proposal.detail())
      }
  }

  private func proposal(_ command: Command) -> Proposal {
    Proposal(text: command.name, kind: .function, detail: command.signature)
  }

  // MARK: Names

  private var words: [Proposal] {
    // The workspace knows more of a name than the text does, so its names come first.
    var proposals: [Proposal] = lookup.names.names.compactMap { name in
      guard let value = lookup.names[name] else { return nil }
      if case .function(let function) = value {
        return Proposal(text: name, kind: .function, detail: function.signature)
      }
      return Proposal(
        text: name, kind: .instance, detail: "\(value.typeName): \(oneLine(value))")
    }
    proposals += cursor.localNames.map {
      Proposal(text: $0, kind: .instance, detail: "declared in this cell")
    }
    proposals += lookup.vocabulary.commands.map(proposal)
    proposals += Keyword.used.map { Proposal(text: $0, kind: .keyword, detail: "keyword") }
    return proposals
  }

  // MARK: Members

  private var members: [Proposal] {
    let receiver = lookup.receiver(endingAt: cursor.tokens.count - 2)
    if case .command(let command) = receiver {
      return command.constants.map {
        Proposal(text: $0.member.name, kind: .property, detail: $0.member.help)
      }
    }
    guard let value = lookup.sample(of: receiver) else { return [] }
    var proposals: [Proposal] = []
    switch value {
    case .object(let object):
      proposals += object.members.map {
        Proposal(text: $0.name, kind: .property, detail: $0.help)
      }
      proposals += object.methods.map(proposal)
    case .tuple(let elements):
      proposals += elements.compactMap(\.label).map {
        Proposal(text: $0, kind: .property, detail: "element of the tuple")
      }
    default: break
    }
    let table = MemberTable.of(value)
    proposals += table.properties.values.map {
      Proposal(text: $0.member.name, kind: .property, detail: "\($0.type): \($0.member.help)")
    }
    proposals += table.methods.values.map { proposal($0.command) }
    proposals += table.mutating.values.map { proposal($0.command) }
    return proposals
  }

  // MARK: Arguments

  /// The labels that the call around the place still takes.
  private var labels: [Proposal] {
    guard let call = cursor.call, call.isAtStart, call.label == nil, !call.isInArray,
      let command = lookup.command(at: call.callee)
    else { return [] }
    let given = call.labels.compactMap { $0 }
    return command.parameters.compactMap { parameter in
      guard let label = parameter.label, !given.contains(label) else { return nil }
      return Proposal(text: "\(label):", kind: .parameter, detail: parameter.detail)
    }
  }

  /// The implicit members that the current argument takes.
  private func choices(dot: String) -> [Proposal] {
    guard let call = cursor.call, dot.isEmpty || call.isAtStart,
      let command = lookup.command(at: call.callee),
      let parameter = lookup.parameter(of: command, in: call)
    else { return [] }
    return parameter.choices.map {
      Proposal(text: dot + $0.name + $0.arguments, kind: .choice, detail: $0.help)
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
