import CellLanguage
import JupyterProtocol
import Layers
import Methods
import RunStore
import Tensors

/// The words about what a workspace keeps: bringing back, taking back, branching, comparing, forgetting.
enum KeepingWords {
  static let all: [Command] = [restore, undo, fork, diff, forget]

  /// What keeps the workspace of a cell.
  private static func keeper(of context: any Context) throws -> (CellContext, Keeper) {
    let context = try CellContext.of(context)
    guard let keeper = context.workspace.keeper else {
      throw CellError(
        .commandFailed, "this workspace is in memory only and keeps nothing",
        fix: "start the kernel where it may write, or with --workspace DIR")
    }
    return (context, keeper)
  }

  private static func table(_ entries: [Keeper.Restored], notes: [String]) -> Value {
    .object(
      TableObject(
        Table(
          columns: [.init("name"), .init("type"), .init("what it is"), .init("")],
          rows: entries.map { [$0.name, $0.type, $0.summary, $0.note] }, notes: notes)))
  }

  static let restore = Command(
    "restore", "Brings back what earlier sessions of this notebook left in the workspace.",
    parameters: Parameter<[String]>(
      "names", label: .none, default: [],
      "which names, in place of those of this session; all that it has not declared unless given"),
    returns: "Table", topic: "workspace",
    discussion: """
      Every cell that finished is kept: names, models with their weights, data sets by the call that gives them \
      and their checksum, runs with all that their next step depends on, figures and scores as what they showed. \
      A value is loaded when a cell first uses its name. A model whose training broke off is as its last \
      checkpoint has it, and `resume(model.runs.last)` carries on to the same bits that an unbroken run ends \
      with.
      """, example: "restore()"
  ) { context, names in
    let (context, keeper) = try keeper(of: context)
    let restored = try keeper.restore(names, into: context.workspace.evaluator)
    return table(
      restored,
      notes: restored.isEmpty ? ["Nothing is kept that this session does not have."] : [])
  }

  static let undo = Command(
    "undo", "Returns the workspace to before the last cell that changed it.", returns: "Table",
    topic: "workspace",
    discussion: """
      Names stand for what they stood for, models have the weights and runs that they had. Again and again it goes \
      further back, up to \(Keeper.undoable) cells; files that a cell wrote stay.
      """, example: "undo()"
  ) { context in
    let (context, keeper) = try keeper(of: context)
    let undone = try keeper.undo(in: context)
    return table(undone.changes, notes: ["The workspace is as it was before In [\(undone.line)]."])
  }

  static let fork = Command(
    "fork", "Copies a model; the copy shares its weights until one of them changes.",
    parameters: Parameter<ModelObject>("model", label: .none, "the model"), returns: "Model",
    topic: "workspace", example: "let branch = fork(aet)"
  ) { context, model in
    let context = try CellContext.of(context)
    let source = context.workspace.name(of: model) ?? "a \(model.card.word)"
    let (steps, batches) = (model.steps, model.batches)
    let copy = ModelObject(
      try model.method.copied(seed: model.seed), seed: model.seed, options: model.options)
    if model.training != "untrained" {
      copy.came(from: "a fork of \(source)", steps: steps, batches: batches)
    }
    return .object(copy)
  }

  static let diff = Command(
    "diff", "Says what the last cells changed in the workspace, or in what two models differ.",
    parameters: Parameter<ModelObject?>("first", label: .none, "a model"),
    Parameter<ModelObject?>("second", label: .none, "another one"),
    Parameter<Int>("cells", default: 1, in: 1...1_000, "how many cells that changed something"),
    returns: "Table", topic: "workspace", example: "diff()"
  ) { context, first, second, cells in
    if let first {
      guard let second else {
        throw CellError(
          .argumentError, "diff compares two models, and was given one",
          fix: "write diff(aet, branch), or diff() for the last cell")
      }
      return .object(TableObject(try ModelDifference.table(first, second)))
    }
    let (_, keeper) = try keeper(of: context)
    return try changes(keeper, cells: cells)
  }

  private static func changes(_ keeper: Keeper, cells: Int) throws -> Value {
    let commits = try keeper.undoable().prefix(cells)
    guard let oldest = commits.last else {
      return table([], notes: ["No cell of this session has changed the workspace."])
    }
    var names: [String] = []
    var objects: [Int] = []
    for commit in commits.reversed() {
      for row in try keeper.store.names(changedBy: commit.id) where !names.contains(row.name) {
        names.append(row.name)
      }
      for state in try keeper.store.states(changedBy: commit.id)
      where !objects.contains(state.object) { objects.append(state.object) }
    }
    func words(_ row: KeptName?) -> String {
      guard let row, row.value != nil else { return "–" }
      return row.summary
    }
    var rows = try names.map { name in
      [
        name, words(try keeper.store.name(name, after: oldest.id - 1)),
        words(try keeper.store.name(name, after: .max)),
      ]
    }
    let current = try keeper.store.names()
    for id in objects {
      guard let model = keeper.living(id) as? ModelObject,
        let name = Keeper.place(of: id, among: current), !names.contains(name)
      else { continue }
      let before = try keeper.store.state(of: id, after: oldest.id - 1)
      rows.append([
        name,
        before.flatMap(Keeper.summary) ?? "as it was made", model.summary,
      ])
    }
    let lines = commits.map { "In [\($0.line)]" }.reversed().joined(separator: ", ")
    return .object(
      TableObject(
        Table(
          columns: [.init("name"), .init("before"), .init("after")], rows: rows,
          notes: ["What \(lines) changed."])))
  }

  static let forget = Command(
    "forget", "Removes a name from the workspace, and from what is kept for later.",
    parameters: Parameter<String>("name", label: .none, "the name, in quotes"),
    returns: "nothing", topic: "workspace",
    discussion: "undo() brings it back.", example: "forget(\"aet\")"
  ) { context, name in
    let context = try CellContext.of(context)
    let evaluator = context.workspace.evaluator
    let isKept = try context.workspace.keeper?.forget(name) ?? false
    guard evaluator.value(named: name) != nil || isKept else {
      throw CellError(
        .unknownName, "there is no name '\(name)'",
        fix: nearest(name, among: evaluator.names.names).map { "did you mean '\($0)'?" })
    }
    evaluator.remove(name)
    return .none
  }
}
