import CellLanguage
import JupyterProtocol
import RunStore

/// The recorded runs in a cell, as a table and as a sequence: `runs()[0]`, `runs().count`, `for run in runs()`.
final class RunListObject: HostConvertible, HostSequence, Displayable {
  static let typeDescription = "list of runs"
  let typeName = "Runs"
  let runs: [RecordedRun]
  /// How many more there are that agree with what was asked for.
  let left: Int
  let emptyNote: String

  init(_ runs: [RecordedRun], left: Int, emptyNote: String) {
    self.runs = runs
    self.left = left
    self.emptyNote = emptyNote
  }

  var elements: [Value] { runs.map { .object($0) } }

  var summary: String { "\(runs.count) run\(runs.count == 1 ? "" : "s")" }

  func bundle() throws -> MIMEBundle { table.bundle() }

  /// A run a row; what none of them was measured by has no column.
  var table: Table {
    let probes = (runs.first?.names ?? []).filter { name in
      runs.contains { $0.probe(name) != nil }
    }
    let rows = runs.map { run in
      let record = run.record
      return [
        String(record.id), record.name, record.method, record.data, String(record.epochs),
        String(record.seed), run.progress,
        record.finalLoss.map { Written.decimals($0, 4) } ?? "",
        record.imagesPerSecond.map(Written.rate) ?? "",
      ] + probes.map { name in run.probe(name).map { Written.decimals($0.value, 4) } ?? "" }
    }
    var notes = left > 0 ? ["\(left) more runs are not shown."] : []
    if runs.isEmpty { notes = [emptyNote] }
    if !probes.isEmpty {
      notes.append("A run's .probes tell by what protocol its model was measured.")
    }
    return Table(
      columns: [
        .init("run", isNumeric: true), .init("model"), .init("method"), .init("images"),
        .init("epochs", isNumeric: true), .init("seed", isNumeric: true), .init("status"),
        .init("loss", isNumeric: true), .init("images/s", isNumeric: true),
      ] + probes.map { .init($0, isNumeric: true) }, rows: rows, notes: notes)
  }
}
