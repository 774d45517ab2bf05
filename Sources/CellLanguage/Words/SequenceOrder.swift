extension Sequences {
  private static func number(_ name: String, default fallback: Int? = nil, _ help: String)
    -> Parameter<Int>
  {
    Parameter<Int>(name, label: .none, default: fallback, in: 0..., help)
  }

  /// Sorts stably by a throwing comparison.
  static func sorted(_ elements: [Value], _ precedes: (Value, Value) throws -> Bool) throws
    -> [Value]
  {
    guard elements.count > 1 else { return elements }
    var source = elements
    var width = 1
    while width < source.count {
      var merged: [Value] = []
      merged.reserveCapacity(source.count)
      var start = 0
      while start < source.count {
        let middle = min(start + width, source.count)
        let end = min(start + 2 * width, source.count)
        var (left, right) = (start, middle)
        while left < middle, right < end {
          if try precedes(source[right], source[left]) {
            merged.append(source[right])
            right += 1
          } else {
            merged.append(source[left])
            left += 1
          }
        }
        merged += source[left..<middle]
        merged += source[right..<end]
        start = end
      }
      source = merged
      width *= 2
    }
    return source
  }

  private static func extreme(
    _ receiver: Value, _ function: Function?, _ context: any Context, largest: Bool
  )
    throws -> Value
  {
    var best: Value?
    for element in try require(receiver) {
      guard let current = best else {
        best = element
        continue
      }
      let (a, b) = largest ? (current, element) : (element, current)
      if try precedes(a, b, function, context) { best = element }
    }
    return best ?? .none
  }

  private static func precedes(
    _ a: Value, _ b: Value, _ function: Function?, _ context: any Context
  ) throws -> Bool {
    guard let function else { return try Equality.less(a, b) }
    let answer = try context.call(function, [a, b])
    guard case .boolean(let flag) = answer else {
      throw CellError(.typeError, "the closure must give true or false, not \(answer.phrase)")
    }
    return flag
  }

  private static let comparison = Parameter<Function?>(
    "areInIncreasingOrder", label: .label("by"),
    "a closure that says whether the first of two comes before")

  static let ordering: [Method] = [
    Method(
      "sorted", "The elements in order, smallest first.", comparison, returns: "Array",
      topic: "sequences",
      example: "[3, 1, 2].sorted(by: >)"
    ) { context, receiver, function in
      .array(try sorted(require(receiver)) { try precedes($0, $1, function, context) })
    },
    Method(
      "reversed", "The elements from the last to the first.", returns: "Array", topic: "sequences",
      example: "[1, 2, 3].reversed()"
    ) { _, receiver in .array(try require(receiver).reversed()) },
    Method(
      "enumerated", "Pairs of place and element.", returns: "Array", topic: "sequences",
      example: #"for (i, name) in ["a", "b"].enumerated() { print(i, name) }"#
    ) { _, receiver in
      .array(
        try require(receiver).enumerated().map {
          .tuple([
            TupleElement(label: "offset", value: .integer($0.offset)),
            TupleElement(label: "element", value: $0.element),
          ])
        })
    },
    Method(
      "prefix", "The first elements, as many as there are.", number("count", "how many"),
      returns: "Array",
      topic: "sequences", example: "[1, 2, 3].prefix(2)"
    ) { _, receiver, count in .array(Array(try require(receiver).prefix(count))) },
    Method(
      "suffix", "The last elements, as many as there are.", number("count", "how many"),
      returns: "Array",
      topic: "sequences", example: "[1, 2, 3].suffix(2)"
    ) { _, receiver, count in .array(Array(try require(receiver).suffix(count))) },
    Method(
      "dropFirst", "Everything but the first elements.", number("count", default: 1, "how many"),
      returns: "Array", topic: "sequences", example: "[1, 2, 3].dropFirst()"
    ) { _, receiver, count in .array(Array(try require(receiver).dropFirst(count))) },
    Method(
      "dropLast", "Everything but the last elements.", number("count", default: 1, "how many"),
      returns: "Array", topic: "sequences", example: "[1, 2, 3].dropLast()"
    ) { _, receiver, count in .array(Array(try require(receiver).dropLast(count))) },
    Method(
      "min", "The smallest element, or nil.", comparison, returns: "Any", topic: "sequences",
      example: "[3, 1, 2].min()"
    ) { context, receiver, function in try extreme(receiver, function, context, largest: false) },
    Method(
      "max", "The largest element, or nil.", comparison, returns: "Any", topic: "sequences",
      example: "[3, 1, 2].max()"
    ) { context, receiver, function in try extreme(receiver, function, context, largest: true) },
    Method(
      "sum", "The sum of the numbers.", returns: "Int", topic: "sequences",
      example: "[1, 2, 3].sum()"
    ) {
      _, receiver in
      try require(receiver).reduce(.integer(0)) { try Arithmetic.binary("+", $0, $1) }
    },
    Method(
      "joined", "The strings in one, with a separator between them; arrays of arrays in one array.",
      Parameter<String>("separator", default: "", "what stands between two strings"),
      returns: "String",
      topic: "sequences", example: #"["a", "b"].joined(separator: ", ")"#
    ) { _, receiver, separator in try joined(require(receiver), separator) },
  ]

  private static func joined(_ elements: [Value], _ separator: String) throws -> Value {
    if case .array? = elements.first {
      var all: [Value] = []
      for element in elements {
        all += try require(element)
        guard all.count <= mostElements else {
          throw CellError(
            .limitExceeded, "an array may hold at most \(grouped(mostElements)) elements")
        }
      }
      return .array(all)
    }
    var text = ""
    for (place, element) in elements.enumerated() {
      guard case .string(let piece) = element else {
        throw CellError(
          .typeError, "element \(place) is \(element.phrase), not a string",
          fix: "map them first: .map { String($0) }")
      }
      if place > 0 { text += separator }
      text += piece
      try StringMembers.checkLength(text.utf8.count)
    }
    return .string(text)
  }
}

/// What only arrays have.
enum ArrayMembers {
  static let properties: [Property] = [
    Property(member: Member("indices", "The range of the elements' places."), type: "Range") {
      value in
      .range(ValueRange(0..<(try Sequences.require(value).count)))
    }
  ]
}
