extension ParameterDeclaration {
  /// The parameter in a signature: `epochs: whole number = 1`.
  public var signature: String {
    let labelled = label.map { $0 == name ? "\($0): " : "\($0) \(name): " } ?? "_ \(name): "
    let type =
      choices.isEmpty || choices.count > 4
      ? typeDescription : choices.map { ".\($0.name)" }.joined(separator: " | ")
    let end = isVariadic ? "…" : defaultText.map { " = \($0)" } ?? (isRequired ? "" : " = nil")
    return labelled + type + end
  }

  /// Default and range in one line for completion: `= 1, at least 1: passes over the images`.
  public var detail: String {
    var facts: [String] = []
    if let defaultText {
      facts.append("= \(defaultText)")
    } else if isRequired {
      facts.append("required")
    }
    facts.append(typeDescription + (bounds.map { " \($0.phrase)" } ?? ""))
    return facts.joined(separator: ", ") + (help.isEmpty ? "" : ": \(help)")
  }
}

extension Command {
  /// The command in one line: `train(_ model: model, epochs: whole number = 1) -> Run`.
  public var signature: String {
    let list = parameters.map(\.signature).joined(separator: ", ")
    return "\(name)(\(list))" + (result.isEmpty || result == "nothing" ? "" : " -> \(result)")
  }
}
