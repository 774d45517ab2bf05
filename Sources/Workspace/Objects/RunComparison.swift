import CellLanguage
import JupyterProtocol
import Plotting
import RunStore

/// What tells runs apart, in a cell: a table of what differs, and their losses in one picture.
final class RunComparison: HostConvertible, Displayable {
  static let typeDescription = "comparison of runs"
  let typeName = "RunComparison"
  let runs: [RecordedRun]
  /// The losses of all runs.
  let figure: FigureObject?
  /// What was asked for or found, by name, with a text for each run.
  private let differences: [(name: String, texts: [String])]
  let table: Table

  init(_ runs: [RecordedRun], in context: CellContext) throws {
    self.runs = runs
    let origins = Self.origins(of: runs)
    differences = origins.filter { Set($0.texts).count > 1 }
    figure = try Self.chart(of: runs, differences: differences.map(\.name)).map {
      context.object(of: $0, showing: runs)
    }
    let same = origins.filter { Set($0.texts).count == 1 && $0.texts.first != "–" }
    let results = Self.results(of: runs)
    let heads = runs.map { "run \($0.id), \($0.record.name)" }
    table = Table(
      "What tells \(runs.count == 2 ? "two" : "\(runs.count)") runs apart",
      columns: [.init("")] + heads.map { .init($0) }
        + (runs.count == 2 ? [.init("difference", isNumeric: true)] : []),
      rows: differences.map { [$0.name] + $0.texts + (runs.count == 2 ? [""] : []) }
        + results.map { [$0.name] + $0.texts + (runs.count == 2 ? [$0.difference] : []) },
      notes: [
        same.isEmpty
          ? "Nothing else is the same."
          : "The same: " + same.map { "\($0.name) \($0.texts[0])" }.joined(separator: ", ") + "."
      ])
  }

  var members: [Member] {
    [
      Member("figure", "the losses of the runs in one picture; nil while there are none"),
      Member("differences", "what differs besides the results: an array of texts by name"),
      Member("runs", "the runs"),
      Member("count", "the number of runs"),
    ]
  }

  func member(_ name: String) throws -> Value {
    switch name {
    case "figure": return figure.map { .object($0) } ?? .none
    case "runs": return .array(runs.map { .object($0) })
    case "count": return .integer(runs.count)
    default:
      var dictionary = ValueDictionary()
      for (name, texts) in differences { dictionary[name] = .array(texts.map { .string($0) }) }
      return .dictionary(dictionary)
    }
  }

  var summary: String {
    "runs \(runs.map { String($0.id) }.joined(separator: ", ")) differ in "
      + (differences.isEmpty
        ? "nothing but results" : differences.map(\.name).joined(separator: ", "))
  }

  func bundle() throws -> MIMEBundle { table.bundle() }

  /// All that a run begins with: a text for each run by name, a dash where a run has none.
  private static func origins(of runs: [RecordedRun]) -> [(name: String, texts: [String])] {
    func row(_ name: String, _ text: (RecordedRun) -> String?) -> (name: String, texts: [String]) {
      (name, runs.map { text($0) ?? "–" })
    }
    let options = runs.map { Dictionary($0.options.map { ($0.name, $0.text) }) { $1 } }
    var names: [String] = []
    for name in runs.flatMap({ $0.options.map(\.name) }) where !names.contains(name) {
      names.append(name)
    }
    return [
      row("model") { $0.record.name }, row("method") { $0.record.method },
      row("images") { $0.record.data }, row("checksum") { "\($0.record.checksum.prefix(12))…" },
      row("seed") { "\($0.record.seed)" }, row("epochs") { "\($0.record.epochs)" },
    ] + names.map { name in (name, options.map { $0[name] ?? "–" }) }
      + [row("build") { $0.record.build }, row("host") { $0.record.host }]
  }

  /// What came out, also where it is the same.
  private static func results(
    of runs: [RecordedRun]
  ) -> [(name: String, texts: [String], difference: String)] {
    func row(
      _ name: String, _ places: Int, _ value: (RecordedRun) -> Double?
    ) -> (name: String, texts: [String], difference: String)? {
      let values = runs.map { value($0).flatMap { $0.isNaN ? nil : $0 } }
      guard values.contains(where: { $0 != nil }) else { return nil }
      var difference = ""
      if values.count == 2, let first = values[0], let second = values[1] {
        let text = Written.decimals(second - first, places)
        difference = second > first && !text.hasPrefix("-") ? "+\(text)" : text
      }
      return (name, values.map { $0.map { Written.decimals($0, places) } ?? "–" }, difference)
    }
    let probes = (runs.first?.names ?? []).compactMap { name in
      row(name, 4) { $0.probe(name)?.value }
    }
    return [("status", runs.map(\.progress), "")]
      + [
        row("loss", 4) { $0.record.finalLoss },
        row("images/s", 0) { $0.record.imagesPerSecond },
        row("seconds of training", 2) { $0.record.seconds },
      ].compactMap(\.self) + probes
  }

  /// The losses over the steps; `nil` while no run has any.
  private static func chart(
    of runs: [RecordedRun], differences: [String]
  ) throws -> LineChart? {
    let losses = try runs.map { try $0.losses() }
    guard losses.contains(where: { !$0.isEmpty }) else { return nil }
    let series = zip(runs, losses).filter { !$1.isEmpty }.map { run, losses in
      LineChart.Series(
        "run \(run.id), \(run.record.name)",
        points: losses.map { Point(Double($0.step), $0.value) },
        smoothing: max(1, losses.count / 20))
    }
    let told = differences.prefix(4).joined(separator: ", ")
    let rest = differences.count - 4
    return LineChart(
      title: "Loss of \(series.count) run\(series.count == 1 ? "" : "s")",
      subtitle: differences.isEmpty
        ? "nothing that they began with differs"
        : "differing in \(told)\(rest > 0 ? " and \(rest) more" : "")",
      xLabel: "step", yLabel: "loss", series: series,
      isLogarithmic: spansMagnitudes(losses.map { $0.map { Float($0.value) } }))
  }
}
