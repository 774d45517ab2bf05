import CellLanguage
import JupyterProtocol
import RunStore
import Synchronization

/// Bringing names back, and forgetting them.
extension Keeper {
  /// A name that was brought back, or not, and what there is to say about it.
  struct Restored {
    let name: String
    let type: String
    let summary: String
    var note = ""
  }

  /// Whether a name's JSON is this object and nothing else.
  static func leads(_ json: JSONValue, to object: Int) -> Bool {
    json["object"]?.whole == object
  }

  /// Brings back names of earlier sessions; their values are loaded when a cell uses them.
  ///
  /// - Parameter chosen: the names, which replace those of this session; when empty, all that this session has not
  ///   declared itself.
  /// - Throws: `CellError` for a chosen name that is not kept, `RunStoreError` when the store cannot be read.
  func restore(_ chosen: [String], into evaluator: Evaluator) throws -> [Restored] {
    let (rows, replaced) = try self.rows(for: chosen)
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
      if replaced.contains(row.name) {
        evaluator.set(row.name, to: value, isConstant: row.isConstant)
      } else {
        evaluator.restore(row.name, to: value, isConstant: row.isConstant)
      }
      if keeper === other { state.withLock { $0.inherited[row.name] = row } }
      restored.append(entry)
    }
    // A training of the other kernel goes on.
    try restoreBroken(into: evaluator, &restored)
    return restored
  }

  /// The rows that can be brought back, and the names among them that this session has given other values: for these
  /// the cell that brings them back is a change, and is committed as one.
  private func rows(
    for chosen: [String]
  ) throws -> (rows: [(row: KeptName, keeper: Keeper)], replaced: Set<String>) {
    var rows = try store.names().map { (row: $0, keeper: self) }
    var own = Set(rows.map(\.row.name))
    var replaced: Set<String> = []
    func put(_ row: KeptName, of keeper: Keeper) {
      guard let place = rows.firstIndex(where: { $0.row.name == row.name }) else {
        rows.append((row, keeper))
        // This session has forgotten it, or given it something that cannot be kept.
        if keeper === self { replaced.insert(row.name) }
        return
      }
      if rows[place].keeper !== keeper || rows[place].row.value != row.value {
        replaced.insert(row.name)
      }
      rows[place] = (row, keeper)
    }
    if !chosen.isEmpty, let first = try store.commits(of: store.currentSession ?? 0).last {
      // Who asks for a name wants what it was before this session gave it another value.
      let before = try store.names(after: first.id - 1)
      let adopted = state.withLock { Array($0.adopted.values) }
      own = Set((before + adopted).map(\.name))
      for row in before + adopted { put(row, of: self) }
    }
    for row in try other?.store.names() ?? [] where !own.contains(row.name) {
      guard let other else { continue }
      put(row, of: other)
      // Forgotten here, and back from now on.
      let newest = try store.name(row.name, after: .max)
      if newest != nil, newest?.type != KeptName.elsewhere { replaced.insert(row.name) }
    }
    return (rows, replaced)
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
    let stored = try store.names()
    for checkpoint in try store.checkpoints() where living(checkpoint.run) == nil {
      let names = evaluator.names
      let waiting = names.names.compactMap { name -> (name: String, json: JSONValue)? in
        guard case .object(let object)? = names[name], let kept = object as? KeptValue,
          kept.keeper === self
        else { return nil }
        return (name, kept.json)
      }
      let known = waiting.first { Self.leads($0.json, to: checkpoint.model) }?.name
      // One that was not asked for keeps its name all the same.
      let own = stored.first { row in
        (try? JSONValue(json: row.value ?? "")).map { Self.leads($0, to: checkpoint.model) }
          ?? false && evaluator.value(named: row.name) == nil
      }
      let name =
        known ?? own?.name
        ?? freeName(for: checkpoint, in: evaluator, besides: Set(stored.map(\.name)))
      if known == nil {
        // Whoever uses the collection, or the model, has it with its training.
        guard living(checkpoint.model) == nil,
          !waiting.contains(where: { Self.objects(in: $0.json).contains(checkpoint.model) })
        else { continue }
        let json: JSONValue = ["object": .integer(checkpoint.model)]
        let row =
          own
          ?? KeptName(
            name: name, place: names.count, isConstant: true, value: json.jsonText, type: "Model",
            summary: "a model that no finished cell had named")
        if let value = deferred(json, row) {
          evaluator.restore(name, to: value, isConstant: row.isConstant)
          // No cell has committed it, and an undo of this one is not to lose it.
          if writes, own == nil {
            try store.commit(line: KeptCommit.noCell, names: [row], states: [])
          }
          restored.append(Restored(name: name, type: row.type, summary: row.summary))
        }
      }
      guard let place = restored.firstIndex(where: { $0.name == name }) else { continue }
      restored[place].note =
        "its training broke off; it is as step \(Written.count(checkpoint.step)) left it: "
        + "resume(\(name).runs.last) carries on"
    }
  }

  /// A name for the model of a training that broke off: the one that it had or, where another value has that, the next
  /// one by number.
  private func freeName(
    for checkpoint: KeptCheckpoint, in evaluator: Evaluator, besides kept: Set<String>
  ) -> String {
    // A model that had no name goes by its method's word, which must go on making models.
    let isWord = evaluator.vocabulary.lookup(checkpoint.name) != nil
    let name = isWord ? checkpoint.name.lowercased() : checkpoint.name
    var free = name
    var number = 2
    while evaluator.value(named: free) != nil || kept.contains(free) {
      free = "\(name)\(number)"
      number += 1
    }
    return free
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
