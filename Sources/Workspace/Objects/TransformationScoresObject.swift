import CellLanguage
import Evaluation
import JupyterProtocol

/// How well a model tells transformations, in a cell: `regression(aet, on: fashion.test).rSquared["x"]`.
final class TransformationScoresObject: HostConvertible, Displayable {
  static let typeDescription = "scores of predicted transformations"
  let typeName = "TransformationScores"
  let title: String
  let scores: TransformationScores
  /// What the outline of the frame betrays; none where no pixel moves.
  let control: MaskOnlyControl?
  /// The mean squared error of a predictor that always says the mean.
  let chance: Double
  /// All that the numbers depend on, a line each.
  let protocolLines: [String]

  init(
    title: String, scores: TransformationScores, control: MaskOnlyControl?, chance: Double,
    protocolLines: [String]
  ) {
    self.title = title
    self.scores = scores
    self.control = control
    self.chance = chance
    self.protocolLines = protocolLines
  }

  var members: [Member] {
    [
      Member("rSquared", "R² of each coordinate, by name"),
      Member("maskOnly", "R² of the mask-only control for each coordinate, by name"),
      Member("meanSquaredError", "the mean squared error of the whitened targets"),
      Member("constantPredictorError", "the same of a predictor that always says the mean"),
      Member("medianCornerError", "the median corner error in pixels"),
      Member("meanCornerError", "the mean corner error in pixels"),
      Member("count", "the number of images measured on"),
      Member("protocol", "all that the numbers depend on"),
    ]
  }

  func member(_ name: String) throws -> Value {
    switch name {
    case "rSquared": byName(scores.coordinates.map { $0.rSquared?.value })
    case "maskOnly": byName(control?.rSquared ?? scores.coordinates.map { _ in nil })
    case "meanSquaredError": .number(scores.meanSquaredError.value)
    case "constantPredictorError": .number(chance)
    case "medianCornerError": scores.medianCornerError.map { .number($0.value) } ?? .none
    case "meanCornerError": scores.meanCornerError.map { .number($0.value) } ?? .none
    case "count": .integer(scores.count)
    default: .string(protocolLines.joined(separator: "\n"))
    }
  }

  private func byName(_ numbers: [Double?]) -> Value {
    var dictionary = ValueDictionary()
    for (coordinate, number) in zip(scores.coordinates, numbers) {
      dictionary[coordinate.name] = number.map { Value.number($0) } ?? Value.none
    }
    return .dictionary(dictionary)
  }

  var summary: String {
    let error =
      "mean squared error \(Self.written(scores.meanSquaredError, 3)), constant predictor "
      + Written.decimals(chance, 3)
    let corners = scores.medianCornerError.map {
      "; median corner error \(Self.written($0, 1)) pixels"
    }
    return "\(title): \(error)\(corners ?? "")"
  }

  func bundle() throws -> MIMEBundle { table.bundle() }

  /// The coordinates, and below them the errors of the whole and the protocol.
  var table: Table {
    let controls = control?.rSquared
    let rows = scores.coordinates.enumerated().map { index, coordinate in
      [
        coordinate.name,
        coordinate.rSquared.map { Written.decimals($0.value, 3) } ?? "–",
        coordinate.rSquared.map { Self.written($0.interval, 3) } ?? "never varies",
        controls.map { $0[index].map { Written.decimals($0, 3) } ?? "–" } ?? "–",
        "0",
      ]
    }
    let corners = scores.medianCornerError.map { median in
      "Corner error in pixels: median \(Self.written(median, 1)), mean "
        + (scores.meanCornerError.map { Self.written($0, 1) } ?? "–")
    }
    return Table(
      title,
      columns: [
        .init("coordinate"), .init("R²", isNumeric: true), .init("95 % interval", isNumeric: true),
        .init("mask only R²", isNumeric: true), .init("constant", isNumeric: true),
      ], rows: rows,
      notes: [
        "Mean squared error of the whitened targets: \(Self.written(scores.meanSquaredError, 3)); "
          + "constant predictor \(Written.decimals(chance, 3))"
      ] + (corners.map { [$0] } ?? []) + protocolLines)
  }

  private static func written(_ number: BootstrappedValue, _ places: Int) -> String {
    "\(Written.decimals(number.value, places)) (\(written(number.interval, places)))"
  }

  private static func written(_ interval: ClosedRange<Double>, _ places: Int) -> String {
    "\(Written.decimals(interval.lowerBound, places)) to "
      + Written.decimals(interval.upperBound, places)
  }
}
