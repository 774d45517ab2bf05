import CellLanguage
import Datasets
import Evaluation
import JupyterProtocol

/// A measured number in a cell, with its protocol and what stands beside it: `knn(…).accuracy`.
final class ScoreObject: HostConvertible, Displayable {
  static let typeDescription = "score"
  let typeName = "Score"
  let score: Score
  /// What its row is called; empty for a score that stands alone.
  let name: String
  /// The word that measures so; `nil` for a score that stands alone.
  let word: String?
  /// The same measurement of the untrained encoder and of the pixels.
  let others: [ScoreObject]
  private let isEncoder: Bool
  private let values: [(name: String, help: String, value: Value)]
  private let table: Table

  /// A score that stands alone: what a model says itself.
  init(_ score: Score) {
    (self.score, name, word, others, isEncoder, values) = (score, "", nil, [], true, [])
    let interval = score.interval
    table = Table(
      "\(score.name), \(Written.count(score.count)) images",
      columns: [
        .init("accuracy", isNumeric: true), .init("95 % interval", isNumeric: true),
      ],
      rows: [
        [
          Written.percent(score.accuracy),
          Written.decimals(100 * interval.lowerBound, 1) + "–"
            + Written.percent(interval.upperBound),
        ]
      ], notes: [score.protocolText])
  }

  /// A row with those beside it; each of them is a score of its own.
  init(
    _ row: ScoreRow, beside others: [ScoreRow], by measurement: any Measurement, train: ImageSet,
    test: ImageSet
  ) {
    (score, name, isEncoder) = (row.score, row.subject.name, row.subject.isEncoder)
    values = row.measured.values
    word = measurement.word
    self.others = others.map {
      ScoreObject($0, beside: [], by: measurement, train: train, test: test)
    }
    table = measurement.table([row] + others, train: train, test: test)
  }

  /// The score beside this one whose features are raw pixels, or not.
  private func other(isEncoder: Bool) -> Value {
    others.first { $0.isEncoder == isEncoder }.map { .object($0) } ?? .none
  }

  var members: [Member] {
    [
      Member("accuracy", "the share of right answers, from 0 to 1"),
      Member("count", "the number of images measured on"),
      Member("lower", "the lower end of the 95 % interval"),
      Member("upper", "the upper end of the 95 % interval"),
      Member("seed", "the seed of what the measurement drew; nil where it draws nothing"),
      Member("protocol", "all that the number depends on"),
      Member("untrained", "the score of the same encoder before its first step"),
      Member("pixels", "the score of the raw pixels"),
    ] + values.map { Member($0.name, $0.help) }
  }

  func member(_ name: String) throws -> Value {
    switch name {
    case "accuracy": .number(score.accuracy)
    case "count": .integer(score.count)
    case "lower": .number(score.interval.lowerBound)
    case "upper": .number(score.interval.upperBound)
    case "seed": score.seed.map { .integer(Int(clamping: $0)) } ?? .none
    case "protocol": .string(score.protocolText)
    case "untrained": other(isEncoder: true)
    case "pixels": other(isEncoder: false)
    default: values.first { $0.name == name }?.value ?? .none
    }
  }

  var summary: String {
    let interval = score.interval
    return "\(score.name) \(Written.percent(score.accuracy)) (95 % interval "
      + "\(Written.percent(interval.lowerBound)) to \(Written.percent(interval.upperBound)))"
      + (score.seed.map { ", seed \($0)" } ?? "")
  }

  func bundle() throws -> MIMEBundle { table.bundle() }
}

/// Several systems measured by one protocol, in a cell: `compare([aet, avt], …)`.
final class ComparisonObject: HostConvertible, Displayable {
  static let typeDescription = "comparison"
  let typeName = "Comparison"
  /// One score a row, in the order of the table.
  let scores: [ScoreObject]
  private let table: Table

  init(_ scores: [ScoreObject], table: Table) {
    self.scores = scores
    self.table = table
  }

  var members: [Member] {
    [
      Member("scores", "the scores in the order of the table"),
      Member("accuracies", "the accuracies by the names of the rows"),
      Member("count", "the number of rows"),
    ]
  }

  func member(_ name: String) throws -> Value {
    switch name {
    case "scores": return .array(scores.map { .object($0) })
    case "count": return .integer(scores.count)
    default:
      var dictionary = ValueDictionary()
      for score in scores {
        dictionary[score.name] = .number(score.score.accuracy)
      }
      return .dictionary(dictionary)
    }
  }

  var summary: String {
    "\(table.title ?? "comparison"): "
      + scores.map {
        "\($0.name) \(Written.percent($0.score.accuracy))"
      }.joined(separator: ", ")
  }

  func bundle() throws -> MIMEBundle { table.bundle() }
}
