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
    guard writes, let other, let id = other.number(of: model), !model.isTraining else { return }
    let names = names(leadingTo: model, id, in: context)
    committing.withLock { _ in
      let isNew = number(of: model) == nil
      var building = Building(keeper: self)
      do {
        let rows = try building.names(names, of: context.workspace.evaluator.names)
        _ = try building.number(of: model)
        guard !rows.isEmpty || !building.states.isEmpty else { return }
        try store.commit(
          line: KeptCommit.noCell, names: rows, states: Array(building.states.values))
        note(building.revisions)
      } catch {
        // A number without a state would stand for a model that nobody has trained.
        if isNew { forget([model] + model.runs) }
        // The cell's own commit tries again, and says why where that fails, too.
        state.withLock { $0.pending.formUnion(names) }
      }
    }
  }

  /// The names that were restored from the other folder and lead to its model of a number; those that wait are loaded,
  /// since later they would come to another copy of it.
  private func names(
    leadingTo model: ModelObject, _ id: Int, in context: CellContext
  ) -> Set<String> {
    let evaluator = context.workspace.evaluator
    let numbers = Set([id] + model.runs.compactMap { other?.number(of: $0) })
    let own = Set((try? store.names().map(\.name)) ?? [])
    let table = evaluator.names
    return state.withLock { Set($0.inherited.keys) }.subtracting(own).filter { name in
      guard case .object(let object)? = table[name], let kept = object as? KeptValue else {
        return table[name].map { Self.leads($0, to: model) } ?? false
      }
      guard kept.keeper === other, !Self.objects(in: kept.json).isDisjoint(with: numbers),
        let loaded = try? kept.load(in: context)
      else { return false }
      evaluator.restore(name, to: loaded, isConstant: table.isConstant(name))
      return true
    }
  }

  /// Whether a value is a model, one of its runs, or a collection with one of these.
  private static func leads(_ value: Value, to model: ModelObject) -> Bool {
    var found = false
    _ = try? ValueCoding.json(value) { object in
      if object === model || (object as? RunObject)?.model() === model { found = true }
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
