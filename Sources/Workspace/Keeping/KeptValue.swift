import CellLanguage
import JupyterProtocol

/// A restored name whose value is loaded when a cell first uses it.
final class KeptValue: DeferredObject {
  let name: String
  let typeName: String
  let summary: String
  /// What is kept of it.
  let json: JSONValue
  let keeper: Keeper

  init(_ json: JSONValue, name: String, type: String, summary: String, keeper: Keeper) {
    self.json = json
    self.name = name
    self.typeName = type
    self.summary = summary
    self.keeper = keeper
  }

  func load(in context: any Context) throws -> Value {
    do {
      return try keeper.value(json, in: try CellContext.of(context))
    } catch let error as CellError where error.kind == .interrupted {
      throw error
    } catch {
      let reason = (error as? CellError)?.message ?? "\(error)"
      throw CellError(
        .commandFailed, "'\(name)' cannot be brought back: \(reason)", underlying: error)
    }
  }
}
