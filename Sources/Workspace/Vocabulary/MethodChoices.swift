public import CellLanguage
public import Methods

extension AVTMode: CellChoice {
  /// What errors call it.
  public static let typeDescription = "mode"
  /// One line about the case.
  public var help: String {
    switch self {
    case .honest: "noise of the representation's own size, error bars that are learned"
    case .published: "the released code's constants: noise of 0.001, log-variances over 1,000"
    }
  }
}

extension Augmentation: CellChoice {
  /// What errors call it.
  public static let typeDescription = "augmentation"
  /// One line about the case.
  public var help: String {
    switch self {
    case .none: "the images as they are"
    case .crop: "moved by up to an eighth of the side"
    case .cropAndFlip: "moved, and mirrored left to right or not; not for digits"
    }
  }
}
