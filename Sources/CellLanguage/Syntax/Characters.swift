/// The classes of characters that Swift's lexer knows.
enum Characters {
  static func isIdentifierStart(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x41...0x5A, 0x61...0x7A, 0x5F: true
    case 0..<0x80: false
    case 0x300...0x36F, 0x1DC0...0x1DFF, 0x20D0...0x20FF, 0xFE20...0xFE2F: false
    default: isIdentifierPart(scalar)
    }
  }

  /// The ranges of the Swift book's grammar, *identifier-character*, without U+FFFD, which stands
  /// for what could not be decoded.
  static func isIdentifierPart(_ scalar: Unicode.Scalar) -> Bool {
    let value = scalar.value
    if value < 0x80 {
      return switch value {
      case 0x41...0x5A, 0x61...0x7A, 0x5F, 0x30...0x39: true
      default: false
      }
    }
    switch value {
    case 0xA8, 0xAA, 0xAD, 0xAF, 0xB2...0xB5, 0xB7...0xBA, 0xBC...0xBE, 0xC0...0xD6, 0xD8...0xF6,
      0xF8...0xFF, 0x100...0x167F, 0x1681...0x180D, 0x180F...0x1FFF, 0x200B...0x200D,
      0x202A...0x202E, 0x203F...0x2040, 0x2054, 0x2060...0x206F, 0x2070...0x218F, 0x2460...0x24FF,
      0x2776...0x2793, 0x2C00...0x2DFF, 0x2E80...0x2FFF, 0x3004...0x3007, 0x3021...0x302F,
      0x3031...0x303F, 0x3040...0xD7FF, 0xF900...0xFD3D, 0xFD40...0xFDCF, 0xFDF0...0xFE44,
      0xFE47...0xFFFC:
      return true
    default:
      // Each plane above the first, up to the fourteenth, without its last two code points.
      return value >= 0x10000 && value < 0xF0000 && value & 0xFFFF <= 0xFFFD
    }
  }

  static func isOperator(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "/", "=", "-", "+", "*", "%", "<", ">", "!", "&", "|", "^", "~", "?", ".": true
    default: false
    }
  }

  static func isDigit(_ scalar: Unicode.Scalar) -> Bool { (0x30...0x39).contains(scalar.value) }

  static func isHexadecimal(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "0"..."9", "a"..."f", "A"..."F": true
    default: false
    }
  }

  static func isNewline(_ scalar: Unicode.Scalar) -> Bool { scalar == "\n" || scalar == "\r" }

  /// Marks that word processors and web pages put in place of the plain ones.
  static func plain(_ scalar: Unicode.Scalar) -> String? {
    switch scalar {
    case "\u{201C}", "\u{201D}", "\u{201E}", "\u{AB}", "\u{BB}": "\""
    case "\u{2018}", "\u{2019}": "\""
    case "\u{2212}", "\u{2013}", "\u{2014}": "-"
    case "\u{D7}", "\u{B7}", "\u{22C5}": "*"
    case "\u{F7}": "/"
    case "\u{2264}": "<="
    case "\u{2265}": ">="
    case "\u{2260}": "!="
    case "\u{2026}": "..."
    case "\u{A0}", "\u{202F}", "\u{2003}", "\u{3000}": "a plain space"
    default: nil
    }
  }
}
