import CellLanguage
import Evaluation

/// How a cell says what to measure by: `.knn`, `.knn(k: 5)`, `.probe(.convolution)`.
enum MeasurementChoice: CellConvertible, Sendable {
  case knn(neighbours: Int, isWeighted: Bool)
  case probe(HeadChoice, epochs: Int?)

  static let typeDescription = "measurement"
  static let choices = [
    Choice("knn", "the nearest neighbours, weighted; .knn(k: 5, weighted: false)"),
    Choice("probe", "a classifier on frozen features", arguments: "(.linear)"),
  ]

  static func from(_ value: Value) throws(ConversionError) -> MeasurementChoice {
    guard case .implicitMember(let member) = value else { throw mismatch(value) }
    switch member.name {
    case "knn":
      try member.checkLabels(["k", "weighted"])
      let k: Int = try member.argument("k") ?? 200
      guard k > 0 else { throw ConversionError("`k:` is \(k)", fix: "take at least 1 neighbour") }
      return .knn(neighbours: k, isWeighted: try member.argument("weighted") ?? true)
    case "probe":
      try member.checkLabels([nil, "epochs"])
      let epochs: Int? = try member.argument("epochs")
      guard epochs ?? 1 > 0 else {
        throw ConversionError("`epochs:` is \(epochs ?? 0)", fix: "train for at least one")
      }
      return .probe(try member.argument(nil) ?? .linear, epochs: epochs)
    default:
      throw ConversionError(
        "there is no measurement `.\(member.name)`", fix: "write .knn or .probe(.linear)")
    }
  }

  var cellText: String {
    switch self {
    case .knn(let k, let isWeighted): ".knn(k: \(k)\(isWeighted ? "" : ", weighted: false"))"
    case .probe(let head, let epochs):
      ".probe(\(head.cellText)\(epochs.map { ", epochs: \($0)" } ?? ""))"
    }
  }

  /// The measurement, with the words' own defaults.
  func measurement(seed: UInt64) throws(CellError) -> any Measurement {
    switch self {
    case .knn(let k, let isWeighted):
      NeighbourMeasurement(vote: .init(neighbours: k, temperature: isWeighted ? 0.07 : nil))
    case .probe(let head, let epochs): try ProbeMeasurement(head, epochs: epochs, seed: seed)
    }
  }
}
