import CellLanguage
import Imaging

/// The words that build families of transformations.
enum TransformationWords {
  static let all: [Command] = [affine, projective]

  private static let fillHelp = "what lies beyond the frame"

  static let affine = Command(
    "Affine", "Turns, shifts, scales and shears about the centre, drawn uniformly.",
    parameters: Parameter<Double>("rotation", default: 180, in: 0...180, "degrees either way"),
    Parameter<Double>("translation", default: 0.2, in: 0...1, "part of the side, either way"),
    Parameter<ClosedRange<Double>>("scale", default: 0.7...1.3, in: 0.01...100, "factors"),
    Parameter<Double>("shear", default: 30, in: 0...80, "degrees either way"),
    Parameter<FillChoice>("fill", default: FillChoice(fill: .reflect), fillHelp),
    returns: "TransformationFamily", topic: "transformations",
    discussion: "The affine family of AET (Zhang, Qi, Wang, Luo, CVPR 2019).",
    example: "show(Affine(rotation: 30), on: fashion.test.first(6))"
  ) { _, rotation, translation, scale, shear, fill in
    let family = try Affine(
      rotation: Float(rotation), translation: Float(translation),
      scale: Float(scale.lowerBound)...Float(scale.upperBound), shear: Float(shear),
      fill: fill.fill)
    return .object(
      FamilyObject(
        family,
        recipe: "Affine(rotation: \(rotation), translation: \(translation), "
          + "scale: \(scale.cellText), shear: \(shear), fill: \(fill.cellText))"))
  }

  static let projective = Command(
    "Projective", "Homographies: the four corners are scaled, turned and jittered.",
    parameters: Parameter<ClosedRange<Double>>(
      "scale", default: 0.8...1.2, in: 0.01...100, "factors of the corners' distance"),
    Parameter<Double?>(
      "jitter", in: 0...1000,
      "pixels that each corner moves either way; an eighth of the side unless given"),
    Parameter<Bool>("quarterTurns", default: true, "whether a multiple of 90° is drawn too"),
    Parameter<FillChoice>("fill", default: FillChoice(fill: .reflect), fillHelp),
    returns: "TransformationFamily", topic: "transformations",
    discussion: "The projective family of AET (Zhang, Qi, Wang, Luo, CVPR 2019).",
    example: "show(Projective(jitter: 3), on: fashion.test.first(6))"
  ) { _, scale, jitter, quarterTurns, fill in
    let family = try Projective(
      scale: Float(scale.lowerBound)...Float(scale.upperBound), jitter: jitter.map { Float($0) },
      quarterTurns: quarterTurns, fill: fill.fill)
    let corner = jitter.map { "jitter: \($0), " } ?? ""
    return .object(
      FamilyObject(
        family,
        recipe: "Projective(scale: \(scale.cellText), \(corner)"
          + "\(quarterTurns ? "" : "quarterTurns: false, ")fill: \(fill.cellText))"))
  }
}
