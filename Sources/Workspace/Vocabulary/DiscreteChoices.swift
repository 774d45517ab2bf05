public import CellLanguage
public import Methods

// How a cell writes the options of a quantiser.

extension QuantiserChoice: CellConvertible {
  /// What errors call it.
  public static let typeDescription = "quantiser"

  /// The ways to make codes of vectors.
  public static let choices = [
    Choice("euclidean", "the nearest code of a codebook"),
    Choice("cosine", "the nearest code by cosine; vectors and codes have length 1"),
    Choice(
      "finiteScalar", "each value rounded to one of a few levels, without a codebook",
      arguments: "(levels: [8, 6, 5])"),
  ]

  /// The choice with the member's name.
  public static func from(_ value: Value) throws(ConversionError) -> QuantiserChoice {
    let member = try member(value)
    switch member.name {
    case "euclidean", "cosine":
      try member.checkLabels([])
      return member.name == "cosine" ? .cosine : .euclidean
    case "finiteScalar":
      try member.checkLabels(["levels"])
      return .finiteScalar(levels: try member.argument("levels") ?? [8, 6, 5])
    default: throw unknown(member)
    }
  }

  /// The choice as a cell writes it.
  public var cellText: String {
    switch self {
    case .euclidean: ".euclidean"
    case .cosine: ".cosine"
    case .finiteScalar(let levels): ".finiteScalar(levels: \(levels.cellText))"
    }
  }
}

extension CodebookRule: CellConvertible {
  /// What errors call it.
  public static let typeDescription = "way for a codebook to learn"

  /// The ways for codes to learn.
  public static let choices = [
    Choice(
      "movingAverage", "each code follows the mean of its vectors", arguments: "(decay: 0.99)"),
    Choice("gradient", "by gradient, as in the paper"),
  ]

  /// The choice with the member's name.
  public static func from(_ value: Value) throws(ConversionError) -> CodebookRule {
    let member = try member(value)
    switch member.name {
    case "movingAverage":
      try member.checkLabels(["decay"])
      let decay: Double = try member.argument("decay") ?? 0.99
      guard decay >= 0, decay < 1 else {
        throw ConversionError(
          "`decay:` is \(decay)", fix: "give the share of the past that a step keeps, such as 0.99")
      }
      return .movingAverage(decay: Float(decay))
    case "gradient":
      try member.checkLabels([])
      return .gradient
    default: throw unknown(member)
    }
  }

  /// The choice as a cell writes it.
  public var cellText: String {
    switch self {
    case .movingAverage(let decay): ".movingAverage(decay: \(decay))"
    case .gradient: ".gradient"
    }
  }
}

extension CellConvertible {
  /// The implicit member that a choice is written as.
  fileprivate static func member(_ value: Value) throws(ConversionError) -> ImplicitMember {
    guard case .implicitMember(let member) = value else {
      throw mismatch(
        value, fix: "write one of .\(choices.map(\.name).joined(separator: ", ."))")
    }
    return member
  }

  fileprivate static func unknown(_ member: ImplicitMember) -> ConversionError {
    let names = choices.map(\.name)
    return ConversionError(
      "there is no \(typeDescription) `.\(member.name)`",
      fix: nearest(member.name, among: names).map { "did you mean `.\($0)`?" }
        ?? "write one of .\(names.joined(separator: ", ."))")
  }
}

extension CodebookStart: CellChoice {
  /// What errors call it.
  public static let typeDescription = "start of a codebook"
  /// One line about the case.
  public var help: String {
    switch self {
    case .kMeans: "cluster centres of the first encoder outputs"
    case .random: "small random numbers, as in the first public codes"
    }
  }
}

extension QuantiserGradient: CellChoice {
  /// What errors call it.
  public static let typeDescription = "gradient of a quantiser"
  /// One line about the case.
  public var help: String {
    switch self {
    case .straightThrough: "the decoder's gradient as it is"
    case .rotation: "the decoder's gradient, turned and scaled as the vector was"
    }
  }
}
