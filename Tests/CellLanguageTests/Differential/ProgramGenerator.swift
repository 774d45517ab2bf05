/// Writes random programs that use all of the grammar.
///
/// The same seed gives the same program (SplitMix64).
struct ProgramGenerator {
  private var state: UInt64
  private var loops = 0
  private var functions = 0
  private var switches = 0
  /// Whether the closures around this place use `$0`.
  private var anonymous: [Bool] = []
  private var budget = 0

  init(seed: UInt64) {
    // Another constant than the step's, so that neighbouring seeds do not give shifted copies of
    // one sequence.
    state = (seed &+ 1) &* 0xD6E8_FEB8_6659_FD93
    state ^= state >> 32
  }

  private mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  private mutating func below(_ count: Int) -> Int { Int(next() % UInt64(count)) }

  private mutating func chance(_ percent: Int) -> Bool { below(100) < percent }

  private mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[below(elements.count)]
  }

  // MARK: Programs

  mutating func program() -> String {
    budget = 12 + below(50)
    var text = chance(5) ? "# a comment for papermill\n" : ""
    for _ in 0..<(1 + below(4)) {
      text +=
        statement(indent: "")
        + pick(["\n", "\n", "\n", "\n\n", ";\n", "; ", " // end\n", " /* end */\n"])
    }
    return text
  }

  private mutating func block(_ indent: String) -> String {
    let inner = indent + "  "
    let count = below(3)
    if count == 0 { return pick(["{}", "{ }", "{\n\(indent)}"]) }
    if chance(25) { return "{ " + statement(indent: inner) + " }" }
    var text = "{\n"
    for _ in 0..<count {
      text += inner + statement(indent: inner) + pick(["\n", "\n", ";\n", " // note\n"])
    }
    return text + indent + "}"
  }

  private mutating func statement(indent: String) -> String {
    budget -= 1
    let isSmall = budget <= 0
    switch below(isSmall ? 9 : 20) {
    case 0, 1, 2: return expressionStatement()
    case 3: return pick(["let ", "var "]) + binding() + (chance(12) ? ", " + binding() : "")
    case 4: return target() + assigning(pick([" = ", "=", " =\n\(indent)  "]), expression())
    case 5: return target() + " " + pick(["+=", "-=", "*=", "/=", "%="]) + " " + expression()
    case 6:
      return pick(["_", "(_, \(name()))", "(\(name()), \(name()))"])
        + assigning(pick([" = ", "="]), expression())
    case 7: return "try " + chainedCall(3)
    case 8:
      if functions > 0, chance(50) {
        return chance(60) ? "return " + expression() : "if \(name()) { return }"
      }
      if loops > 0, chance(50) { return pick(["break", "continue"]) }
      return expressionStatement()
    case 9, 10, 11: return conditional(indent)
    case 12, 13: return loop(indent)
    case 14: return choice(indent)
    case 15, 16: return function(indent)
    case 17:
      loops += 1
      defer { loops -= 1 }
      return "while " + condition() + " " + block(indent)
    case 18:
      loops += 1
      let body = "repeat " + block(indent)
      loops -= 1
      return body + " while " + expression()
    default: return "let (\(name()), \(pick(["_", name()]))) = " + expression()
    }
  }

  private mutating func expressionStatement() -> String {
    // A statement cannot begin with a dot or a brace; a call is the usual one.
    chance(60) ? chainedCall(3) : binary(0, 3)
  }

  private mutating func binding() -> String {
    if chance(20) { return name() + ": " + type(2) + " = " + expression() }
    return name() + assigning(pick([" = ", "=", " = "]), expression())
  }

  /// An equals sign and a value; before a sign, a dot or a space the two need space between them.
  private func assigning(_ sign: String, _ value: String) -> String {
    (sign == "=" && !startsPlain(value) ? " = " : sign) + value
  }

  private mutating func conditional(_ indent: String) -> String {
    var text = "if " + condition() + " " + block(indent)
    while chance(25) {
      text += pick([" else if ", "\n\(indent)else if "]) + condition() + " " + block(indent)
    }
    if chance(40) { text += " else " + block(indent) }
    return text
  }

  private mutating func loop(_ indent: String) -> String {
    loops += 1
    defer { loops -= 1 }
    let pattern = pick([name(), "_", "(\(name()), \(name()))", "(_, (\(name()), \(name())))"])
    return "for \(pattern) in " + condition() + (chance(25) ? " where " + condition() : "") + " "
      + block(indent)
  }

  private mutating func choice(_ indent: String) -> String {
    switches += 1
    defer { switches -= 1 }
    var text = "switch " + condition() + " {\n"
    for _ in 0..<(1 + below(3)) {
      text += indent + "case " + pattern()
      while chance(25) { text += ", " + pattern() }
      text += (chance(15) ? " where " + expression() : "") + pick([": ", ":\n\(indent)  "])
      text += statement(indent: indent + "  ") + "\n"
    }
    if chance(80) {
      text += indent + "default: " + pick(["break", statement(indent: indent + "  ")]) + "\n"
    }
    return text + indent + "}"
  }

  private mutating func pattern() -> String {
    pick([
      ".\(member())", "\(below(10))", "\(below(5))...\(below(9))", string(1), "-\(below(9))",
      "(1, \(below(5)))", name(),
    ])
  }

  private mutating func function(_ indent: String) -> String {
    let (outerLoops, outerSwitches, outerAnonymous) = (loops, switches, anonymous)
    (loops, switches) = (0, 0)
    anonymous = []
    functions += 1
    defer {
      (loops, switches, anonymous) = (outerLoops, outerSwitches, outerAnonymous)
      functions -= 1
    }
    var parameters: [String] = []
    for _ in 0..<below(4) {
      let label = pick(["", "_ ", "on ", "for ", "in "])
      parameters.append(label + name() + ": " + type(2) + (chance(25) ? " = " + expression() : ""))
    }
    let effects = pick(["", "", "", " throws", " async", " async throws"])
    return "func \(name())(\(parameters.joined(separator: ", ")))" + effects
      + (chance(40) ? " -> " + type(2) : "") + " " + block(indent)
  }

  private mutating func type(_ depth: Int) -> String {
    guard depth > 0 else { return pick(["Int", "Double", "String", "Bool", "Dataset"]) }
    switch below(10) {
    case 0: return "[" + type(depth - 1) + "]"
    case 1: return "[" + type(depth - 1) + ": " + type(depth - 1) + "]"
    case 2: return type(0) + "?"
    case 3: return "(" + type(depth - 1) + ", " + type(depth - 1) + ")"
    case 4: return "(" + type(depth - 1) + ") -> " + type(depth - 1)
    case 5: return "Array<" + type(0) + "> "
    default: return type(0)
    }
  }

  // MARK: Expressions

  private mutating func name() -> String {
    pick([
      "a", "b", "x", "y", "run", "aet", "small", "fashion", "loss", "größe", "x_1", "λ", "train",
      "prefixed",
    ])
  }

  private mutating func member() -> String {
    pick(["count", "loss", "first", "test", "reflect", "pca", "default", "in", "map", "é"])
  }

  private mutating func target() -> String {
    switch below(5) {
    case 0: return name() + "[" + expression() + "]"
    case 1: return name() + "." + pick(["count", "loss", "é"])
    case 2: return name() + "." + pick(["0", "1", "12"])
    default: return name()
    }
  }

  private mutating func expression() -> String {
    budget -= 1
    return expression(budget > 0 ? 3 : 1)
  }

  private mutating func expression(_ depth: Int) -> String {
    if depth > 0, chance(8) {
      return binary(0, depth - 1) + pick([" ? ", "\n ? "]) + expression(depth - 1) + " : "
        + expression(depth - 1)
    }
    if chance(5) { return pick(["try ", "await ", "try await "]) + binary(0, depth) }
    return binary(0, depth)
  }

  /// An expression where a brace would begin the body of a statement.
  private mutating func condition() -> String {
    chance(40)
      ? "(" + expression() + ")"
      : pick(["\(name())", "\(below(9))", name() + "." + member()])
        + pick([
          "", " < 3", " == \(name())", " + 1", " && \(name())", "...\(below(9))",
          ".\(member())(\(expression()))", "[\(expression())]",
        ])
  }

  /// Swift's operators with their precedence; 0 for those that do not chain, -1 for right, 1 for
  /// left.
  private static let operators: [(text: String, precedence: Int, chain: Int)] = [
    ("*", 8, 1), ("/", 8, 1), ("%", 8, 1), ("+", 7, 1), ("-", 7, 1), ("...", 6, 0), ("..<", 6, 0),
    ("??", 5, -1),
    ("<", 4, 0), ("<=", 4, 0), (">", 4, 0), (">=", 4, 0), ("==", 4, 0), ("!=", 4, 0), ("&&", 3, 1),
    ("||", 2, 1),
  ]

  private mutating func binary(_ least: Int, _ depth: Int) -> String {
    let usable = Self.operators.filter { $0.precedence >= least }
    guard depth > 0, chance(45), !usable.isEmpty else { return prefix(depth) }
    let (text, precedence, chain) = pick(usable)
    let left = binary(chain == 1 ? precedence : precedence + 1, depth - 1)
    let right = binary(chain == -1 ? precedence : precedence + 1, depth - 1)
    if text == "/", [".default", ".in"].contains(where: { left.hasSuffix($0) }) {
      return "(" + left + ") / " + right
    }
    let isTight =
      chance(25) && text != "??" && text != "!=" && !endsInOperator(left) && startsPlain(right)
    if isTight { return left + text + right }
    return left
      + pick([
        " \(text) ", " \(text) ", " \(text)\n  ", "\n  \(text) ", " /* o */ \(text) ",
        "  \(text)  ",
      ]) + right
  }

  private func endsInOperator(_ text: String) -> Bool {
    text.last.map { "+-*/%<>=!&|?.".contains($0) || $0.isNewline } ?? true
  }

  private func startsPlain(_ text: String) -> Bool {
    text.first.map {
      $0.isLetter || $0.isNumber || $0 == "(" || $0 == "[" || $0 == "\"" || $0 == "_"
    } ?? false
  }

  private mutating func prefix(_ depth: Int) -> String {
    chance(10)
      ? pick(["-", "!", "+"]) + postfix(depth, isOperand: true) : postfix(depth, isOperand: false)
  }

  private mutating func postfix(_ depth: Int, isOperand: Bool) -> String {
    var text = isOperand ? pick([name(), "(\(name()))", "\(below(20))"]) : primary(depth)
    while depth > 0, chance(25) {
      switch below(5) {
      case 0: text += "." + member()
      case 1: text += "[" + subscriptIndex(depth - 1) + "]"
      case 2: text += "(" + arguments(depth - 1) + ")"
      case 3 where !endsInOperator(text): text += "!"
      default: text += pick([".", "\n    ."]) + member() + "(" + arguments(depth - 1) + ")"
      }
    }
    return text
  }

  private mutating func subscriptIndex(_ depth: Int) -> String {
    switch below(6) {
    case 0: return "\(below(5))..."
    case 1: return "...\(below(5))"
    case 2: return "..<\(name())"
    default: return expression(depth)
    }
  }

  private mutating func chainedCall(_ depth: Int) -> String {
    var text = name() + "(" + arguments(depth - 1) + ")"
    while chance(25) { text += "." + member() + (chance(50) ? "(" + arguments(1) + ")" : "") }
    if chance(15) { text = name() + "." + pick(["map", "filter"]) + " " + closure(depth) }
    if chance(8) { text = name() + "(" + arguments(1) + ") " + closure(depth) }
    return text
  }

  private mutating func arguments(_ depth: Int) -> String {
    var list: [String] = []
    for _ in 0..<below(4) {
      let label =
        chance(45) ? pick(["on: ", "for: ", "epochs: ", "in: ", "default: ", "seed:"]) : ""
      let value: String =
        switch below(14) {
        case 0: pick(["+", "-", "*", "<", ">", "=="])
        case 1, 2: "." + member()
        case 3: ".crop(size: \(below(64)))"
        default: expression(depth)
        }
      list.append(label + value)
    }
    return list.joined(separator: pick([", ", ",", ",\n      "]))
  }

  private mutating func primary(_ depth: Int) -> String {
    if depth <= 0 { return leaf() }
    switch below(12) {
    case 0:
      var elements: [String] = []
      for _ in 0..<below(4) { elements.append(expression(depth - 1)) }
      return "[" + elements.joined(separator: ", ") + (chance(15) && !elements.isEmpty ? "," : "")
        + "]"
    case 1:
      var entries: [String] = []
      for _ in 0..<below(3) {
        entries.append(expression(depth - 1) + pick([": ", " : ", ":"]) + leaf())
      }
      return entries.isEmpty ? "[:]" : "[" + entries.joined(separator: ", ") + "]"
    case 2: return "(" + expression(depth - 1) + ")"
    case 3:
      return pick([
        "(\(leaf()), \(expression(depth - 1)))", "(x: \(expression(depth - 1)), in: \(leaf()))",
        "()",
      ])
    case 4: return "(" + closure(depth - 1) + ")"
    case 5: return string(depth)
    case 6: return name() + "(" + arguments(depth - 1) + ")"
    default: return leaf()
    }
  }

  private mutating func closure(_ depth: Int) -> String {
    let (outerLoops, outerSwitches) = (loops, switches)
    (loops, switches) = (0, 0)
    functions += 1
    defer {
      (loops, switches) = (outerLoops, outerSwitches)
      functions -= 1
      anonymous.removeLast()
    }
    let isAnonymous = chance(50)
    anonymous.append(isAnonymous)
    let head =
      isAnonymous
      ? ""
      : pick([
        "x in ", "x, y in ", "_ in ", "(x) in ", "(x, _) in ", "(x: Int) -> Int in ",
        "(a: [Int], b) in ", "() in ",
        "x in\n  ",
      ])
    if chance(70) { return pick(["{ ", "{"]) + head + binary(0, depth - 1) + pick([" }", "\n}"]) }
    return "{ " + head + "\n  " + statement(indent: "  ") + "\n  " + statement(indent: "  ") + "\n}"
  }

  private mutating func leaf() -> String {
    switch below(14) {
    case 0: return "\(below(1_000))"
    case 1: return pick(["10_000", "0xFF", "0b1010", "0o17", "1_0"])
    case 2: return pick(["0.8", "1.5e-3", "2E4", "1_000.25", "1e+5"])
    case 3: return pick(["true", "false", "nil"])
    case 4: return string(0)
    case 5 where anonymous.last == true: return pick(["$0", "$1"])
    case 6: return name() + "." + pick(["0", "1"])
    default: return name()
    }
  }

  private mutating func string(_ depth: Int) -> String {
    let text = pick(["", "abc", "a b", "é 猫", "\\n", "\\t\\\"", "\\u{3B1}", "#", "//", "{", "'"])
    switch below(8) {
    case 0 where depth > 0:
      // Interpolations stand on one line.
      let value = binary(0, depth - 1)
      let inner = value.contains { $0.isNewline } ? name() : value
      return "\"" + text + "\\(" + inner + ")" + text + "\""
    case 1 where depth > 0: return "\"\\(" + name() + ")\\(" + name() + "[\(below(3))])\""
    case 2:
      return "#\"" + pick(["a\\b", "\"", "\\(x)", ""]) + pick(["z", "\\#n", "\\#(\(name()))"])
        + "\"#"
    case 3 where depth > 0:
      let indent = pick(["", "  ", "\t"])
      let lines = [text, "x \\(\(name()))", "", "\\\"\\\"\\\"", "a \\", "  deeper"].shuffledDown(
        below(6))
      return "\"\"\"\n" + lines.map { $0.isEmpty ? "" : indent + $0 }.joined(separator: "\n") + "\n"
        + indent + "end\n"
        + indent + "\"\"\""
    default: return "\"" + text + "\""
    }
  }
}

extension [String] {
  fileprivate func shuffledDown(_ start: Int) -> [String] { Array(self[start...]) }
}
