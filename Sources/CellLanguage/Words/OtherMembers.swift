/// The members of dictionaries.
enum DictionaryMembers {
  static func entries(_ value: Value) throws(CellError) -> ValueDictionary {
    guard case .dictionary(let dictionary) = value else {
      throw CellError(.typeError, "\(value.phrase) is not a dictionary")
    }
    return dictionary
  }

  static let properties: [Property] = [
    Property(member: Member("count", "The number of entries."), type: "Int") {
      .integer(try entries($0).count)
    },
    Property(member: Member("isEmpty", "Whether there are no entries."), type: "Bool") {
      .boolean(try entries($0).isEmpty)
    },
    Property(
      member: Member("keys", "The keys, in the order in which they were added."), type: "Array"
    ) {
      .array(try entries($0).keys.map(\.value))
    },
    Property(member: Member("values", "The values, in the order of their keys."), type: "Array") {
      .array(try entries($0).values)
    },
  ]

  static let methods: [Method] = [
    Method(
      "mapValues", "The dictionary with what a closure makes of every value.",
      Parameter<Function>("transform", label: .none, "a closure that gets each value"),
      returns: "Dictionary",
      topic: "dictionaries", example: #"["a": 1].mapValues { $0 * 2 }"#
    ) { context, receiver, function in
      var made = ValueDictionary()
      for entry in try entries(receiver).entries {
        made[entry.key] = try context.call(function, [entry.value])
      }
      return .dictionary(made)
    }
  ]
}

/// The members of ranges.
enum RangeMembers {
  static func range(_ value: Value) throws(CellError) -> ValueRange {
    guard case .range(let range) = value else {
      throw CellError(.typeError, "\(value.phrase) is not a range")
    }
    return range
  }

  static let properties: [Property] = [
    Property(member: Member("lowerBound", "The smaller end."), type: "Int") {
      switch try range($0).ends {
      case .integers(let lower, _): lower.map { .integer($0) } ?? .none
      case .numbers(let lower, _): lower.map { .number($0) } ?? .none
      }
    },
    Property(member: Member("upperBound", "The larger end."), type: "Int") {
      switch try range($0).ends {
      case .integers(_, let upper): upper.map { .integer($0) } ?? .none
      case .numbers(_, let upper): upper.map { .number($0) } ?? .none
      }
    },
  ]

  static let methods: [Method] = [
    Method(
      "contains", "Whether a number lies in the range.",
      Parameter<Value>("number", label: .none, "the number"), returns: "Bool", topic: "ranges",
      example: "(0..<10).contains(3)"
    ) { _, receiver, value in
      switch value {
      case .integer(let integer): return .boolean(try range(receiver).contains(integer))
      case .number(let number): return .boolean(try range(receiver).contains(number))
      default: throw CellError(.typeError, "`number` takes a number, not \(value.phrase)")
      }
    }
  ]
}

/// The members of numbers and truth values.
enum NumberMembers {
  static let description = Property(
    member: Member("description", "The value as a string."), type: "String"
  ) { .string($0.description) }

  static let properties: [Property] = [
    description,
    Property(member: Member("isNaN", "Whether it is not a number."), type: "Bool") {
      .boolean(try Double.from($0).isNaN)
    },
    Property(
      member: Member("isFinite", "Whether it is neither infinite nor not a number."), type: "Bool"
    ) {
      .boolean(try Double.from($0).isFinite)
    },
    Property(member: Member("magnitude", "The value without its sign."), type: "Double") {
      try Mathematics.magnitude($0)
    },
  ]

  static let methods: [Method] = [
    Method(
      "rounded", "The nearest whole number, or the nearest with some decimals.",
      Parameter<Int>("decimals", default: 0, in: 0...15, "how many digits after the point stay"),
      returns: "Double",
      topic: "numbers", example: "0.12345.rounded(decimals: 2)"
    ) { _, receiver, decimals in
      guard case .number(let number) = receiver, number.isFinite else { return receiver }
      var scale = 1.0
      for _ in 0..<decimals { scale *= 10 }
      let scaled = number * scale
      guard scaled.isFinite else { return receiver }
      return .number(scaled.rounded() / scale)
    }
  ]
}
