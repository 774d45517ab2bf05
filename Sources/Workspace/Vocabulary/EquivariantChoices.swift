public import CellLanguage
public import Methods

extension LatentVariance: CellChoice {
  /// What errors call it.
  public static let typeDescription = "variance of a latent"
  /// One line about the case.
  public var help: String {
    switch self {
    case .vector: "one variance for each coordinate"
    case .scalar: "one variance for all coordinates"
    }
  }
}

extension TrunkSharing: CellChoice {
  /// What errors call it.
  public static let typeDescription = "way to share a trunk"
  /// One line about the case.
  public var help: String {
    switch self {
    case .separate: "each latent has convolutions of its own"
    case .shared: "both latents come from the same convolutions"
    }
  }
}

extension ClassInference: CellChoice {
  /// What errors call it.
  public static let typeDescription = "way to say the class"
  /// One line about the case.
  public var help: String {
    switch self {
    case .head: "a linear layer on the features of the image"
    case .distances: "the softmax of -|f_inv(x) - r_y|^2, without parameters"
    }
  }
}

extension ImageLikelihood: CellConvertible {
  /// What errors call it.
  public static let typeDescription = "distribution of pixels"

  /// The cases, as they complete.
  public static let choices = [
    Choice("automatic", "Bernoulli for grey images, discretised logistic for colour"),
    Choice("bernoulli", "Bernoulli variables, for grey images"),
    Choice("gaussian", "normal variables of one standard deviation", arguments: "(0.1)"),
    Choice("discretisedLogistic", "logistic variables cut into 256 bins, of a learned scale"),
  ]

  /// The distribution that a cell names.
  public static func from(_ value: Value) throws(ConversionError) -> ImageLikelihood {
    guard case .implicitMember(let member) = value else { throw mismatch(value) }
    switch member.name {
    case "automatic", "bernoulli", "discretisedLogistic":
      try member.checkLabels([])
      let plain: [String: ImageLikelihood] = [
        "bernoulli": .bernoulli, "discretisedLogistic": .discretisedLogistic,
      ]
      return plain[member.name] ?? .automatic
    case "gaussian":
      try member.checkLabels([nil])
      let deviation: Double? = try member.argument(nil)
      guard (deviation ?? 0.1) > 0 else {
        throw ConversionError(
          "a standard deviation is positive, not \(deviation ?? 0.1)", fix: "write .gaussian(0.1)")
      }
      return .gaussian(deviation: Float(deviation ?? 0.1))
    default:
      throw ConversionError(
        "there is no distribution `.\(member.name)`",
        fix: "write .bernoulli, .gaussian(0.1) or .discretisedLogistic")
    }
  }

  /// The distribution as a cell writes it.
  public var cellText: String {
    switch self {
    case .automatic: ".automatic"
    case .bernoulli: ".bernoulli"
    case .gaussian(let deviation): ".gaussian(\(deviation))"
    case .discretisedLogistic: ".discretisedLogistic"
    }
  }
}
