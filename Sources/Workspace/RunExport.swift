import JupyterProtocol
import RunStore

/// Recorded runs as files for other tools.
enum RunExport {
  /// The columns that every run has, before those of its measurements and options.
  private static let columns: [(name: String, cell: @Sendable (RunRecord) -> String)] = [
    ("id", { "\($0.id)" }), ("name", { $0.name }), ("method", { $0.method }), ("data", { $0.data }),
    ("checksum", { $0.checksum }), ("seed", { "\($0.seed)" }),
    ("started", { RecordedRun.moment($0.started) }),
    ("finished", { $0.finished.map { RecordedRun.moment($0) } ?? "" }),
    ("seconds", { number($0.seconds) }), ("epochs", { "\($0.epochs)" }),
    ("batch", { $0.batch.map { "\($0)" } ?? "" }), ("steps", { "\($0.steps)" }),
    ("plannedSteps", { $0.planned.map { "\($0)" } ?? "" }), ("loss", { number($0.finalLoss) }),
    ("samplesPerSecond", { number($0.imagesPerSecond) }), ("build", { $0.build ?? "" }),
    ("host", { $0.host ?? "" }), ("session", { $0.session.map { "\($0)" } ?? "" }),
    ("cell", { $0.cell.map { "\($0)" } ?? "" }), ("code", { $0.code ?? "" }),
  ]

  /// The runs as CSV (RFC 4180) with a head: a line each, all that is a number in Swift's shortest digits.
  static func csv(_ runs: [RecordedRun]) -> String {
    let probes = unique(runs.map { $0.probes.map(\.name) })
    let options = unique(runs.map { $0.options.map(\.name) })
    var lines = [
      columns.map(\.name) + ["status"] + probes + options.map { "options.\($0)" }
    ]
    for run in runs {
      let own = Dictionary(run.options.map { ($0.name, $0.text) }) { $1 }
      lines.append(
        columns.map { $0.cell(run.record) } + [run.status]
          + probes.map { number(run.probe($0)?.value) } + options.map { own[$0] ?? "" })
    }
    return lines.map { $0.map(field).joined(separator: ",") + "\r\n" }.joined()
  }

  /// The runs as a JSON array, with the protocols of what was measured and all metrics by step.
  static func json(_ runs: [RecordedRun]) throws -> JSONValue {
    .array(
      try runs.map { run in
        let record = run.record
        return .object([
          "id": .integer(record.id), "name": .string(record.name),
          "method": .string(record.method), "data": .string(record.data),
          "checksum": .string(record.checksum), "seed": seed(record.seed),
          "status": .string(run.status), "started": .string(RecordedRun.moment(record.started)),
          "finished": record.finished.map { .string(RecordedRun.moment($0)) } ?? .null,
          "seconds": value(record.seconds), "epochs": .integer(record.epochs),
          "batch": record.batch.map { .integer($0) } ?? .null, "steps": .integer(record.steps),
          "plannedSteps": record.planned.map { .integer($0) } ?? .null,
          "loss": value(record.finalLoss), "samplesPerSecond": value(record.imagesPerSecond),
          "options": object(run.options.map { ($0.name, .string($0.text)) }),
          "probes": .array(
            run.probes.map { probe in
              .object([
                "name": .string(probe.name), "value": value(probe.value),
                "protocol": .string(probe.protocolText), "step": .integer(probe.step),
                "time": .string(RecordedRun.moment(probe.time)),
              ])
            }),
          "metrics": object(
            try run.values().sorted { $0.key < $1.key }.map { name, values in
              (
                name,
                .object([
                  "steps": .array(values.map { .integer($0.step) }),
                  "values": .array(values.map { value($0.value) }),
                ])
              )
            }), "build": record.build.map { .string($0) } ?? .null,
          "host": record.host.map { .string($0) } ?? .null,
          "session": record.session.map { .integer($0) } ?? .null,
          "cell": record.cell.map { .integer($0) } ?? .null,
          "code": record.code.map { .string($0) } ?? .null,
        ])
      })
  }

  /// A field of CSV: in quotes, its own doubled, where it holds a quote, a comma, a line's end or outer space.
  static func field(_ text: String) -> String {
    // By bytes: to Swift a carriage return and a line feed are one character.
    let special: Set<UInt8> = [0x22, 0x2C, 0x0A, 0x0D]
    let isPlain =
      !text.utf8.contains { special.contains($0) } && text.utf8.first != 0x20
      && text.utf8.last != 0x20
    guard !isPlain else { return text }
    var quoted = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" { quoted.unicodeScalars.append(scalar) }
      quoted.unicodeScalars.append(scalar)
    }
    return quoted + "\""
  }

  /// A number as text; one that is not known, or not a number, is empty.
  private static func number(_ value: Double?) -> String {
    value.flatMap { $0.isNaN ? nil : "\($0)" } ?? ""
  }

  /// JSON has no infinity and nothing that is not a number.
  private static func value(_ value: Double?) -> JSONValue {
    value.flatMap { $0.isFinite ? .number($0) : nil } ?? .null
  }

  private static func seed(_ seed: UInt64) -> JSONValue {
    Int(exactly: seed).map { .integer($0) } ?? .literal("\(seed)")
  }

  private static func object(_ entries: [(String, JSONValue)]) -> JSONValue {
    .object(JSONObject(entries.map { JSONObject.Member(key: $0.0, value: $0.1) }))
  }

  /// The names in the order of their first appearance.
  private static func unique(_ names: [[String]]) -> [String] {
    var seen: Set<String> = []
    return names.joined().filter { seen.insert($0).inserted }
  }
}
