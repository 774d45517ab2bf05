import CellLanguage
import Evaluation
import JupyterProtocol
import Plotting
import Synchronization

/// A measured number in a cell, with its protocol: `knn(…).accuracy`.
final class ScoreObject: HostConvertible, Displayable {
  static let typeDescription = "score"
  let typeName = "Score"
  let score: Score

  init(_ score: Score) { self.score = score }

  var members: [Member] {
    [
      Member("accuracy", "the share of right answers, from 0 to 1"),
      Member("count", "the number of images measured on"),
      Member("lower", "the lower end of the 95 % interval"),
      Member("upper", "the upper end of the 95 % interval"),
      Member("protocol", "all that the number depends on"),
    ]
  }

  func member(_ name: String) throws -> Value {
    switch name {
    case "accuracy": .number(score.accuracy)
    case "count": .integer(score.count)
    case "lower": .number(score.interval.lowerBound)
    case "upper": .number(score.interval.upperBound)
    default: .string(score.protocolText)
    }
  }

  var summary: String {
    let interval = score.interval
    return "\(score.name) \(Written.percent(score.accuracy)) (95 % interval "
      + "\(Written.percent(interval.lowerBound)) to \(Written.percent(interval.upperBound)))"
  }

  func bundle() throws -> MIMEBundle {
    MIMEBundle(text: summary + "\n" + score.protocolText)
  }
}

/// A picture in a cell: shown when it is made, kept so that it can be saved.
final class FigureObject: HostConvertible, Displayable {
  static let typeDescription = "figure"
  let typeName = "Figure"
  let figure: any Figure
  /// The cell that made it.
  let cell: String
  /// Numbers that belong to the picture, by name.
  let values: [(name: String, help: String, value: Value)]

  init(
    _ figure: any Figure, cell: String, values: [(name: String, help: String, value: Value)] = []
  ) {
    self.figure = figure
    self.cell = cell
    self.values = values
  }

  var members: [Member] { values.map { Member($0.name, $0.help) } }

  func member(_ name: String) throws -> Value {
    values.first { $0.name == name }?.value ?? .none
  }

  var summary: String { figure.alternativeText }

  func bundle() throws -> MIMEBundle { try Picture(figure: figure, cell: cell).bundle() }
}

/// A table in a cell: `runs()`, `models()`.
final class TableObject: HostConvertible, Displayable {
  static let typeDescription = "table"
  let typeName = "Table"
  let table: Table

  init(_ table: Table) { self.table = table }

  var members: [Member] { [Member("count", "the number of rows")] }

  func member(_ name: String) throws -> Value { .integer(table.rows.count) }

  var summary: String {
    "\(table.title ?? "table") with \(table.rows.count) row\(table.rows.count == 1 ? "" : "s")"
  }

  func bundle() throws -> MIMEBundle { table.bundle() }
}
