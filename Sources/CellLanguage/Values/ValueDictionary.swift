/// A dictionary of the cell language; it keeps its entries in the order in which they were added.
public struct ValueDictionary: Sendable {
  /// What may be a key: a truth value, a whole number, a number or a string.
  public enum Key: Hashable, Sendable {
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case string(String)

    /// The key for a value, or nil when values of its type cannot be keys.
    ///
    /// A number without a fraction is the same key as the whole number, as the two are equal.
    public init?(_ value: Value) {
      switch value {
      case .boolean(let flag): self = .boolean(flag)
      case .integer(let integer): self = .integer(integer)
      case .number(let number):
        if let integer = Int(exactly: number) {
          self = .integer(integer)
        } else {
          self = .number(number)
        }
      case .string(let string): self = .string(string)
      default: return nil
      }
    }

    /// The key as a value.
    public var value: Value {
      switch self {
      case .boolean(let flag): .boolean(flag)
      case .integer(let integer): .integer(integer)
      case .number(let number): .number(number)
      case .string(let string): .string(string)
      }
    }
  }

  /// Entries in order; nil marks one that was removed, so that the places of the others stay.
  private var slots: [(key: Key, value: Value)?] = []
  private var places: [Key: Int] = [:]

  /// Makes an empty dictionary.
  public init() {}

  /// Makes a dictionary with string keys; of equal keys the last one counts.
  public init(_ entries: KeyValuePairs<String, Value>) {
    for (key, value) in entries { self[.string(key)] = value }
  }

  /// The number of entries.
  public var count: Int { places.count }

  /// Whether there are no entries.
  public var isEmpty: Bool { places.isEmpty }

  /// The entries in order.
  public var entries: [(key: Key, value: Value)] { slots.compactMap { $0 } }

  /// The keys in order.
  public var keys: [Key] { slots.compactMap { $0?.key } }

  /// The values in the order of their keys.
  public var values: [Value] { slots.compactMap { $0?.value } }

  /// The value of a key, nil when the key is missing; assigning nil removes the key.
  public subscript(key: Key) -> Value? {
    get { places[key].flatMap { slots[$0]?.value } }
    set {
      if let place = places[key] {
        if let newValue {
          slots[place] = (key, newValue)
        } else {
          slots[place] = nil
          places[key] = nil
          if slots.count > 2 * places.count + 16 { compact() }
        }
      } else if let newValue {
        places[key] = slots.count
        slots.append((key, newValue))
      }
    }
  }

  /// The value of a string key.
  public subscript(key: String) -> Value? {
    get { self[.string(key)] }
    set { self[.string(key)] = newValue }
  }

  /// Takes a value out so that it can be changed in place; the entry stays, holding nothing.
  mutating func take(_ key: Key) -> Value? {
    guard let place = places[key], let entry = slots[place] else { return nil }
    slots[place] = (key, .none)
    return entry.value
  }

  private mutating func compact() {
    slots = slots.filter { $0 != nil }
    for (place, entry) in slots.enumerated() {
      if let entry { places[entry.key] = place }
    }
  }
}
