import CellLanguage
import JupyterKernel
import JupyterProtocol
import Layers
import Methods
import RunStore
import Synchronization
import Training

/// Taking cells back.
extension Keeper {
  /// The commits of this session that are not undone, the newest first.
  private func standing() throws -> [KeptCommit] {
    var undone: Set<Int> = []
    return try store.commits(of: store.currentSession ?? 0).filter { commit in
      if let other = commit.undoes {
        undone.insert(other)
        return false
      }
      return commit.line != KeptCommit.noCell && !undone.contains(commit.id)
    }
  }

  /// Those of them that can be undone.
  func undoable() throws -> [KeptCommit] {
    let floor = state.withLock { $0.floor }
    return try standing().filter { $0.id > floor }.prefix(depth).map { $0 }
  }

  /// Returns the workspace to before the last cell that changed it.
  ///
  /// - Returns: the cell's number, and what became of its names.
  /// - Throws: `CellError` when there is nothing to undo, or a model of that cell is being trained.
  func undo(in context: CellContext) throws -> (line: Int, changes: [Restored]) {
    // Else the cell before the last one would be taken back.
    guard !state.withLock({ $0.hasFailed }) else {
      throw CellError(
        .commandFailed,
        "the last cell could not be kept on disk, and what is not kept cannot be taken back",
        fix: "make room on the disk, then say undo() again")
    }
    guard let target = try undoable().first else {
      throw CellError(
        .commandFailed,
        try standing().isEmpty
          ? "no cell of this session has changed the workspace"
          : "what earlier cells replaced is no longer kept: at most \(Self.undoable) cells can be undone, and "
            + "fewer where that takes more than \(Written.bytes(Self.room)) (workspace() tells the sizes)"
      )
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
    for (state, object) in objects {
      let before = try store.state(of: state.object, after: target.id - 1)
      if let blob = before?.blob { _ = try blobs.read(blob) }
      guard before != nil || other?.number(of: object) == nil else {
        throw CellError(
          .commandFailed, "what a model of the other kernel was before the cell could not be kept",
          fix: "the other kernel's notebook has it as it was")
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
      } else if before == nil || before?.type == KeptName.elsewhere,
        let (inherited, value) = inherited(row.name)
      {
        evaluator.set(row.name, to: value, isConstant: inherited.isConstant)
        changes.append(
          Restored(name: row.name, type: inherited.type, summary: inherited.summary))
      } else {
        evaluator.remove(row.name)
        changes.append(
          Restored(name: row.name, type: row.type, summary: row.summary, note: "is gone"))
      }
    }
    for (state, object) in objects {
      guard let model = object as? ModelObject,
        let name = try context.workspace.name(of: model)
          ?? Self.place(of: state.object, among: store.names()),
        !changes.contains(where: { $0.name == name })
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

  /// Where a cell finds an object: the name that it has, or that of a collection with it.
  static func place(of id: Int, among rows: [KeptName]) -> String? {
    let values = rows.compactMap { row in
      (try? JSONValue(json: row.value ?? "")).map { (name: row.name, json: $0) }
    }
    return
      (values.first { leads($0.json, to: id) } ?? values.first { objects(in: $0.json).contains(id) })?
      .name
  }

  /// The number of the model that a run trains.
  private func model(of run: Int) throws -> Int? {
    try store.object(run).flatMap { try? JSONValue(json: $0.recipe) }?["model"]?.whole
  }
}
