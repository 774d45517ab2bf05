public import CellLanguage
public import Imaging

/// The words that build families of transformations.
enum TransformationWords {
  static let all: [Command] = [affine, similarity, euclidean, projective, color]

  private static let topic = "transformations"
  private static let returns = "TransformationFamily"

  private static let rotation = Parameter<Double>(
    "rotation", default: 180, in: 0...180, "degrees either way")
  private static let translation = Parameter<Double>(
    "translation", default: 0.2, in: 0...1, "part of the side, either way")
  private static let scale = Parameter<ClosedRange<Double>>(
    "scale", default: 0.7...1.3, in: 0.01...100, "factors")
  private static let fill = Parameter<FillChoice>(
    "fill", default: FillChoice(fill: .reflect), "what lies beyond the frame")
  private static let mask = Parameter<ViewMask>(
    "mask", default: .whole, "the part of both views that a model sees")

  static let affine = Command(
    "Affine", "Turns, shifts, scales and shears about the centre, drawn uniformly.",
    parameters: rotation, translation, scale,
    Parameter<Double>("shear", default: 30, in: 0...80, "degrees either way"), fill, mask,
    returns: returns, topic: topic,
    discussion: "The affine family of AET (Zhang, Qi, Wang, Luo, CVPR 2019).",
    example: "show(Affine(rotation: 30), on: fashion.test.first(6))"
  ) { _, rotation, translation, scale, shear, fill, mask in
    made(
      try Affine(
        rotation: Float(rotation), translation: Float(translation), scale: scale.floats,
        shear: Float(shear), fill: fill.fill, mask: mask), "Affine",
      [
        "rotation: \(rotation)", "translation: \(translation)", "scale: \(scale.cellText)",
        "shear: \(shear)",
      ], fill, mask)
  }

  static let similarity = Command(
    "Similarity", "Turns, shifts and scales about the centre: maps that keep angles.",
    parameters: rotation, translation, scale, fill, mask, returns: returns, topic: topic,
    discussion: """
      The affine family without its shear, as in the released code of EnAET (Wang, Kihara, Luo, Qi, 2020).
      """,
    example: "show(Similarity(rotation: 30), on: fashion.test.first(6))"
  ) { _, rotation, translation, scale, fill, mask in
    made(
      try Similarity(
        rotation: Float(rotation), translation: Float(translation), scale: scale.floats,
        fill: fill.fill, mask: mask), "Similarity",
      ["rotation: \(rotation)", "translation: \(translation)", "scale: \(scale.cellText)"], fill,
      mask)
  }

  static let euclidean = Command(
    "Euclidean", "Turns and shifts: maps that keep distances.",
    parameters: rotation, translation, fill, mask, returns: returns, topic: topic,
    discussion: """
      The affine family without scale and shear, as in the released code of EnAET (Wang, Kihara, Luo, Qi, \
      2020). `Euclidean(translation: 0, mask: .circle)` turns images and shows nothing from beyond them.
      """,
    example: "show(Euclidean(translation: 0, mask: .circle), on: fashion.test.first(6))"
  ) { _, rotation, translation, fill, mask in
    made(
      try Euclidean(
        rotation: Float(rotation), translation: Float(translation), fill: fill.fill, mask: mask),
      "Euclidean", ["rotation: \(rotation)", "translation: \(translation)"], fill, mask)
  }

  static let projective = Command(
    "Projective", "Homographies: the four corners are scaled, turned and jittered.",
    parameters: Parameter<ClosedRange<Double>>(
      "scale", default: 0.8...1.2, in: 0.01...100, "factors of the corners' distance"),
    Parameter<Double?>(
      "jitter", in: 0...1000,
      "pixels that each corner moves either way; an eighth of the side unless given"),
    Parameter<Bool>("quarterTurns", default: true, "whether a multiple of 90° is drawn too"),
    fill, mask, returns: returns, topic: topic,
    discussion: "The projective family of AET (Zhang, Qi, Wang, Luo, CVPR 2019).",
    example: "show(Projective(jitter: 3), on: fashion.test.first(6))"
  ) { _, scale, jitter, quarterTurns, fill, mask in
    made(
      try Projective(
        scale: scale.floats, jitter: jitter.map { Float($0) }, quarterTurns: quarterTurns,
        fill: fill.fill, mask: mask), "Projective",
      ["scale: \(scale.cellText)"] + (jitter.map { ["jitter: \($0)"] } ?? [])
        + (quarterTurns ? [] : ["quarterTurns: false"]), fill, mask)
  }

  static let color = Command(
    "Color", "Changes of brightness, contrast, saturation and sharpness by factors about 1.",
    parameters: factor("brightness", "towards black or away from it"),
    factor("contrast", "towards the mean grey or away from it"),
    factor("saturation", "towards the grey image or away from it; images of one channel have none"),
    factor("sharpness", "towards the smoothed image or away from it"), returns: returns,
    topic: topic,
    discussion: """
      Each factor $f$ is drawn uniformly from $[1 - a, 1 + a]$; a blend is $d + f\\,(x - d)$ with a \
      degenerate image $d$, clamped to 0 … 1, in the order saturation, contrast, brightness, sharpness (the \
      blends of Pillow's ImageEnhance, the ranges and the order of EnAET's released code: Wang, Kihara, Luo, \
      Qi, 2020). $f - 1$ is predicted. `Projective().with(Color())` moves pixels too.
      """,
    example: "show(Color(), on: fashion.test.first(6))"
  ) { _, brightness, contrast, saturation, sharpness in
    .object(
      FamilyObject(
        try Color(
          brightness: Float(brightness), contrast: Float(contrast), saturation: Float(saturation),
          sharpness: Float(sharpness)),
        recipe: "Color(brightness: \(brightness), contrast: \(contrast), "
          + "saturation: \(saturation), sharpness: \(sharpness))"))
  }

  private static func factor(_ name: String, _ help: String) -> Parameter<Double> {
    Parameter<Double>(name, default: 0.8, in: 0...0.95, "a: \(help)")
  }

  /// A family with the call that makes it again.
  private static func made(
    _ family: any TransformationFamily, _ word: String, _ ranges: [String], _ fill: FillChoice,
    _ mask: ViewMask
  ) -> Value {
    let parts =
      ranges + ["fill: \(fill.cellText)"] + (mask == .whole ? [] : ["mask: \(mask.cellText)"])
    return .object(FamilyObject(family, recipe: "\(word)(\(parts.joined(separator: ", ")))"))
  }
}

extension ClosedRange<Double> {
  fileprivate var floats: ClosedRange<Float> { Float(lowerBound)...Float(upperBound) }
}

extension ViewMask: CellChoice {
  /// What errors call it.
  public static let typeDescription = "mask"
  /// One line about the case.
  public var help: String {
    switch self {
    case .whole: "everything"
    case .circle: "the circle inscribed in the frame, grey around it"
    }
  }
}
