import CellLanguage
import RunStore

/// The table that `workspace()` shows: every name, what it is, and the room that it takes on disk.
enum WorkspaceTable {
  static func table(of workspace: Workspace) throws -> Table {
    let names = workspace.evaluator.names
    let keeper = workspace.keeper
    let kept = try keeper?.store.names() ?? []
    let sizes = keeper?.sizes ?? [:]
    func size(_ name: String) -> String {
      guard let keeper, let row = kept.first(where: { $0.name == name }) else { return "" }
      return Written.bytes(keeper.bytes(of: row, sizes: sizes))
    }
    let rows = names.names.compactMap { name -> [String]? in
      guard let value = names[name] else { return nil }
      if case .object(let object) = value {
        return [name, object.typeName, object.summary, size(name)]
      }
      return [name, value.typeName, String(value.cellText.prefix(80)), size(name)]
    }
    var notes = rows.isEmpty ? ["No names yet: begin with let fashion = FashionMNIST()."] : []
    if let keeper {
      let waiting = kept.filter { names[$0.name] == nil }.count
      let total = sizes.values.reduce(0, +)
      notes.append(
        "Kept in \(keeper.folder): \(Written.count(kept.count)) names, \(Written.count(sizes.count)) blobs of "
          + "\(Written.bytes(total)); the last \(keeper.depth) cells can be undone.")
      if waiting > 0 {
        notes.append(
          "\(Written.count(waiting)) names of earlier sessions are not in this one: restore() brings them back."
        )
      }
    } else {
      notes.append("Nothing is kept on disk.")
    }
    return Table(
      columns: [
        .init("name"), .init("type"), .init("what it is"), .init("on disk", isNumeric: true),
      ], rows: rows, notes: notes)
  }
}
