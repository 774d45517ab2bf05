import CellLanguage
import Datasets
import Formats
import JupyterProtocol
import Layers
import Methods
import RunStore
import Synchronization
import Training

/// A commit in the making: what is written for names and for what they lead to.
struct Building {
  let keeper: Keeper
  /// The states to write, by object.
  var states: [Int: KeptState] = [:]
  /// The revisions of these states.
  var revisions: [Int: Revision] = [:]
  /// Why names could not be kept.
  var refused: [String: String] = [:]
  /// Whether models train, as it was when that was first asked: one that ends in between is left out with its runs.
  private var training: [ObjectIdentifier: Bool] = [:]

  init(keeper: Keeper) { self.keeper = keeper }

  /// The rows of names that changed; one that cannot be kept is as if it were forgotten.
  mutating func names(_ changed: Set<String>, of table: NameTable) throws -> [KeptName] {
    guard !changed.isEmpty else { return [] }
    var rows: [KeptName] = []
    for (place, name) in table.names.enumerated() where changed.contains(name) {
      guard let value = table[name] else { continue }
      rows.append(
        KeptName(
          name: name, place: place, isConstant: table.isConstant(name),
          value: try json(name, value),
          type: isElsewhere(value) ? KeptName.elsewhere : value.typeName,
          summary: Self.summary(value)))
    }
    for name in changed.sorted() where table[name] == nil {
      rows.append(
        KeptName(name: name, place: 0, isConstant: false, value: nil, type: "", summary: ""))
    }
    return rows
  }

  /// Whether a value waits in the other folder, where it is kept.
  private func isElsewhere(_ value: Value) -> Bool {
    guard case .object(let object) = value, let kept = object as? KeptValue else { return false }
    return kept.keeper !== keeper
  }

  private mutating func json(_ name: String, _ value: Value) throws -> String? {
    if case .object(let object) = value, let kept = object as? KeptValue {
      return isElsewhere(value) ? nil : kept.json.jsonText
    }
    do {
      let json = try ValueCoding.json(value) { try number(of: $0) }
      return json.jsonText
    } catch let error as NotKept {
      refused[name] = error.reason
      return nil
    }
  }

  static func summary(_ value: Value) -> String {
    if case .object(let object) = value { return object.summary }
    return String(value.cellText.prefix(80))
  }

  /// The number of an object; one that has none gets it, and what it needs to be made again is written.
  mutating func number(of object: any HostObject) throws -> Int {
    if let number = keeper.number(of: object) { return number }
    if object is any DeferredObject {
      throw NotKept(reason: "it was restored and not used since")
    }
    let id: Int
    switch object {
    case let data as DatasetObject:
      id = try keep(
        "data",
        [
          "recipe": .string(data.recipe),
          "checksum": .string(data.dataset.train.checksum),
          "testChecksum": .string(data.dataset.test.checksum),
        ])
    case let set as ImageSetObject:
      id = try keep(
        "images",
        ["recipe": .string(set.images.recipe), "checksum": .string(set.images.checksum)])
    case let family as FamilyObject:
      id = try keep("transformation", ["recipe": .string(family.recipe)])
    case let encoder as EncoderObject:
      id = try keep("encoder", ["recipe": .string(encoder.configuration.text)])
    case let model as ModelObject:
      id = try keep("model", model.recipe)
    case let run as RunObject:
      return try keep(run)
    case let run as RecordedRun:
      id = try keep(
        "recorded run", ["recipe": .string("runs(where: { $0.id == \(run.id) })[0]")])
    case let list as RunListObject:
      id = try keep("recorded runs", list.recipe)
    default:
      let memory = try RememberedObject.memory(of: object) { try number(of: $0) }
      let blob = memory.picture.isEmpty ? nil : try keeper.blobs.write(memory.picture)
      id = try keeper.store.keep(
        kind: "remembered", recipe: memory.content.jsonText,
        blob: blob)
    }
    keeper.know(object, as: id)
    if let model = object as? ModelObject { try add(model, id) }
    return id
  }

  private func keep(_ kind: String, _ recipe: JSONObject) throws -> Int {
    try keeper.store.keep(
      kind: kind, recipe: recipe.jsonText)
  }

  private mutating func keep(_ run: RunObject) throws -> Int {
    // Where nobody holds the model any more, another object stands for it: the weights are the run's own.
    let model = run.owner()
    defer { withExtendedLifetime(model) {} }
    // The model's state names its runs, so all have their numbers before any has its state.
    var place = keeper.number(of: model)
    let isNew = place == nil
    if place == nil {
      place = try keep("model", model.recipe)
      if let place { keeper.know(model, as: place) }
    }
    let id = try keep("run", run.keptRecipe(model: place ?? 0))
    keeper.know(run, as: id)
    if isNew, let place { try add(model, place) }
    try add(run, id)
    return id
  }

  /// The states of all models and runs that have changed since they were written.
  ///
  /// - Parameter objects: those that are looked at; `nil` for all.
  mutating func addStates(only objects: [any HostObject]? = nil) throws {
    let known = keeper.state.withLock { state in
      state.known.values.compactMap { known in
        known.object.map { (object: $0, id: known.id, revision: known.revision) }
      }
    }
    for entry in known where states[entry.id] == nil {
      if let objects, !objects.contains(where: { $0 === entry.object }) { continue }
      if let model = entry.object as? ModelObject, model.revision != entry.revision {
        try add(model, entry.id, after: entry.revision)
      }
      if let run = entry.object as? RunObject, run.revision != entry.revision {
        try add(run, entry.id)
      }
    }
  }

  private mutating func add(
    _ model: ModelObject, _ id: Int, after kept: Revision? = nil
  ) throws {
    // What trains in the background has its checkpoints, and is written when that has ended.
    guard !isTraining(model), states[id] == nil else { return }
    let revision = model.revision
    states[id] = KeptState(object: id, content: "{}", blob: nil)
    let past = model.past
    var runs = try model.runs.map { try number(of: $0) }
    var before = past.runs
    for missing in past.missing {
      runs.insert(missing.number, at: min(missing.place, runs.count))
      if missing.isBefore { before += 1 }
    }
    func whole(_ number: Int?) -> JSONValue { number.map { .integer($0) } ?? .null }
    let content: JSONObject = [
      "source": past.source.map { .string($0) } ?? .null, "steps": whole(past.steps),
      "batches": whole(past.batches), "before": .integer(before),
      "runs": .array(runs.map { .integer($0) }), "summary": .string(model.summary),
      "scores": .array(past.scores.map(\.json)),
    ]
    // One that nothing has changed is what its seed makes of it.
    let isAsMade =
      model.steps == 0 && past.source == nil && past.missing.isEmpty
      && model.runs.allSatisfy { $0.run.step == 0 }
    let isMeasured = kept?.tensors == revision.tensors
    let same = isMeasured ? try keeper.store.state(of: id)?.blob : nil
    let blob =
      isAsMade
      ? nil
      : try same
        ?? keeper.blobs.write(
          SafetensorsFile(
            entries: StateDictionary(model.method).entries(batches: model.batches),
            metadata: ["format": "pt", "producer": "orbit", "method": model.card.word]
          ).encoded())
    var state = KeptState(object: id, content: content.jsonText, blob: blob)
    state.endsCheckpoints = !isMeasured && !isAsItCame(model)
    states[id] = state
    revisions[id] = revision
  }

  private mutating func isTraining(_ model: ModelObject) -> Bool {
    let place = ObjectIdentifier(model)
    if training[place] == nil { training[place] = model.isTraining }
    return training[place] ?? false
  }

  /// Whether a model or a run of the other folder is as it was when it was loaded from there.
  ///
  /// That it has a state here is then no change of the cell's, and is not undone with it.
  private func isAsItCame(_ object: ModelObject) -> Bool {
    keeper.other?.revision(of: object) == object.revision
  }

  private func isAsItCame(_ run: RunObject) -> Bool {
    keeper.other?.revision(of: run) == run.revision
  }

  private mutating func add(_ run: RunObject, _ id: Int) throws {
    let isUnderWay = run.model().map { isTraining($0) } ?? false
    guard states[id] == nil, !isUnderWay else { return }
    let revision = run.revision
    let checkpoint = run.run.checkpoint()
    var parts: CheckpointFile.Parts = checkpoint.step >= run.run.plan.steps ? [] : .optimiser
    // Where nobody holds the model, nothing else has the weights.
    if run.model() == nil { parts.insert(.parameters) }
    let blob = try keeper.blobs.write(
      CheckpointFile.encoded(
        checkpoint, slots: run.run.slots, parts: parts))
    var state = KeptState(object: id, content: run.keptContent.jsonText, blob: blob)
    state.endsCheckpoints = !isAsItCame(run)
    states[id] = state
    revisions[id] = revision
  }
}
