/// Names and their values in the order of their declaration.
public struct NameTable: Sendable {
  struct Entry: Sendable {
    var value: Value
    var isConstant: Bool
  }

  private var order: [String] = []
  private var entries: [String: Entry] = [:]
  /// The names that were declared, changed or forgotten since they were last asked for.
  private var changed: Set<String> = []

  /// Makes an empty table.
  public init() {}

  /// The names in the order of their declaration.
  public var names: [String] { order }

  /// The number of names.
  public var count: Int { order.count }

  /// The value of a name, or nil.
  public subscript(name: String) -> Value? { entries[name]?.value }

  /// Whether a name was declared with `let`.
  public func isConstant(_ name: String) -> Bool { entries[name]?.isConstant ?? false }

  /// Declares a name, or replaces its value and keeps its place.
  public mutating func declare(_ name: String, _ value: Value, isConstant: Bool = false) {
    declare(name, value, isConstant: isConstant, isNews: true)
  }

  /// Declares a name; without `isNews` its value is the one that it stood for already.
  mutating func declare(_ name: String, _ value: Value, isConstant: Bool, isNews: Bool) {
    if isNews { changed.insert(name) }
    if entries[name] == nil { order.append(name) }
    entries[name] = Entry(value: value, isConstant: isConstant)
  }

  /// Forgets a name.
  public mutating func remove(_ name: String) {
    guard entries.removeValue(forKey: name) != nil else { return }
    order.removeAll { $0 == name }
    changed.insert(name)
  }

  func entry(_ name: String) -> Entry? { entries[name] }

  /// The names that were declared, changed or forgotten since this was last asked.
  mutating func takeChanges() -> Set<String> {
    defer { changed = [] }
    return changed
  }

  /// Changes a value where it stands, so that an array grows without being copied.
  mutating func modify<Result>(_ name: String, _ body: (inout Value) throws -> Result) rethrows
    -> Result?
  {
    guard entries[name] != nil else { return nil }
    changed.insert(name)
    return try body(&entries[name, default: Entry(value: .none, isConstant: false)].value)
  }
}
