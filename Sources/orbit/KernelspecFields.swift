import JupyterProtocol

/// The rules for a `kernel.json`, of Jupyter's enhancement proposal 105.
enum KernelspecFields {
  /// What is wrong with a description, a sentence each; empty when all is well.
  static func problems(of description: JSONValue) -> [String] {
    guard let fields = description.members else { return ["it is not a JSON object"] }
    var problems: [String] = []
    for name in ["argv", "display_name", "language"] where fields[name] == nil {
      problems.append("the field '\(name)' is missing")
    }
    for member in fields.members {
      guard let rule = rules[member.key] else {
        problems.append("the field '\(member.key)' is not known")
        continue
      }
      if let problem = rule(member.value) { problems.append("'\(member.key)' \(problem)") }
    }
    return problems
  }

  private static let rules: [String: @Sendable (JSONValue) -> String?] = [
    "argv": { value in
      guard let texts = texts(value), texts.first?.isEmpty == false else {
        return "is not a list of texts that begins with a program"
      }
      let count = texts.count { $0.contains("{connection_file}") }
      return count == 1 ? nil : "names {connection_file} \(count) times, not once"
    },
    "display_name": nonempty,
    "language": nonempty,
    "kernel_protocol_version": { value in
      let parts = (value.text ?? "").split(separator: ".", omittingEmptySubsequences: false)
      let isVersion = (2...3).contains(parts.count) && parts.allSatisfy { Int($0) ?? -1 >= 0 }
      return isVersion ? nil : "is not a version such as 5.5"
    },
    "interrupt_mode": { value in
      ["signal", "message"].contains(value.text) ? nil : "is neither 'signal' nor 'message'"
    },
    "env": { value in
      let isEnvironment = value.members?.members.allSatisfy { $0.value.text != nil } ?? false
      return isEnvironment ? nil : "is not an object of texts"
    },
    "metadata": { value in value.members == nil ? "is not an object" : nil },
  ]

  private static let nonempty: @Sendable (JSONValue) -> String? = { value in
    (value.text ?? "").isEmpty ? "is not a text, or an empty one" : nil
  }

  private static func texts(_ value: JSONValue) -> [String]? {
    guard let elements = value.elements else { return nil }
    let texts = elements.compactMap(\.text)
    return texts.count == elements.count ? texts : nil
  }
}
