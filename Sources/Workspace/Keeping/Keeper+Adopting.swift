import CellLanguage
import JupyterProtocol
import RunStore
import Synchronization

/// Values of a folder that another kernel writes into.
///
/// They are looked at where they are, and are that kernel's: a later session finds what it has made of them. Once a
/// cell of this session changes a model, this session's own folder has it, with every name that leads to it.
extension Keeper {
  /// Keeps a model of the other folder before a cell changes it, as it came.
  ///
  /// Its state and its names come in one commit, which is of no cell: undoing what the cell does with the model
  /// gives that state back, and a kernel that dies meanwhile has left names that lead to the checkpoints.
  func adopt(_ model: ModelObject, in context: CellContext) {
    guard writes, let other, other.number(of: model) != nil, !model.isTraining else { return }
    adopt(model, [model] + model.runs, in: context)
  }

  /// Keeps a run of the other folder before a cell carries it on, with the model that it trains.
  func adopt(_ run: RunObject, in context: CellContext) {
    if let model = run.model() { return adopt(model, in: context) }
    guard writes, let other, other.number(of: run) != nil else { return }
    adopt(run, [run], in: context)
  }

  /// Keeps the models and runs of the other folder that a cell has given names of its own.
  func adopt(_ changed: Set<String>, in context: CellContext) {
    guard writes, let other, !changed.isEmpty else { return }
    let table = context.workspace.evaluator.names
    for name in changed {
      guard let value = table[name] else { continue }
      for object in Self.objects(in: value)
      where other.number(of: object) != nil && number(of: object) == nil {
        if let model = object as? ModelObject { adopt(model, in: context) }
        if let run = object as? RunObject { adopt(run, in: context) }
      }
    }
  }

  private func adopt(
    _ object: any HostObject, _ objects: [any HostObject], in context: CellContext
  ) {
    let names = names(leadingTo: objects, in: context)
    committing.withLock { _ in
      let isNew = number(of: object) == nil
      var building = Building(keeper: self)
      do {
        let rows = try building.names(names, of: context.workspace.evaluator.names)
        _ = try building.number(of: object)
        guard !rows.isEmpty || !building.states.isEmpty else { return }
        try store.commit(
          line: KeptCommit.noCell, names: rows, states: Array(building.states.values))
        note(adopted: rows)
        note(building.revisions)
      } catch {
        // A number without a state would stand for a model that nobody has trained.
        if isNew { forget(objects) }
        // The cell's own commit tries again, and says why where that fails, too.
        state.withLock { $0.pending.formUnion(names) }
      }
    }
  }

  /// The names that were restored from the other folder and lead to one of these objects; those that wait are loaded,
  /// since later they would come to another copy of it.
  private func names(
    leadingTo objects: [any HostObject], in context: CellContext
  ) -> Set<String> {
    let evaluator = context.workspace.evaluator
    var objects = objects
    var left = inheritedNames
    var found: Set<String> = []
    while true {
      let numbers = Set(objects.compactMap { other?.number(of: $0) })
      let table = evaluator.names
      let leading = left.filter { name in
        guard case .object(let object)? = table[name], let kept = object as? KeptValue else {
          return table[name].map { value in
            Self.objects(in: value).contains { object in objects.contains { $0 === object } }
          } ?? false
        }
        guard kept.keeper === other, !Self.objects(in: kept.json).isDisjoint(with: numbers),
          let loaded = try? kept.load(in: context)
        else { return false }
        evaluator.restore(name, to: loaded, isConstant: table.isConstant(name))
        return true
      }
      guard !leading.isEmpty else { return found }
      found.formUnion(leading)
      left.subtract(leading)
      // A collection takes its other models along, and these their names.
      for name in leading {
        for object in evaluator.names[name].map({ Self.objects(in: $0) }) ?? [] {
          let model = object as? ModelObject ?? (object as? RunObject)?.model()
          let more: [any HostObject] =
            model.map { [$0] + $0.runs } ?? (object is RunObject ? [object] : [])
          objects += more.filter { new in !objects.contains { $0 === new } }
        }
      }
    }
  }

  /// The names that were restored from the other folder and that this one does not have, of values with objects.
  private var inheritedNames: Set<String> {
    let own = Set((try? store.names().map(\.name)) ?? [])
    return state.withLock { state in
      Set(state.inherited.values.filter { $0.value?.contains("\"object\"") == true }.map(\.name))
    }.subtracting(own)
  }

  /// The names of the other folder that lead to a model or a run that this one has by now: they are its own as well, or
  /// the next session would have two where this one has one.
  func adopted(_ names: NameTable) -> Set<String> {
    guard other != nil else { return [] }
    return inheritedNames.filter { name in
      guard let value = names[name] else { return false }
      return Self.objects(in: value).contains { object in
        (object is ModelObject || object is RunObject) && number(of: object) != nil
      }
    }
  }

  /// Notes rows that stand for names of the other folder, in case they are asked for again.
  func note(adopted rows: [KeptName]) {
    state.withLock { state in
      for row in rows { state.adopted[row.name] = row }
    }
  }

  /// The object that a value is, or those in a collection.
  private static func objects(in value: Value) -> [any HostObject] {
    var found: [any HostObject] = []
    _ = try? ValueCoding.json(value) { object in
      found.append(object)
      return 0
    }
    return found
  }

  /// Takes back the numbers of objects whose first states could not be written.
  private func forget(_ objects: [any HostObject]) {
    for id in objects.compactMap({ number(of: $0) }) {
      state.withLock { state in
        if let place = state.places.removeValue(forKey: id) { state.known[place] = nil }
      }
    }
  }

  /// What a name stood for in the other folder when it was restored.
  func inherited(_ name: String) -> (row: KeptName, value: Value)? {
    guard let other, let row = state.withLock({ $0.inherited[name] }),
      let json = try? JSONValue(json: row.value ?? ""), let value = other.deferred(json, row)
    else { return nil }
    return (row, value)
  }
}
