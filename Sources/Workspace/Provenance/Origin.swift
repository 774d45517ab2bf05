import CellLanguage
import Datasets
import Formats
import JupyterKernel
import JupyterProtocol
import Methods
import RunStore
import Synchronization
import Training

/// A command that runs, and what it was given.
struct RunningCall: Sendable {
  let command: Command
  let arguments: [Argument]

  /// The objects among the arguments, those in arrays included.
  var objects: [any HostObject] { arguments.flatMap { Self.objects(in: $0.value) } }

  private static func objects(in value: Value) -> [any HostObject] {
    switch value {
    case .object(let object): [object]
    case .array(let values): values.prefix(100).flatMap { objects(in: $0) }
    default: []
    }
  }

  /// The seed that it draws by: the one given, or the default of its declaration.
  var seed: String? {
    for argument in arguments where argument.label == "seed" { return argument.value.cellText }
    return command.parameters.first { $0.label == "seed" }?.defaultText
  }

  /// The call as it could be written in a cell: objects by their names or recipes.
  func text(in workspace: Workspace) -> String {
    let written = arguments.map { argument in
      (argument.label.map { "\($0): " } ?? "") + Self.text(argument.value, in: workspace)
    }
    return "\(command.name)(\(written.joined(separator: ", ")))"
  }

  private static func text(_ value: Value, in workspace: Workspace) -> String {
    switch value {
    case .object(let object):
      workspace.name(of: object) ?? (object as? ImageSetObject)?.images.recipe ?? object.typeName
    case .array(let values) where !objects(in: value).isEmpty:
      "[" + values.prefix(100).map { text($0, in: workspace) }.joined(separator: ", ") + "]"
    default: String(value.cellText.prefix(200))
    }
  }
}

/// What a figure or a model comes from, in a record that is not yet signed.
enum Origin {
  /// The most characters of a cell that a record keeps.
  private static let longestSource = 20_000

  /// A record of something that a cell makes of some objects.
  static func record(
    kind: String, title: String, of objects: [any HostObject], in context: CellContext,
    call: RunningCall?
  ) -> ProvenanceRecord {
    let workspace = context.workspace
    var record = ProvenanceRecord()
    record[.kind] = kind
    record[.title] = title.isEmpty ? nil : title
    record[.workspace] = workspace.journal.folder?.split(separator: "/").last.map(String.init)
    record[.session] = "\(workspace.journal.session)"
    record[.cell] = "\(context.execution.count)"
    let more = context.code.count - longestSource
    record[.source] =
      more > 0 ? "\(context.code.prefix(longestSource))… (\(more) more characters)" : context.code
    record[.call] = call?.text(in: workspace)
    record[.seed] = call?.seed
    record[.version] = WorkspaceInterpreter.version
    record[.time] = Timestamp.now()
    describe(objects, of: workspace, in: &record)
    return record
  }

  /// Says which models, runs and images there are; several of a kind stand side by side.
  private static func describe(
    _ objects: [any HostObject], of workspace: Workspace, in record: inout ProvenanceRecord
  ) {
    var values: [ProvenanceRecord.Field: [String]] = [:]
    func add(_ field: ProvenanceRecord.Field, _ text: String?) {
      guard let text, !(values[field] ?? []).contains(text) else { return }
      values[field, default: []].append(text)
    }
    func add(_ run: RunObject) {
      add(.run, run.record.map { "\($0)" })
      add(.runSeed, "\(run.run.options.seed)")
      add(.runStatus, run.run.status.word)
      add(.loss, run.finalLoss.map { "\($0)" })
      add(.trainedOn, run.images.images.recipe)
      add(.trainedOnChecksum, run.images.images.checksum)
    }
    func add(_ model: ModelObject) {
      add(.model, workspace.name(of: model))
      add(.method, type(of: model.learner).card.word)
      add(.options, JSONText.object(model.options.map { ($0.name, $0.text) }))
      add(.modelSeed, "\(model.seed)")
      add(.steps, "\(model.steps)")
    }
    for object in objects {
      switch object {
      case let model as ModelObject:
        add(model)
        model.currentRuns.last.map { add($0) }
      case let run as RunObject:
        if let owner = workspace.models.first(where: { $0.model.runs.contains { $0 === run } }) {
          add(owner.model)
        } else {
          add(.method, type(of: run.method).card.word)
        }
        add(run)
      case let run as RecordedRun:
        add(.method, run.record.method)
        add(.run, "\(run.id)")
        add(.runSeed, "\(run.record.seed)")
        add(.trainedOn, run.record.data)
        add(.trainedOnChecksum, run.record.checksum)
      case let images as ImageSetObject:
        add(.data, images.images.recipe)
        add(.dataChecksum, images.images.checksum)
      case let dataset as DatasetObject:
        add(.data, dataset.dataset.train.recipe)
        add(.dataChecksum, dataset.dataset.train.checksum)
      default: break
      }
    }
    for (field, texts) in values { record[field] = texts.joined(separator: ", ") }
  }
}

/// Puts a figure's record into its file, and the same one whenever the same picture is asked for again.
final class Seal: Sendable {
  private let make: @Sendable (_ content: String, _ metadata: String) -> ProvenanceRecord
  private let known = Mutex<[String: ProvenanceRecord]>([:])

  /// What the figure comes from, in a line.
  let words: String

  /// - Parameter draft: what the figure comes from.
  init(_ ledger: Ledger, draft: ProvenanceRecord) {
    let fields: [ProvenanceRecord.Field] = [
      .session, .cell, .call, .model, .run, .runSeed, .trainedOn, .data, .version,
    ]
    words = fields.compactMap { field in draft[field].map { "\(field.label): \($0)" } }
      .joined(separator: "; ")
    make = { content, metadata in
      var record = draft
      record[.content] = content
      record[.metadata] = metadata
      return ledger.sealed(record)
    }
  }

  private func record(_ content: String, _ metadata: String) -> ProvenanceRecord {
    known.withLock { known in
      if let record = known[content + metadata] { return record }
      let record = make(content, metadata)
      known[content + metadata] = record
      return record
    }
  }

  /// A PNG with its record; unchanged when it is none, or says already where it comes from.
  func png(_ bytes: [UInt8]) -> [UInt8] {
    guard let chunks = try? PNGChunks(parsing: bytes, path: ""),
      SealedFile(chunks).records.isEmpty
    else { return bytes }
    return chunks.sealed(record)
  }

  /// An SVG document with its record.
  func svg(_ document: [UInt8]) -> [UInt8] { SVGRecord.sealed(document, record) }
}
