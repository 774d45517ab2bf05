/// A curve as small as a word, for tables and progress panels.
public enum Sparkline {
  /// The curve in eighth blocks: `▇▆▄▃▂▂▁▁`.
  ///
  /// Values are averaged down to `width` characters; the lowest is ▁ and the highest █. What is not
  /// finite leaves a space, equal values a flat ▄.
  public static func text<Values: Collection>(_ values: Values, width: Int = 24) -> String
  where Values.Element: BinaryFloatingPoint {
    let buckets = averaged(values.map { Double($0) }, to: width)
    guard let range = Axis.range(of: buckets) else {
      return String(repeating: " ", count: buckets.count)
    }
    let blocks = Array("▁▂▃▄▅▆▇█")
    let span = range.upperBound - range.lowerBound
    return String(
      buckets.map { value -> Character in
        guard value.isFinite else { return " " }
        guard span > 0 else { return "▄" }
        let level = (value - range.lowerBound) / span * 8
        return blocks[min(max(Int(level), 0), 7)]
      })
  }

  /// The curve as an SVG element to stand in a page, in CSS pixels, with a dot at its end.
  ///
  /// - Parameters:
  ///   - reference: a height that is drawn as a dashed line, such as the constant predictor's loss.
  ///   - label: the words for those who do not see the curve.
  public static func svg<Values: Collection>(
    _ values: Values, width: Double = 240, height: Double = 48, reference: Double? = nil,
    color: Color = Theme.palette[0], label: String = ""
  ) -> String where Values.Element: BinaryFloatingPoint {
    let inner = Rectangle(x: 3, y: 4, width: width - 8, height: height - 8)
    let points = averaged(values.map { Double($0) }, to: max(2, Int(inner.width)))
    let start =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" "
      + "width=\"\(number(width))\" height=\"\(number(height))\" "
      + "viewBox=\"0 0 \(number(width)) \(number(height))\">"
      + (label.isEmpty ? "" : "<title>\(SVGDocument.escaped(label))</title>")
    let line = reference.map { [$0] } ?? []
    guard let range = Axis.range(of: points + line) else { return start + "</svg>" }
    let span = range.upperBound - range.lowerBound
    func y(_ value: Double) -> Double {
      span > 0
        ? inner.bottom - (value - range.lowerBound) / span * inner.height : inner.center.y
    }
    let places = points.enumerated().map { index, value in
      Point(inner.x + inner.width * Double(index) / Double(max(1, points.count - 1)), y(value))
    }
    var body = ""
    if let reference, reference.isFinite {
      let y = number(y(reference))
      body +=
        "<path d=\"M\(number(inner.x)) \(y)H\(number(inner.right))\" fill=\"none\" "
        + "stroke=\"\(Theme.reference.hexadecimal)\" stroke-dasharray=\"4 3\"/>"
    }
    for piece in Curve.pieces(of: places, where: { $0.y.isFinite }) {
      let path = piece.map { "\(number($0.x)) \(number($0.y))" }.joined(separator: "L")
      body +=
        "<path d=\"M\(path)\" fill=\"none\" stroke=\"\(color.hexadecimal)\" "
        + "stroke-width=\"1.8\" stroke-linejoin=\"round\" stroke-linecap=\"round\"/>"
    }
    if let last = places.last(where: { $0.y.isFinite }) {
      body +=
        "<circle cx=\"\(number(last.x))\" cy=\"\(number(last.y))\" r=\"2.6\" "
        + "fill=\"\(color.hexadecimal)\"/>"
    }
    return start + body + "</svg>"
  }

  /// The means of `count` equal parts; a part without finite values is not a number.
  private static func averaged(_ values: [Double], to count: Int) -> [Double] {
    guard count > 0, values.count > count else { return values }
    return (0..<count).map { part in
      let finite = values[(part * values.count / count)..<((part + 1) * values.count / count)]
        .filter(\.isFinite)
      return finite.isEmpty ? .nan : finite.reduce(0, +) / Double(finite.count)
    }
  }

  /// A coordinate with one digit after the point, as SVG writes it.
  private static func number(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    let (whole, rest) = (tenths.magnitude / 10, tenths.magnitude % 10)
    return (tenths < 0 ? "-" : "") + (rest == 0 ? "\(whole)" : "\(whole).\(rest)")
  }
}
