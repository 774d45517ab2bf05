import CellLanguage
import JupyterProtocol
import RunStore

/// A run as the workspace's database tells of it, in a cell: `runs()[0].loss`, `runs(where: { $0.knn > 0.8 })`.
///
/// What was not measured is not a number, so that every comparison with it is false.
final class RecordedRun: HostConvertible, Displayable {
  static let typeDescription = "recorded run"
  let typeName = "RecordedRun"
  let record: RunRecord
  /// What was measured of its model, oldest first.
  let probes: [ProbeRecord]
  /// The names of what was measured of some run, or can be.
  let names: [String]
  private let journal: Journal

  init(_ record: RunRecord, probes: [ProbeRecord], names: [String], in journal: Journal) {
    self.record = record
    self.probes = probes
    self.names = names
    self.journal = journal
  }

  /// The words that measure a model, by which the database calls what they measured.
  static let measuringWords = Words.vocabulary.commands.filter {
    $0.topic == Findings.measuring && $0.result != "Comparison"
  }.map(\.name)

  /// The member `name` of every run, besides what was measured.
  private static let fixed = [
    Member("id", "its number in the workspace"),
    Member("name", "the name of the model when the run began"),
    Member("method", "the word that makes the model"),
    Member("data", "the images, as a cell writes them"),
    Member("checksum", "the SHA-256 of the files that the images come from"),
    Member("seed", "the seed of data order and transformations"),
    Member("status", "running, completed, interrupted, failed or broken"),
    Member("loss", "the mean loss over the last epoch"),
    Member("losses", "the loss by step"),
    Member("metrics", "every term of the loss by step"),
    Member("samplesPerSecond", "images trained on each second"),
    Member("epochs", "epochs in all"),
    Member("batch", "images a step"),
    Member("steps", "steps taken"),
    Member("plannedSteps", "steps of all epochs"),
    Member("seconds", "seconds of training"),
    Member("started", "when it began, in UTC"),
    Member("finished", "when it ended, in UTC; nil while it has not"),
    Member("options", "the options of the model and the training, by name"),
    Member("probes", "what was measured of the model: value, protocol and step, by name"),
    Member("figures", "the pictures that were drawn of it, in words"),
    Member("session", "the session that started it"),
    Member("cell", "the number of the cell that started it"),
    Member("code", "the text of that cell"),
    Member("build", "the program that trained it"),
    Member("host", "the machine that it was trained on"),
  ]

  var members: [Member] {
    Self.fixed
      + names.map { Member($0, "what `\($0)` measured last; not a number unless it did") }
  }

  func member(_ name: String) throws -> Value {
    switch name {
    case "id": .integer(record.id)
    case "name": .string(record.name)
    case "method": .string(record.method)
    case "data": .string(record.data)
    case "checksum": .string(record.checksum)
    case "seed": .integer(Int(clamping: record.seed))
    case "status": .string(status)
    case "loss": Self.number(record.finalLoss)
    case "losses": .array(try metrics("loss")["loss"] ?? [])
    case "metrics": try dictionary(metrics())
    case "samplesPerSecond": Self.number(record.imagesPerSecond)
    case "epochs": .integer(record.epochs)
    case "batch": Self.number(record.batch)
    case "steps": .integer(record.steps)
    case "plannedSteps": Self.number(record.planned)
    case "seconds": Self.number(record.seconds)
    case "started": .string(Self.moment(record.started))
    case "finished": record.finished.map { .string(Self.moment($0)) } ?? .none
    case "options": optionValues
    case "probes": probeValues
    case "figures":
      .array(try journal.figures(of: record.id).map { .string("\($0.word): \($0.caption)") })
    case "session": record.session.map { .integer($0) } ?? .none
    case "cell": record.cell.map { .integer($0) } ?? .none
    case "code": record.code.map { .string($0) } ?? .none
    case "build": record.build.map { .string($0) } ?? .none
    case "host": record.host.map { .string($0) } ?? .none
    default: .number(probe(name)?.value ?? .nan)
    }
  }

  /// Its number in the workspace.
  var id: Int { record.id }

  /// What was measured last under a name.
  func probe(_ name: String) -> ProbeRecord? { probes.last { $0.name == name } }

  /// How it stands, in the words of a run of this session.
  var status: String { record.status == .finished ? "completed" : record.status.rawValue }

  /// The options by name, as a cell writes them, in the order in which they were recorded.
  var options: [(name: String, text: String)] {
    let value = try? JSONValue(json: record.options)
    return (value?.members?.members ?? []).map { ($0.key, $0.value.text ?? "\($0.value)") }
  }

  /// The losses with their steps.
  func losses() throws -> [Metric] { try journal.metrics(of: record.id)["loss"] ?? [] }

  /// All values by step, by their names.
  func values() throws -> [String: [Metric]] { try journal.metrics(of: record.id) }

  /// A moment in UTC: `2026-01-31T09:05:00Z`.
  static func moment(_ seconds: Double) -> String {
    guard seconds.isFinite, abs(seconds) < 1e11 else { return "?" }
    let whole = Int(seconds.rounded(.down))
    return Timestamp.text(secondsSince1970: whole, nanoseconds: 0).prefix(19) + "Z"
  }

  private static func number(_ value: Double?) -> Value { .number(value ?? .nan) }

  private static func number(_ value: Int?) -> Value { value.map { .integer($0) } ?? .number(.nan) }

  private func metrics(_ name: String? = nil) throws -> [String: [Value]] {
    try values().filter { name == nil || $0.key == name }.mapValues { values in
      values.map { .number($0.value) }
    }
  }

  private func dictionary(_ arrays: [String: [Value]]) -> Value {
    var dictionary = ValueDictionary()
    for (name, values) in arrays.sorted(by: { $0.key < $1.key }) {
      dictionary[name] = .array(values)
    }
    return .dictionary(dictionary)
  }

  /// Options that are numbers become numbers.
  private var optionValues: Value {
    var dictionary = ValueDictionary()
    for (name, text) in options {
      dictionary[name] =
        Int(text).map { .integer($0) } ?? Double(text).map { .number($0) } ?? .string(text)
    }
    return .dictionary(dictionary)
  }

  private var probeValues: Value {
    var dictionary = ValueDictionary()
    for probe in probes {
      dictionary[probe.name] = .dictionary(
        ValueDictionary([
          "value": .number(probe.value), "protocol": .string(probe.protocolText),
          "step": .integer(probe.step), "time": .string(Self.moment(probe.time)),
        ]))
    }
    return .dictionary(dictionary)
  }

  var summary: String {
    let loss = record.finalLoss.map { ", loss \(Written.decimals($0, 4))" } ?? ""
    return "run \(id) of \(record.name) (\(record.method)) on \(record.data): \(progress)\(loss)"
  }

  /// How it stands and, while it has not come to its end, how far it is.
  var progress: String {
    guard record.status != .finished, let planned = record.planned, planned > 0 else {
      return status
    }
    return "\(status), step \(Written.count(record.steps)) of \(Written.count(planned))"
  }

  func bundle() throws -> MIMEBundle { try table().bundle() }

  /// All that is known of it, a line each; the text of its cell stands below.
  private func table() throws -> Table {
    var rows = [
      ["model", "\(record.name), \(record.method)"], ["images", record.data],
      ["status", progress],
      ["loss", record.finalLoss.map { Written.decimals($0, 4) } ?? "–"],
      ["images/s", record.imagesPerSecond.map(Written.rate) ?? "–"],
      ["training", record.seconds.map { Written.duration($0) } ?? "–"],
      ["epochs", Written.count(record.epochs)], ["seed", "\(record.seed)"],
    ]
    rows += options.map { [$0.name, $0.text] }
    var seen: Set<String> = []
    for probe in probes.reversed() where seen.insert(probe.name).inserted {
      rows.append([
        probe.name,
        "\(Written.decimals(probe.value, 4)) after \(Written.count(probe.step)) steps",
      ])
    }
    let figures = try journal.figures(of: record.id)
    if !figures.isEmpty {
      rows.append(["figures", figures.map(\.word).joined(separator: ", ")])
    }
    rows.append(["started", Self.moment(record.started)])
    if let host = record.host { rows.append(["host", host]) }
    if let build = record.build { rows.append(["build", "Orbit \(build)"]) }
    rows.append(["checksum", String(record.checksum.prefix(16)) + "…"])
    return Table(
      "run \(record.id)", columns: [.init("what"), .init("value")], rows: rows,
      notes: record.code.map { ["cell \(record.cell.map(String.init) ?? "?"): \($0)"] } ?? [])
  }
}
