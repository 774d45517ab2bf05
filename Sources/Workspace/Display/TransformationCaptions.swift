import Imaging
import Methods

extension TransformationFamily {
  /// What was drawn, in the few words that fit above a picture; words that belong together are joined by
  /// spaces that do not break.
  ///
  /// Where pixels move, the outline of the frame tells more than ten numbers of corners would, so that a
  /// projective draw is told by its scale and turn.
  func caption(of drawn: Transformation) -> String {
    var words: [String] = []
    for (name, value) in zip(parameterNames, drawn.parameters) where !isCorner(name) {
      words.append("\(short(name))\u{A0}\(written(value, of: name))")
    }
    return words.joined(separator: " ")
  }

  private func isCorner(_ name: String) -> Bool {
    name.hasPrefix("top ") || name.hasPrefix("bottom ")
  }

  /// A parameter's name without its unit.
  private func short(_ name: String) -> String {
    switch name {
    case "rotation (degrees)": "turn"
    case "quarter turns": "turn"
    default: String(name.prefix { $0 != "(" }).trimmed
    }
  }

  private func written(_ value: Float, of name: String) -> String {
    let value = Double(value)
    if name == "quarter turns" { return "\(Int(value) * 90)°" }
    if name.hasSuffix("(degrees)") { return Written.decimals(value, 0) + "°" }
    if name.hasSuffix("(pixels)") { return Written.decimals(value, 1) }
    return Written.decimals(value, 2)
  }

  /// What an image of these channels does without; empty where it needs nothing.
  func note(channels: Int) -> String {
    guard let color, color.saturation > 0, channels != 3 else { return "" }
    return "no saturation, since the images are grey"
  }
}

extension String {
  /// The text without spaces at its end.
  fileprivate var trimmed: String {
    var result = self
    while result.last == " " { result.removeLast() }
    return result
  }
}

extension TransformationPredictions {
  /// How far the prediction of an image is from the truth, in the few words that fit below a picture.
  ///
  /// - Parameter expected: the error that the model itself expects, in pixels.
  func caption(
    at index: Int, family: any TransformationFamily, width: Int, expected: Double? = nil
  ) -> String {
    guard let prediction = predictions[index] else { return "no transformation" }
    var parts: [String] = []
    if family.isGeometric {
      let error = cornerErrors[index]
      // A corner this far off lies beyond the tile: say that the frame is not missing.
      let isOutside = error > Float(width) && family.color == nil
      let bar = expected.map { " ± \(Written.decimals($0, 1))" } ?? ""
      parts.append(
        error.isFinite
          ? "\(Written.decimals(Double(error), 1))\(bar) px\(isOutside ? ", outside" : "")"
          : "no transformation")
    }
    if let color = family.color {
      let error = color.error(predicted: prediction, truth: truths[index])
      parts.append("colour \(Written.decimals(Double(error), 2))")
    }
    return parts.joined(separator: ", ")
  }

  /// The mean distance of the predicted colour factors from the true ones; `nil` where none are drawn.
  func meanColorError(family: any TransformationFamily) -> Double? {
    guard let color = family.color else { return nil }
    let errors = zip(predictions, truths).compactMap { prediction, truth in
      prediction.map { Double(color.error(predicted: $0, truth: truth)) }
    }
    return errors.isEmpty ? nil : errors.reduce(0, +) / Double(errors.count)
  }
}
