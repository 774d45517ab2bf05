extension Value: CustomStringConvertible {
  /// The value as `print` and interpolation show it.
  ///
  /// Strings stand bare, inside collections in quotes. A text of more than a million characters
  /// ends in `…`.
  public var description: String {
    if case .string(let string) = self { return string }
    var text = ""
    write(to: &text, depth: 0)
    return text
  }

  private static let longest = 1_000_000

  private func write(to text: inout String, depth: Int) {
    guard text.utf8.count < Self.longest, depth < 1_000 else {
      if !text.hasSuffix("…") { text += "…" }
      return
    }
    switch self {
    case .none: text += "nil"
    case .boolean(let flag): text += flag ? "true" : "false"
    case .integer(let integer): text += String(integer)
    case .number(let number): text += String(number)
    case .string(let string): text += quoted(string)
    case .array(let elements):
      text += "["
      for (place, element) in elements.enumerated() {
        guard text.utf8.count < Self.longest else { break }
        if place > 0 { text += ", " }
        element.write(to: &text, depth: depth + 1)
      }
      text += "]"
    case .dictionary(let dictionary): write(dictionary, to: &text, depth: depth)
    case .tuple(let elements):
      text += "("
      for (place, element) in elements.enumerated() {
        guard text.utf8.count < Self.longest else { break }
        if place > 0 { text += ", " }
        if let label = element.label { text += "\(label): " }
        element.value.write(to: &text, depth: depth + 1)
      }
      text += ")"
    case .range(let range): text += range.cellText
    case .function(let function): text += function.signature
    case .implicitMember(let member):
      text += ".\(member.name)"
      guard !member.arguments.isEmpty else { return }
      text += "("
      for (place, argument) in member.arguments.enumerated() {
        if place > 0 { text += ", " }
        if let label = argument.label { text += "\(label): " }
        argument.value.write(to: &text, depth: depth + 1)
      }
      text += ")"
    case .object(let object): text += object.summary
    }
  }

  private func write(_ dictionary: ValueDictionary, to text: inout String, depth: Int) {
    guard !dictionary.isEmpty else {
      text += "[:]"
      return
    }
    text += "["
    for (place, entry) in dictionary.entries.enumerated() {
      guard text.utf8.count < Self.longest else { break }
      if place > 0 { text += ", " }
      entry.key.value.write(to: &text, depth: depth + 1)
      text += ": "
      entry.value.write(to: &text, depth: depth + 1)
    }
    text += "]"
  }
}
