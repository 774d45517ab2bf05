import SwiftParser
import SwiftSyntax

/// The parts of one of Swift's string literals, escapes decoded.
enum SwiftStringShape {
  static func of(_ node: StringLiteralExprSyntax, value: (ExprSyntax) throws -> String) throws
    -> String
  {
    let hasValues = node.segments.contains { $0.is(ExpressionSegmentSyntax.self) }
    if !hasValues, let text = node.representedLiteralValue {
      return "(string \(CellShape.shown(text)))"
    }
    var parts: [String] = []
    var text = ""
    func flush() {
      if !text.isEmpty { parts.append(CellShape.shown(text)) }
      text = ""
    }
    let hashes = node.openingPounds?.text.count ?? 0
    for segment in node.segments {
      switch segment {
      case .stringSegment(let piece):
        text += try decoded(piece.content.text, hashes: hashes)
      case .expressionSegment(let piece):
        flush()
        guard piece.expressions.count == 1, let only = piece.expressions.first, only.label == nil
        else {
          throw SwiftShape.Refusal(description: "an interpolation with several parts")
        }
        parts.append("(value \(try value(only.expression)))")
      }
    }
    flush()
    if parts.isEmpty { parts = [CellShape.shown("")] }
    return "(string \(parts.joined(separator: " ")))"
  }

  /// Replaces the escapes of a piece that Swift's parser has accepted.
  private static func decoded(_ text: String, hashes: Int) throws -> String {
    let scalars = Array(text.unicodeScalars)
    var result = String.UnicodeScalarView()
    var place = 0
    func isEscape(_ place: Int) -> Bool {
      guard scalars[place] == "\\", place + hashes < scalars.count else { return false }
      return scalars[(place + 1)..<(place + 1 + hashes)].allSatisfy { $0 == "#" }
    }
    while place < scalars.count {
      guard isEscape(place) else {
        if scalars[place] == "\r" {
          // A line break counts as one line feed, however it is written.
          result.append("\n")
          place += place + 1 < scalars.count && scalars[place + 1] == "\n" ? 2 : 1
        } else {
          result.append(scalars[place])
          place += 1
        }
        continue
      }
      place += 1 + hashes
      guard place < scalars.count else { break }
      let mark = scalars[place]
      place += 1
      switch mark {
      case "0": result.append("\0")
      case "n": result.append("\n")
      case "r": result.append("\r")
      case "t": result.append("\t")
      case "u":
        var digits = ""
        place += 1
        while scalars[place] != "}" {
          digits.unicodeScalars.append(scalars[place])
          place += 1
        }
        place += 1
        guard let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value) else {
          throw SwiftShape.Refusal(description: "no character \(digits)")
        }
        result.append(scalar)
      case " ", "\t", "\n", "\r":
        // A backslash at the end of a line joins it to the next.
        place -= 1
        while place < scalars.count, scalars[place] == " " || scalars[place] == "\t" { place += 1 }
        if place < scalars.count, scalars[place] == "\r" { place += 1 }
        if place < scalars.count, scalars[place] == "\n" { place += 1 }
      default: result.append(mark)
      }
    }
    return String(result)
  }
}
