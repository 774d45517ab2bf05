import Synchronization

/// The names of a block, a function's call or a loop's turn; the outermost names stand in the
/// evaluator's table.
///
/// Closures keep the scope that they were written in. The lock makes that safe when a host calls
/// one from another thread.
final class Scope: Sendable {
  struct Entry {
    let name: String
    var value: Value
    var isConstant: Bool
  }

  let parent: Scope?
  /// Whether a bare assignment to a new name declares it here: so in a function's body, not in its
  /// inner blocks.
  let isFunction: Bool
  private let entries = Mutex<[Entry]>([])
  /// The longest row of functions that the names here and outside keep.
  private let longestChain: Atomic<Int>

  init(parent: Scope?, isFunction: Bool) {
    self.parent = parent
    self.isFunction = isFunction
    longestChain = Atomic(parent?.chain ?? 0)
  }

  var chain: Int { longestChain.load(ordering: .relaxed) }

  func declare(_ name: String, _ value: Value, isConstant: Bool) {
    longestChain.max(value.functionChain(), ordering: .relaxed)
    entries.withLock { entries in
      let entry = Entry(name: name, value: value.entering(self), isConstant: isConstant)
      if let place = entries.firstIndex(where: { $0.name == name }) {
        entries[place] = entry
      } else {
        entries.append(entry)
      }
    }
  }

  func lookup(_ name: String) -> Value? {
    entries.withLock { entries in entries.first { $0.name == name }?.value.leaving(self) }
  }

  func isConstant(_ name: String) -> Bool? {
    entries.withLock { entries in entries.first { $0.name == name }?.isConstant }
  }

  /// Changes a value where it stands; nil when the name is not declared here.
  func modify<Result>(_ name: String, _ body: (inout Value) throws(CellError) -> Result)
    throws(CellError) -> Result?
  {
    let outcome: Swift.Result<Result, CellError>? = entries.withLock { entries in
      guard let place = entries.firstIndex(where: { $0.name == name }) else { return nil }
      entries[place].value = entries[place].value.leaving(self)
      defer { entries[place].value = entries[place].value.entering(self) }
      do throws(CellError) {
        return .success(try body(&entries[place].value))
      } catch {
        return .failure(error)
      }
    }
    return try outcome?.get()
  }

  var names: [String] { entries.withLock { $0.map(\.name) } }
}

extension Value {
  /// A function without the names that it comes to stand among; every other value as it is.
  fileprivate consuming func entering(_ scope: Scope) -> Value {
    guard case .function(let function) = self else { return self }
    return .function(function.entering(scope))
  }

  /// A function with the names that it stood among; every other value as it is.
  fileprivate consuming func leaving(_ scope: Scope) -> Value {
    guard case .function(let function) = self else { return self }
    return .function(function.leaving(scope))
  }

  /// The longest row of functions that the value keeps; in collections over a bounded number of
  /// elements.
  func functionChain(depth: Int = 3) -> Int {
    guard depth > 0 else { return 0 }
    switch self {
    case .function(let function): return function.chain
    case .array(let elements):
      return elements.prefix(32).reduce(0) { max($0, $1.functionChain(depth: depth - 1)) }
    case .tuple(let elements):
      return elements.prefix(32).reduce(0) { max($0, $1.value.functionChain(depth: depth - 1)) }
    case .dictionary(let dictionary):
      return dictionary.values.prefix(32).reduce(0) { max($0, $1.functionChain(depth: depth - 1)) }
    default: return 0
    }
  }
}
