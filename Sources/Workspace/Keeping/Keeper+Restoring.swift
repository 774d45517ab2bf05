import CellLanguage
import JupyterKernel
import JupyterProtocol
import Layers
import RunStore
import Synchronization
import Training

/// Bringing names back, and taking cells back.
extension Keeper {
  /// A name that was brought back, or not, and what there is to say about it.
  struct Restored {
    let name: String
    let type: String
    let summary: String
    var note = ""
  }

  /// Whether a name's JSON is this object and nothing else.
  private static func leads(_ json: JSONValue, to object: Int) -> Bool {
    json["object"]?.whole == object
  }

  /// Brings back names of earlier sessions; their values are loaded when a cell uses them.
  ///
  /// - Parameter chosen: the names, which replace those of this session; when empty, all that this session has not
  ///   declared itself.
  /// - Throws: `CellError` for a chosen name that is not kept, `RunStoreError` when the store cannot be read.
  func restore(_ chosen: [String], into evaluator: Evaluator) throws -> [Restored] {
    var rows = try store.names().map { (row: $0, keeper: self) }
    if !chosen.isEmpty, let first = try store.commits(of: store.currentSession ?? 0).last {
      // Who asks for a name wants what it was before this session gave it another value.
      for earlier in try store.names(after: first.id - 1) {
        if let place = rows.firstIndex(where: { $0.row.name == earlier.name }) {
          rows[place].row = earlier
        } else {
          rows.append((earlier, self))
        }
      }
    }
    let own = Set(rows.map(\.row.name))
    for row in try other?.store.names() ?? [] where !own.contains(row.name) {
      if let other { rows.append((row, other)) }
    }
    if let missing = chosen.first(where: { name in !rows.contains { $0.row.name == name } }) {
      throw CellError(
        .unknownName, "the workspace keeps no '\(missing)'",
        fix: nearest(missing, among: rows.map(\.row.name)).map { "did you mean '\($0)'?" }
          ?? "restore() brings back all that it keeps")
    }
    var restored: [Restored] = []
    for (row, keeper) in rows where chosen.isEmpty || chosen.contains(row.name) {
      var row = row
      if let summary = try keeper.currentSummary(row) { row.summary = summary }
      var entry = Restored(name: row.name, type: row.type, summary: row.summary)
      if chosen.isEmpty, let current = evaluator.value(named: row.name) {
        if case .object(let object) = current, object is KeptValue { continue }
        entry.note = "stays as this session has it"
        restored.append(entry)
        continue
      }
      guard let json = try? JSONValue(json: row.value ?? ""),
        let value = keeper.deferred(json, row)
      else {
        entry.note = "cannot be read"
        restored.append(entry)
        continue
      }
      evaluator.restore(row.name, to: value, isConstant: row.isConstant)
      restored.append(entry)
    }
    // A training of the other kernel goes on.
    try restoreBroken(into: evaluator, &restored)
    return restored
  }

  /// What a model or a run is in its newest state, which may be newer than the row of its name.
  private func currentSummary(_ row: KeptName) throws -> String? {
    guard row.type == "Model" || row.type == "Run",
      let id = (try? JSONValue(json: row.value ?? ""))?["object"]?.whole
    else { return nil }
    return try store.state(of: id).flatMap(Self.summary)
  }

  /// What a state says that its object is.
  static func summary(_ state: KeptState) -> String? {
    (try? JSONValue(json: state.content))?["summary"]?.text
  }

  /// The value of a row: at once where it is plain, when it is used otherwise.
  func deferred(_ json: JSONValue, _ row: KeptName) -> Value? {
    guard ValueCoding.isPlain(json) else {
      return .object(
        KeptValue(json, name: row.name, type: row.type, summary: row.summary, keeper: self))
    }
    return try? ValueCoding.value(json) { _ in
      .none
    } function: { _, _ in
      .none
    }
  }

  /// Tells of the runs that broke off, and gives models that no cell had committed the names that they had.
  private func restoreBroken(
    into evaluator: Evaluator, _ restored: inout [Restored]
  ) throws {
    for checkpoint in try store.checkpoints() where living(checkpoint.run) == nil {
      let names = evaluator.names
      let known = names.names.first { name in
        guard case .object(let object)? = names[name], let kept = object as? KeptValue else {
          return false
        }
        return kept.keeper === self && Self.leads(kept.json, to: checkpoint.model)
      }
      // A model that had no name goes by its method's word, which must go on making models.
      let isWord = evaluator.vocabulary.lookup(checkpoint.name) != nil
      let name = known ?? (isWord ? checkpoint.name.lowercased() : checkpoint.name)
      if known == nil {
        guard evaluator.value(named: name) == nil else { continue }
        let json: JSONValue = ["object": .integer(checkpoint.model)]
        let row = KeptName(
          name: name, place: names.count, isConstant: true, value: json.jsonText, type: "Model",
          summary: "a model that no finished cell had named")
        if let value = deferred(json, row) {
          evaluator.restore(name, to: value, isConstant: true)
          // No cell has committed it, and an undo of this one is not to lose it.
          if writes { try store.commit(line: KeptCommit.noCell, names: [row], states: []) }
          restored.append(Restored(name: name, type: row.type, summary: row.summary))
        }
      }
      guard let place = restored.firstIndex(where: { $0.name == name }) else { continue }
      restored[place].note =
        "its training broke off; it is as step \(Written.count(checkpoint.step)) left it: "
        + "resume(\(name).runs.last) carries on"
    }
  }

  /// What can be brought back, in one line; `nil` when there is nothing.
  func invitation() -> String? {
    guard let names = try? (store.names() + (other?.store.names() ?? [])),
      let broken = try? store.checkpoints(),
      !names.isEmpty || !broken.isEmpty
    else { return nil }
    var words = names.map(\.name).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let count = words.count
    if count > 6 { words = Array(words.prefix(4)) + ["\(words[4]) and \(count - 5) more"] }
    let kept =
      count == 0
      ? "" : "\(words.joined(separator: ", ")) \(count == 1 ? "is" : "are") kept from before"
    let runs = broken.map {
      "the training of \($0.name) broke off at step \(Written.count($0.step))"
    }
    return ([kept] + runs).filter { !$0.isEmpty }.joined(separator: "; ")
      + ": restore() brings back what was there."
  }

  // MARK: Taking back

  /// The commits of this session that can be undone, the newest first.
  func undoable() throws -> [KeptCommit] {
    var undone: Set<Int> = []
    let floor = state.withLock { $0.floor }
    return try store.commits(of: store.currentSession ?? 0).filter { commit in
      if let other = commit.undoes {
        undone.insert(other)
        return false
      }
      return commit.line != KeptCommit.noCell && commit.id > floor && !undone.contains(commit.id)
    }.prefix(depth).map { $0 }
  }

  /// Returns the workspace to before the last cell that changed it.
  ///
  /// - Returns: the cell's number, and what became of its names.
  /// - Throws: `CellError` when there is nothing to undo, or a model of that cell is being trained.
  func undo(in context: CellContext) throws -> (line: Int, changes: [Restored]) {
    guard let target = try undoable().first else {
      throw CellError(.commandFailed, "no cell of this session has changed the workspace")
    }
    let states = try store.states(changedBy: target.id)
    let objects = states.compactMap { state in living(state.object).map { (state, $0) } }
    guard !objects.contains(where: { ($0.1 as? ModelObject)?.isTraining == true }) else {
      throw BackgroundRun.underWay
    }
    // Of objects that do not live the state of before is committed as it is.
    var past: [KeptState] = []
    for state in states where !objects.contains(where: { $0.0.object == state.object }) {
      let before = try store.state(of: state.object, after: target.id - 1)
      past.append(before ?? KeptState(object: state.object, content: "{}", blob: nil))
    }
    // What cannot be read is found before anything changes.
    for (state, _) in objects {
      if let blob = try store.state(of: state.object, after: target.id - 1)?.blob {
        _ = try blobs.read(blob)
      }
    }
    // Runs first: a model's scores are of the steps that its runs have taken.
    for (state, object) in objects {
      guard let run = object as? RunObject,
        let before = try store.state(of: state.object, after: target.id - 1)
      else { continue }
      // Where nobody holds the model, nothing else gives its weights back.
      let isAlone = run.model() == nil
      if isAlone, let number = try model(of: state.object),
        let weights = try store.state(of: number, after: target.id - 1)
      {
        try apply(weights, to: run.method, seed: run.modelSeed)
      }
      try restore(
        run, to: before, parameters: run.method.parameters.entries, prefersOwn: isAlone)
    }
    for (state, object) in objects {
      guard let model = object as? ModelObject else { continue }
      if let before = try store.state(of: state.object, after: target.id - 1) {
        try restore(model, to: before, in: context)
      } else {
        try model.learner.becomeNew(seed: model.seed)
        model.restore(ModelObject.Past(runs: 0), runs: [])
      }
    }
    let evaluator = context.workspace.evaluator
    var changes: [Restored] = []
    for row in try store.names(changedBy: target.id) {
      let before = try store.name(row.name, after: target.id - 1)
      if let before, let text = before.value,
        let value = deferred(try JSONValue(json: text), before)
      {
        evaluator.set(row.name, to: value, isConstant: before.isConstant)
        changes.append(Restored(name: row.name, type: before.type, summary: before.summary))
      } else {
        evaluator.remove(row.name)
        changes.append(
          Restored(name: row.name, type: row.type, summary: row.summary, note: "is gone"))
      }
    }
    for (state, object) in objects {
      guard let model = object as? ModelObject,
        let name = context.workspace.name(of: model), !changes.contains(where: { $0.name == name })
      else { continue }
      changes.append(
        Restored(
          name: name, type: model.typeName, summary: model.summary,
          note: state.blob == nil ? "" : "has its weights of before"))
    }
    let line = context.execution.count
    state.withLock { $0.undoing = (target.id, line, past) }
    return (target.line, changes)
  }

  /// The number of the model that a run trains.
  private func model(of run: Int) throws -> Int? {
    try store.object(run).flatMap { try? JSONValue(json: $0.recipe) }?["model"]?.whole
  }

  /// Forgets a name that this session may not have brought back.
  func forget(_ name: String) throws -> Bool {
    let row = try store.names().first { $0.name == name }
    guard let row else { return false }
    state.withLock { _ = $0.pending.insert(name) }
    // Nor is a training of it that broke off told of again.
    let json = row.value.flatMap { try? JSONValue(json: $0) }
    let broken = try store.checkpoints().filter { checkpoint in
      json.map { Self.leads($0, to: checkpoint.model) } ?? false
    }
    try store.endCheckpoints(of: Set(broken.map(\.run)))
    return true
  }
}
