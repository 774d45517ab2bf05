/// The words that every vocabulary has: printing, conversions, mathematics, sequences.
enum StandardWords {
  static let all: [Command] = [printing] + Mathematics.commands + conversions + makers

  static let printing = Command(
    "print", "Writes values to the notebook.",
    parameters: Parameter<Variadic<Value>>("items", label: .none, "the values"),
    Parameter<String>("separator", default: " ", "what stands between two values"),
    Parameter<String>("terminator", default: "\n", "what stands at the end"),
    Parameter<OutputStream>("to", default: .standardOutput, "which stream to write to"),
    returns: "nothing",
    topic: "language", example: #"print("loss", run.loss)"#
  ) { context, items, separator, terminator, stream in
    let text = items.elements.map(\.description).joined(separator: separator) + terminator
    try StringMembers.checkLength(text.utf8.count)
    context.write(text, to: stream)
    return .none
  }

  private static let any = Parameter<Value>("value", label: .none, "the value to convert")

  static let conversions: [Command] = [
    Command(
      "Int",
      "A whole number from a number (its fraction cut off) or from a string; nil when the string is none.",
      parameters: any, returns: "Int", topic: "language", example: "Int(3.7)"
    ) { _, value in
      switch value {
      case .integer: return value
      case .boolean(let flag): return .integer(flag ? 1 : 0)
      case .number(let number):
        guard let integer = Int(exactly: number.rounded(.towardZero)) else {
          throw CellError(.arithmeticError, "\(number) does not fit into a whole number")
        }
        return .integer(integer)
      case .string(let text): return Int(text).map { .integer($0) } ?? .none
      default:
        throw CellError(.typeError, "`value` takes a number or a string, not \(value.phrase)")
      }
    },
    Command(
      "Double", "A number from a whole number or from a string; nil when the string is none.",
      parameters: any,
      returns: "Double", topic: "language", example: #"Double("0.5")"#
    ) { _, value in
      switch value {
      case .integer(let integer): return .number(Double(integer))
      case .number: return value
      case .string(let text): return Double(text).map { .number($0) } ?? .none
      default:
        throw CellError(.typeError, "`value` takes a number or a string, not \(value.phrase)")
      }
    },
    Command(
      "String", "A string that shows a value.", parameters: any, returns: "String",
      topic: "language",
      example: "String(42)"
    ) { _, value in .string(value.description) },
    Command(
      "Bool", "A truth value from the string \"true\" or \"false\"; nil for any other.",
      parameters: any,
      returns: "Bool", topic: "language", example: #"Bool("true")"#
    ) { _, value in
      switch value {
      case .boolean: return value
      case .string(let text): return Bool(text).map { .boolean($0) } ?? .none
      default:
        throw CellError(.typeError, "`value` takes a truth value or a string, not \(value.phrase)")
      }
    },
    Command(
      "typeName", "The name of a value's type.", parameters: any, returns: "String",
      topic: "language",
      example: "typeName(0.5)"
    ) { _, value in .string(value.typeName) },
  ]

  static let makers: [Command] = [
    Command(
      "Array",
      "An array of the elements of a range, a string or a dictionary, or of one value repeated.",
      parameters: Parameter<Value?>("elements", label: .none, "where the elements come from"),
      Parameter<Value?>("repeating", "the value to repeat"),
      Parameter<Int?>("count", in: 0...10_000_000, "how often"), returns: "Array",
      topic: "language",
      example: "Array(repeating: 0, count: 3)"
    ) { _, elements, repeated, count in
      if let elements {
        guard repeated == nil, count == nil else {
          throw CellError(
            .argumentError, "Array takes either elements or `repeating:` and `count:`")
        }
        return .array(try Sequences.require(elements))
      }
      guard repeated != nil || count != nil else { return .array([]) }
      guard let repeated, let count else {
        throw CellError(.argumentError, "Array needs both `repeating:` and `count:`")
      }
      return .array(Array(repeating: repeated, count: count))
    },
    Command(
      "zip", "Pairs of the elements of two sequences, as many as the shorter has.",
      parameters: Parameter<Value>("first", label: .none, "one sequence"),
      Parameter<Value>("second", label: .none, "the other"), returns: "Array", topic: "language",
      example: "for (x, y) in zip([1, 2], [3, 4]) { print(x + y) }"
    ) { _, first, second in
      let pairs = zip(try Sequences.require(first), try Sequences.require(second))
      return .array(pairs.map { .tuple([TupleElement(value: $0), TupleElement(value: $1)]) })
    },
    Command(
      "stride",
      "Numbers from one to another in equal steps, the end left out (`to:`) or included (`through:`).",
      parameters: Parameter<Value>("from", "the first number"),
      Parameter<Value?>("to", "the end, left out"),
      Parameter<Value?>("through", "the end, included if it is met"),
      Parameter<Value>("by", "the step, which may be negative"), returns: "Array",
      topic: "language",
      example: "stride(from: 10, through: 0, by: -2)"
    ) { _, start, end, last, step in
      guard let limit = end ?? last, end == nil || last == nil else {
        throw CellError(.argumentError, "stride needs either `to:` or `through:`")
      }
      return .array(try Mathematics.stride(from: start, limit, includesEnd: last != nil, by: step))
    },
  ]
}

extension OutputStream: CellConvertible {
  /// A stream.
  public static var typeDescription: String { "stream" }
  /// The stream with the member's name.
  public static func from(_ value: Value) throws(ConversionError) -> OutputStream {
    guard case .implicitMember(let member) = value, let stream = OutputStream(rawValue: member.name)
    else {
      throw mismatch(value, fix: "write .standardOutput or .standardError")
    }
    return stream
  }
  /// The stream with its dot.
  public var cellText: String { ".\(rawValue)" }
  /// Both streams.
  public static var choices: [Choice] {
    [Choice("standardOutput", "ordinary text"), Choice("standardError", "warnings, shown apart")]
  }
}
