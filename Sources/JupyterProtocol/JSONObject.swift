/// The members of a JSON object, in the order in which they were written.
///
/// Two objects are equal when they have equal members in the same order. Where a key is repeated, the
/// last value counts, as in every common JSON reader.
public struct JSONObject: Sendable, Equatable {
  /// One key and its value.
  public struct Member: Sendable, Equatable {
    /// The name.
    public var key: String
    /// What stands under the name.
    public var value: JSONValue

    /// Makes a member.
    public init(key: String, value: JSONValue) {
      self.key = key
      self.value = value
    }
  }

  /// All members, in order.
  public private(set) var members: [Member]

  /// Makes an object from members that are already in order.
  public init(_ members: [Member] = []) {
    self.members = members
  }

  /// The value under a key; assigning replaces it in place, appends it, or with `nil` removes it.
  public subscript(key: String) -> JSONValue? {
    get { members.last { $0.key == key }?.value }
    set {
      guard let newValue else {
        members.removeAll { $0.key == key }
        return
      }
      if let index = members.lastIndex(where: { $0.key == key }) {
        members[index].value = newValue
      } else {
        members.append(Member(key: key, value: newValue))
      }
    }
  }

  /// Whether there is no member.
  public var isEmpty: Bool { members.isEmpty }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  /// Makes an object with members in the order written.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self.init(elements.map { Member(key: $0.0, value: $0.1) })
  }
}
