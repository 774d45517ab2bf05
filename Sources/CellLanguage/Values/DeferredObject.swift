import Synchronization

/// A value that a name stands for and that is loaded when a cell first uses the name.
///
/// A restored workspace may hold more than memory does, and a cell that uses one name should not wait for the
/// others. Completion and inspection see the object as it stands, without loading anything.
public protocol DeferredObject: HostObject {
  /// Loads the value.
  ///
  /// - Throws: why it cannot be loaded; the name then stays as it was, so that it can be tried again.
  func load(in context: any Context) throws -> Value
}

extension Interpretation {
  /// The value of a name, loaded if it was deferred; nil for a name that is not declared.
  func loaded(_ name: String, in scope: Scope?, at span: Span) throws(CellError) -> Value? {
    guard let value = lookup(name, in: scope) else { return nil }
    guard case .object(let object) = value, let deferred = object as? any DeferredObject else {
      return value
    }
    let loaded = try located(at: span) { try deferred.load(in: context) }
    // Where the name was given another value meanwhile, that one stays.
    evaluator.table.withLock { table in
      guard case .object(let current)? = table[name], current === object else { return }
      table.declare(name, loaded, isConstant: table.isConstant(name), isNews: false)
    }
    return loaded
  }
}
