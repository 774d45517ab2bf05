import CellLanguage

/// What a cell has measured or drawn: a model's features, or the pixels themselves.
enum FeatureSource: CellConvertible {
  case model(ModelObject)
  case pixels

  static let typeDescription = "model, or .pixels"
  static let choices = [Choice("pixels", "the raw pixels, as a baseline")]

  static func from(_ value: Value) throws(ConversionError) -> FeatureSource {
    switch value {
    case .object(let object):
      guard let model = object as? ModelObject else { throw mismatch(value) }
      return .model(model)
    case .implicitMember(let member) where member.name == "pixels":
      try member.checkLabels([])
      return .pixels
    default: throw mismatch(value)
    }
  }

  var cellText: String {
    switch self {
    case .model(let model): model.cellText
    case .pixels: ".pixels"
    }
  }

  /// The encoder with its block, the model's own unless one is given.
  func subject(block: Int?, in context: CellContext) -> Subject {
    switch self {
    case .model(let model): Subject(model, block: block, in: context)
    case .pixels: .pixels
    }
  }
}
