public import Tensors

/// Changes of saturation, contrast, brightness and sharpness, each by a factor of its own.
///
/// A factor f is drawn uniformly from [1 - a, 1 + a], as in the released code of EnAET (Wang et al.,
/// 2020), where a is 0.8. The target is f - 1 for every blend with a range, in the order of `ColorBlend`;
/// the released code, and so published mode, regresses f as it is. After clamping, brightness and contrast
/// can no longer be told apart altogether, so that no decoder reaches an error of 0.
public struct Color: TransformationFamily {
  /// a of the brightness.
  public let brightness: Float
  /// a of the contrast.
  public let contrast: Float
  /// a of the saturation.
  public let saturation: Float
  /// a of the sharpness.
  public let sharpness: Float
  /// How factors are written; they are drawn alike.
  public let convention: Convention

  /// Takes how far each factor may be from 1; a blend with 0 is neither applied nor predicted.
  ///
  /// - Throws: `TensorError.argument` when one is not in 0...0.95, or all are 0.
  public init(
    brightness: Float = 0.8, contrast: Float = 0.8, saturation: Float = 0.8, sharpness: Float = 0.8,
    convention: Convention = .centred
  ) throws(TensorError) {
    for (name, value) in [
      ("brightness", brightness), ("contrast", contrast), ("saturation", saturation),
      ("sharpness", sharpness),
    ] {
      try Options.check(
        "Color", name, value, in: 0...0.95, unit: "either way of 1: a factor near 0 erases")
    }
    self.brightness = brightness
    self.contrast = contrast
    self.saturation = saturation
    self.sharpness = sharpness
    self.convention = convention
    guard !blends.isEmpty else {
      throw .argument(
        operation: "Color", name: "factors", value: "all 0",
        fix: "give at least one of brightness, contrast, saturation and sharpness a range")
    }
  }

  /// The blends that have a range, in the order of application.
  public var blends: [ColorBlend] { ColorBlend.allCases.filter { range(of: $0) > 0 } }

  /// How far the factor of a blend may be from 1.
  public func range(of blend: ColorBlend) -> Float {
    switch blend {
    case .saturation: saturation
    case .contrast: contrast
    case .brightness: brightness
    case .sharpness: sharpness
    }
  }

  /// The name of the family.
  public var name: String { "colour" }
  /// What is drawn: the factors.
  public var parameterNames: [String] { blends.map(\.rawValue) }
  /// The coordinates of a target.
  public var targetNames: [String] { blends.map(\.rawValue) }
  /// Nothing lies beyond the frame of an image whose pixels stay where they are.
  public var fill: Fill { .reflect }
  /// No pixel moves.
  public var isGeometric: Bool { false }
  /// The family itself.
  public var color: Color? { self }
  /// Every option with its value.
  public var description: String {
    "colour: "
      + ColorBlend.allCases.map {
        range(of: $0) > 0 ? "\($0.rawValue) ±\(range(of: $0))" : "no \($0.rawValue)"
      }.joined(separator: ", ") + ", \(convention)"
  }

  /// The same ranges under another convention.
  public func adopting(_ convention: Convention) throws(TensorError) -> Color {
    try Color(
      brightness: brightness, contrast: contrast, saturation: saturation, sharpness: sharpness,
      convention: convention)
  }

  /// Without saturation where images have no colours.
  ///
  /// - Throws: `TensorError.argument` when nothing else has a range.
  public func fitting(channels: Int) throws(TensorError) -> Color {
    guard channels != 3, saturation > 0 else { return self }
    guard blends != [.saturation] else {
      throw .argument(
        operation: "Color", name: "saturation", value: "\(saturation)",
        fix: "images of \(channels) channel\(channels == 1 ? "" : "s") have no saturation; give "
          + "brightness, contrast or sharpness a range")
    }
    return try Color(
      brightness: brightness, contrast: contrast, saturation: 0, sharpness: sharpness,
      convention: convention)
  }

  /// Throws when the size has no pixels.
  public func check(size: ImageSize) throws(TensorError) {
    try Options.check("Color", size: size)
  }

  /// Draws the factors.
  ///
  /// - Throws: what `check(size:)` throws.
  public func sample(size: ImageSize, using generator: inout Generator) throws(TensorError)
    -> Transformation
  {
    try check(size: size)
    var factors = ColorFactors.identity
    for blend in blends {
      factors[blend] = generator.uniform(in: 1 - range(of: blend)...1 + range(of: blend))
    }
    return Transformation(factors, drawn: blends.map { factors[$0] })
  }

  /// f - 1 of every blend with a range; f in published mode.
  public func target(of transformation: Transformation, size: ImageSize) -> [Float] {
    blends.map { transformation.color[$0] - origin }
  }

  /// The factors that a target stands for, none below 0.01; `nil` when one is not finite.
  public func transformation(fromTarget target: [Float], size: ImageSize) -> Transformation? {
    guard target.count == targetDimension, target.allSatisfy(\.isFinite) else { return nil }
    var factors = ColorFactors.identity
    for (blend, value) in zip(blends, target) { factors[blend] = value + origin }
    return Transformation(factors, drawn: [])
  }

  /// The released code of EnAET does not whiten its factors.
  public func publishedWhitening(size: ImageSize) -> Whitening? {
    convention == .published ? .none(dimension: targetDimension) : nil
  }

  /// The mean distance of the predicted factors from the true ones.
  public func error(predicted: Transformation, truth: Transformation) -> Float {
    let distances = blends.map { abs(predicted.color[$0] - truth.color[$0]) }
    return distances.reduce(0, +) / Float(distances.count)
  }

  private var origin: Float { convention == .published ? 0 : 1 }
}
