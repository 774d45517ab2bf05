/// What arrays, ranges of whole numbers, dictionaries, strings and a host's sequences have in common: elements
/// in order.
enum Sequences {
  static let mostElements = 10_000_000

  /// The elements of a value, or nil when it has none.
  ///
  /// A dictionary's elements are tuples `(key:, value:)`, a string's are strings of one character.
  static func elements(of value: Value) -> [Value]? {
    switch value {
    case .array(let elements): elements
    case .range(let range):
      range.integers.flatMap { $0.count <= mostElements ? $0.map { .integer($0) } : nil }
    case .dictionary(let dictionary):
      dictionary.entries.map {
        .tuple([
          TupleElement(label: "key", value: $0.key.value),
          TupleElement(label: "value", value: $0.value),
        ])
      }
    case .string(let string): string.map { .string(String($0)) }
    case .object(let object): (object as? any HostSequence)?.elements
    default: nil
    }
  }

  static func require(_ value: Value) throws(CellError) -> [Value] {
    guard let elements = elements(of: value) else {
      if case .range(let range) = value, (range.integers?.count ?? 0) > mostElements {
        throw CellError(
          .limitExceeded,
          "the range \(range.cellText) has more than \(grouped(mostElements)) elements",
          fix: "run over it with `for`")
      }
      throw CellError(.typeError, "\(value.phrase) has no elements")
    }
    return elements
  }

  static func truth(_ function: Function, _ element: Value, _ context: any Context) throws -> Bool {
    let answer = try context.call(function, [element])
    guard case .boolean(let flag) = answer else {
      throw CellError(.typeError, "the closure must give true or false, not \(answer.phrase)")
    }
    return flag
  }

  static let properties: [Property] = [
    Property(member: Member("count", "The number of elements."), type: "Int") { value in
      if case .range(let range) = value {
        guard let integers = range.integers else {
          throw CellError(.typeError, "\(value.phrase) has no count")
        }
        return .integer(integers.count)
      }
      return .integer(try require(value).count)
    },
    Property(member: Member("isEmpty", "Whether there are no elements."), type: "Bool") { value in
      if case .range(let range) = value { return .boolean(range.integers?.isEmpty ?? false) }
      return .boolean(try require(value).isEmpty)
    },
    Property(member: Member("first", "The first element, or nil."), type: "Any") { value in
      if case .range(let range) = value {
        return range.integers?.first.map { .integer($0) } ?? .none
      }
      return try require(value).first ?? .none
    },
    Property(member: Member("last", "The last element, or nil."), type: "Any") { value in
      if case .range(let range) = value {
        return range.integers?.last.map { .integer($0) } ?? .none
      }
      return try require(value).last ?? .none
    },
  ]

  private static let function = Parameter<Function>(
    "transform", label: .none, "a closure that gets each element")
  private static let predicate = Parameter<Function>(
    "isIncluded", label: .none, "a closure that says whether an element counts")

  static let transforming: [Method] = [
    Method(
      "map", "What a closure makes of every element.", function, returns: "Array",
      topic: "sequences",
      example: "[1, 2, 3].map { $0 * 2 }"
    ) { context, receiver, function in
      .array(try require(receiver).map { try context.call(function, [$0]) })
    },
    Method(
      "compactMap", "What a closure makes of every element, nil left out.", function,
      returns: "Array",
      topic: "sequences", example: #"["1", "x"].compactMap { Int($0) }"#
    ) { context, receiver, function in
      .array(
        try require(receiver).compactMap { element in
          let made = try context.call(function, [element])
          if case .none = made { return nil }
          return made
        })
    },
    Method(
      "flatMap", "The arrays that a closure makes of every element, joined.", function,
      returns: "Array",
      topic: "sequences", example: "[1, 2].flatMap { [$0, $0] }"
    ) { context, receiver, function in
      var joined: [Value] = []
      for element in try require(receiver) {
        joined += try require(try context.call(function, [element]))
        guard joined.count <= mostElements else {
          throw CellError(
            .limitExceeded, "an array may hold at most \(grouped(mostElements)) elements")
        }
      }
      return .array(joined)
    },
    Method(
      "filter", "The elements that a closure accepts.", predicate, returns: "Array",
      topic: "sequences",
      example: "(1...10).filter { $0 % 2 == 0 }"
    ) { context, receiver, function in
      if case .dictionary(let dictionary) = receiver {
        var kept = ValueDictionary()
        for (entry, element) in zip(dictionary.entries, try require(receiver))
        where try truth(function, element, context) { kept[entry.key] = entry.value }
        return .dictionary(kept)
      }
      return .array(try require(receiver).filter { try truth(function, $0, context) })
    },
    Method(
      "forEach", "Calls a closure with every element.", function, returns: "nothing",
      topic: "sequences",
      example: "[1, 2].forEach { print($0) }"
    ) { context, receiver, function in
      for element in try require(receiver) { _ = try context.call(function, [element]) }
      return .none
    },
    Method(
      "reduce", "Combines all elements into one value.",
      Parameter<Value>("initial", label: .none, "the value to begin with"),
      Parameter<Function>(
        "combine", label: .none, "a closure of the value so far and the next element"),
      returns: "Any", topic: "sequences", example: "[1, 2, 3].reduce(0, +)"
    ) { context, receiver, initial, function in
      var result = initial
      for element in try require(receiver) {
        result = try context.call(function, [result, element])
      }
      return result
    },
    Method(
      "first", "The first element that a closure accepts, or nil.",
      Parameter<Function>("predicate", label: .label("where"), "a closure that gets each element"),
      returns: "Any", topic: "sequences", example: "[1, 5, 9].first { $0 > 3 }"
    ) { context, receiver, function in
      try require(receiver).first { try truth(function, $0, context) } ?? .none
    },
    Method(
      "firstIndex", "The place of an element, or nil.",
      Parameter<Value?>("element", label: .label("of"), "the element to look for"),
      Parameter<Function?>(
        "predicate", label: .label("where"), "a closure that accepts the element"),
      returns: "Int", topic: "sequences", example: "[4, 5, 6].firstIndex(of: 5)"
    ) { context, receiver, wanted, function in
      for (place, element) in try require(receiver).enumerated() {
        let found =
          if let function { try truth(function, element, context) } else {
            try Equality.equal(element, wanted ?? .none)
          }
        if found { return .integer(place) }
      }
      return .none
    },
    Method(
      "contains", "Whether an element is there.",
      Parameter<Value?>("element", label: .none, "the element to look for"),
      Parameter<Function?>(
        "predicate", label: .label("where"), "a closure that accepts the element"),
      returns: "Bool", topic: "sequences", example: "[1, 2, 3].contains(2)"
    ) { context, receiver, wanted, function in
      for element in try require(receiver) {
        let found =
          if let function { try truth(function, element, context) } else {
            try Equality.equal(element, wanted ?? .none)
          }
        if found { return .boolean(true) }
      }
      return .boolean(false)
    },
    Method(
      "allSatisfy", "Whether a closure accepts every element.", predicate, returns: "Bool",
      topic: "sequences", example: "[2, 4].allSatisfy { $0 % 2 == 0 }"
    ) { context, receiver, function in
      .boolean(try require(receiver).allSatisfy { try truth(function, $0, context) })
    },
  ]

  static let methods: [Method] = transforming + ordering
  /// Strings have methods of their own for the rest.
  static let methodsOfStrings: [Method] = (transforming + ordering).filter {
    [
      "map", "compactMap", "filter", "forEach", "reduce", "enumerated", "reversed", "sorted",
      "allSatisfy", "prefix",
      "suffix", "dropFirst", "dropLast",
    ].contains($0.command.name) && !StringMembers.names.contains($0.command.name)
  }
}
