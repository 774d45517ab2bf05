/// The binary operators of the language with Swift's precedence.
enum Operators {
  enum Association {
    case left, right, none
  }

  /// Precedence and association; a higher number binds tighter.
  static func binary(_ text: String) -> (precedence: Int, association: Association)? {
    switch text {
    case "*", "/", "%": (8, .left)
    case "+", "-": (7, .left)
    case "...", "..<": (6, .none)
    case "??": (5, .right)
    case "<", "<=", ">", ">=", "==", "!=": (4, .none)
    case "&&": (3, .left)
    case "||": (2, .left)
    default: nil
    }
  }

  static let compoundAssignments: Set<String> = ["+=", "-=", "*=", "/=", "%="]
  static let prefix: Set<String> = ["-", "+", "!"]
  /// The operators that may stand as an argument, as in `reduce(0, +)`.
  static let references: Set<String> = [
    "+", "-", "*", "%", "<", "<=", ">", ">=", "==", "!=", "&&", "||",
  ]

  /// What to write instead of an operator that the language does not have.
  static func advice(_ text: String) -> String? {
    switch text {
    case "**", "^": "write pow(base, exponent) for a power"
    case "//": "write / for a quotient"
    case "===", "!==": "write == or !="
    case "&", "|": "write && or || for truth values"
    case "++": "write += 1"
    case "--": "write -= 1"
    case "=>": "write >= or in"
    case "<>": "write !="
    case "=": "write == to compare"
    default:
      if text.count > 1, let last = text.last, "-+!".contains(last),
        binary(String(text.dropLast())) != nil || text.dropLast() == "="
      {
        "put a space before `\(last)`"
      } else {
        nil
      }
    }
  }
}
