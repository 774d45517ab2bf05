/// The YAML at the head of a model's card: mappings and lists of texts and numbers.
enum YAMLText {
  /// A text in double quotes, whatever its characters.
  ///
  /// Written as in JSON; characters that YAML 1.1 calls unprintable are escaped, too.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x22: result += "\\\""
      case 0x5C: result += "\\\\"
      case 0x0A: result += "\\n"
      case 0x09: result += "\\t"
      case 0x0D: result += "\\r"
      case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// A number as YAML 1.1 reads one: `1.0e-05` needs its point.
  static func number(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? ".nan" : value > 0 ? ".inf" : "-.inf" }
    let text = "\(value)"
    guard let place = text.firstIndex(where: { $0 == "e" }) else { return text }
    let (digits, power) = (text[..<place], text[text.index(after: place)...])
    return (digits.contains(".") ? "\(digits)" : "\(digits).0")
      + "e" + (power.hasPrefix("-") || power.hasPrefix("+") ? "\(power)" : "+\(power)")
  }

  /// Letters and digits in lower case, all else as one hyphen: `fashion-mnist`.
  static func tag(_ text: String) -> String {
    var result = ""
    for character in text.lowercased() {
      if character.isASCII, character.isLetter || character.isNumber {
        result.append(character)
      } else if result.last != "-" {
        result.append("-")
      }
    }
    return result.split(separator: "-").joined(separator: "-")
  }
}
