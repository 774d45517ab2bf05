/// Help about the word at a place of a cell.
public struct Inspection: Sendable, Equatable {
  /// The help as plain text.
  public let text: String
  /// The help as Markdown.
  public let markdown: String

  /// Makes help from both forms.
  public init(text: String, markdown: String) {
    self.text = text
    self.markdown = markdown
  }
}

/// Help about the word at a place, or about the call whose parentheses stand around it; nil when
/// there is none.
///
/// - Parameters:
///   - offset: the place, in unicode scalars; inside a word or just after it.
///   - detail: 0, or 1 for more.
public func inspect(
  _ text: String, at offset: Int, vocabulary: Vocabulary, names: NameTable, detail: Int = 0,
  limits: Limits = Limits()
) -> Inspection? {
  guard text.utf8.count <= limits.textBytes else { return nil }
  let source = SourceText(text)
  var end = min(max(0, offset), source.scalars.count)
  while end < source.scalars.count, Characters.isIdentifierPart(source.scalars[end]) { end += 1 }
  let cursor = Cursor(source, at: end)
  guard !cursor.isInComment else { return nil }
  let lookup = Lookup(cursor: cursor, vocabulary: vocabulary, names: names)
  let inspector = Inspector(lookup: lookup, cursor: cursor, source: source, detail: detail)
  return inspector.word ?? inspector.enclosingCall
}

private struct Inspector {
  let lookup: Lookup
  let cursor: Cursor
  let source: SourceText
  let detail: Int

  /// Help about the word itself.
  var word: Inspection? {
    let name = cursor.wordText
    guard !name.isEmpty else { return nil }
    if cursor.followsDot { return cursor.dotFollowsValue ? member(name) : choice(name) }
    if let call = cursor.call, call.isAtStart, call.label == nil, isFollowedByColon,
      let command = lookup.command(at: call.callee),
      let parameter = command.parameters.first(where: { $0.label == name })
    {
      return parameter.inspection(of: command)
    }
    if let value = lookup.names[name] { return variable(name, value) }
    if let command = lookup.vocabulary.lookup(name) { return command.help(detail: detail) }
    return nil
  }

  /// Help about the command whose arguments are being written.
  var enclosingCall: Inspection? {
    cursor.call.flatMap { lookup.command(at: $0.callee) }?.help(detail: detail)
  }

  private var isFollowedByColon: Bool {
    var place = cursor.word.end
    while place < source.scalars.count, source.scalars[place] == " " { place += 1 }
    return place < source.scalars.count && source.scalars[place] == ":"
  }

  private func plain(_ title: String, _ lines: [String]) -> Inspection {
    Inspection(
      text: ([title] + lines).joined(separator: "\n"),
      markdown: (["`\(title)`", ""] + lines).joined(separator: "\n"))
  }

  private func variable(_ name: String, _ value: Value) -> Inspection {
    let word = lookup.names.isConstant(name) ? "let" : "var"
    var lines = [oneLine(value)]
    if case .object(let object) = value { lines += memberLines(of: object) }
    if case .function(let function) = value { lines = [function.signature] }
    return plain("\(word) \(name): \(value.typeName)", lines)
  }

  private func memberLines(of object: any HostObject) -> [String] {
    let members = object.members.map { "  .\($0.name)  \($0.help)" }
    let methods = object.methods.map { "  .\($0.signature)  \($0.summary)" }
    return members.isEmpty && methods.isEmpty ? [] : ["", "Members"] + members + methods
  }

  private func member(_ name: String) -> Inspection? {
    let receiver = lookup.receiver(endingAt: cursor.tokens.count - 2)
    if case .command(let command) = receiver {
      return command.constants.first { $0.member.name == name }.map {
        plain("\(command.name).\(name)", [$0.member.help])
      }
    }
    guard let value = lookup.sample(of: receiver) else { return nil }
    if case .object(let object) = value,
      let member = object.members.first(where: { $0.name == name })
    {
      var lines = [member.help]
      if case .value = receiver, let current = try? object.member(name) {
        lines.append("\(current.typeName): \(oneLine(current))")
      }
      return plain("\(object.typeName).\(name)", lines)
    }
    if let method = lookup.method(name, of: value) { return method.help(detail: detail) }
    if let property = MemberTable.of(value).properties[name] {
      return plain("\(value.typeName).\(name): \(property.type)", [property.member.help])
    }
    return nil
  }

  private func choice(_ name: String) -> Inspection? {
    guard let call = cursor.call, let command = lookup.command(at: call.callee),
      let parameter = lookup.parameter(of: command, in: call),
      let choice = parameter.choices.first(where: { $0.name == name })
    else { return nil }
    return plain(
      ".\(choice.name)\(choice.arguments)",
      [choice.help, "", "A value of `\(parameter.shownName)` of \(command.name)"])
  }
}
