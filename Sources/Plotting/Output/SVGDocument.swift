/// What Cairo's SVG lacks: stable names, a title, and the description for those who listen.
enum SVGDocument {
  /// Completes an SVG document.
  ///
  /// Cairo numbers the parts of a document by a counter of the whole process, and the same way in
  /// every document. Here each gets a name from its place and from the document's content, so that
  /// equal pictures are equal text, and several pictures in one page do not borrow each other's
  /// letters.
  static func complete(_ bytes: [UInt8], title: String, description: String) -> String {
    let neutral = renamed(bytes, prefix: "")
    let prefix = "f" + String(fingerprint(neutral), radix: 36) + "-"
    let text = sharpened(String(decoding: renamed(bytes, prefix: prefix), as: UTF8.self))
    guard let start = text.range(of: "<svg "),
      let end = text[start.upperBound...].firstIndex(of: ">")
    else { return text }
    var result = String(text[start.lowerBound..<start.upperBound])
    result += "role=\"img\" "
    result += text[start.upperBound...end]
    if !title.isEmpty { result += "\n<title>\(escaped(title))</title>" }
    result += "\n<desc>\(escaped(description))</desc>"
    result += text[text.index(after: end)...]
    return result
  }

  /// Asks viewers to show the pixels of small images as sharp squares, which Cairo does not say.
  ///
  /// Images of at least 128 pixels are drawn smaller than they are, and are better smoothed.
  private static func sharpened(_ document: String) -> String {
    let pieces = document.split(separator: "<image ", omittingEmptySubsequences: false)
    return pieces.enumerated().map { index, piece in
      guard index > 0 else { return String(piece) }
      let digits = piece.range(of: "width=\"").map { piece[$0.upperBound...].prefix { $0 != "\"" } }
      let isSmall = digits.flatMap { Double(String($0)) }.map { $0 < 128 } ?? false
      return (isSmall ? "<image style=\"image-rendering:pixelated\" " : "<image ") + piece
    }.joined()
  }

  /// The text with the characters replaced that mean something in XML, and control characters left
  /// out.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: break
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Gives every name of a part its number in order of appearance, after a prefix.
  private static func renamed(_ bytes: [UInt8], prefix: String) -> [UInt8] {
    let openings = ["id=\"", "href=\"#", "url(#"].map { Array($0.utf8) }
    let ends: [UInt8] = Array("\")".utf8)
    var names: [ArraySlice<UInt8>: Int] = [:]
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var at = 0
    while at < bytes.count {
      let first = bytes[at]
      guard first == openings[0][0] || first == openings[1][0] || first == openings[2][0],
        let opening = openings.first(where: { bytes[at...].starts(with: $0) }),
        let end = bytes[(at + opening.count)...].firstIndex(where: ends.contains)
      else {
        result.append(first)
        at += 1
        continue
      }
      let name = bytes[(at + opening.count)..<end]
      let number = names[name] ?? names.count
      names[name] = number
      result += opening
      result += Array("\(prefix)\(number)".utf8)
      at = end
    }
    return result
  }

  /// The 64-bit FNV-1a hash, which stays the same between runs.
  private static func fingerprint(_ bytes: [UInt8]) -> UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}

extension StringProtocol {
  /// The first place where another text stands in this one.
  fileprivate func range(of other: String) -> Range<Index>? {
    var start = startIndex
    while let candidate = self[start...].firstIndex(where: { $0 == other.first }) {
      if self[candidate...].hasPrefix(other) {
        return candidate..<index(candidate, offsetBy: other.count)
      }
      start = index(after: candidate)
    }
    return nil
  }
}
