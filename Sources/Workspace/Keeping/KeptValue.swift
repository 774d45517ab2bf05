import CellLanguage
import JupyterProtocol

/// A restored name whose value is loaded when a cell first uses it.
final class KeptValue: DeferredObject {
  let typeName: String
  let summary: String
  /// What is kept of it.
  let json: JSONValue
  let keeper: Keeper

  init(_ json: JSONValue, type: String, summary: String, keeper: Keeper) {
    self.json = json
    self.typeName = type
    self.summary = summary
    self.keeper = keeper
  }

  func load(in context: any Context) throws -> Value {
    try keeper.value(json, in: try CellContext.of(context))
  }
}
