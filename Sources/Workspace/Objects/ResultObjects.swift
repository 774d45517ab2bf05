import CellLanguage
import JupyterProtocol
import Plotting
import Synchronization

/// A picture in a cell: shown when it is made, kept so that it can be saved.
final class FigureObject: HostConvertible, Displayable {
  static let typeDescription = "figure"
  let typeName = "Figure"
  let figure: any Figure
  /// The cell that made it.
  let cell: String
  /// Numbers that belong to the picture, by name.
  let values: [(name: String, help: String, value: Value)]
  /// What its files say of where they come from.
  let seal: Seal?

  init(
    _ figure: any Figure, cell: String, values: [(name: String, help: String, value: Value)] = [],
    seal: Seal? = nil
  ) {
    self.figure = figure
    self.cell = cell
    self.values = values
    self.seal = seal
  }

  var members: [Member] { values.map { Member($0.name, $0.help) } }

  func member(_ name: String) throws -> Value {
    values.first { $0.name == name }?.value ?? .none
  }

  var summary: String { figure.alternativeText }

  func bundle() throws -> MIMEBundle {
    try Picture(figure: figure, cell: cell, seal: seal).bundle()
  }
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
