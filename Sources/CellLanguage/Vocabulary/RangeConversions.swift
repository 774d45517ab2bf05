/// A number that ranges in cells may have as their ends.
public protocol RangeEnd: CellConvertible, Comparable {
  /// What a range of these numbers is called.
  static var rangeDescription: String { get }
}

extension Int: RangeEnd {
  /// A range of whole numbers.
  public static var rangeDescription: String { "range of whole numbers such as 0...9" }
}

extension Double: RangeEnd {
  /// A range of numbers.
  public static var rangeDescription: String { "range such as 0.8...1.2" }
}

extension Float: RangeEnd {
  /// A range of numbers.
  public static var rangeDescription: String { "range such as 0.8...1.2" }
}

extension ClosedRange: CellConvertible where Bound: RangeEnd {
  /// A range of the ends' type.
  public static var typeDescription: String { Bound.rangeDescription }

  /// The range; a half-open range of whole numbers is closed one number earlier.
  public static func from(_ value: Value) throws(ConversionError) -> ClosedRange<Bound> {
    guard case .range(let range) = value else {
      if case .array(let elements) = value, elements.count == 2 {
        throw mismatch(value, fix: "write \(elements[0])...\(elements[1])")
      }
      throw mismatch(value)
    }
    let lower: Bound
    let upper: Bound
    switch range.ends {
    case .integers(let first?, let last?):
      if range.isClosed {
        (lower, upper) = (try .from(.integer(first)), try .from(.integer(last)))
      } else {
        guard Bound.self == Int.self, last > first else {
          throw ConversionError(
            "the range \(range.cellText) leaves out its upper end",
            fix: "write \(first)...\(last)")
        }
        (lower, upper) = (try .from(.integer(first)), try .from(.integer(last - 1)))
      }
    case .numbers(let first?, let last?):
      guard range.isClosed else {
        throw ConversionError(
          "the range \(range.cellText) leaves out its upper end", fix: "write \(first)...\(last)")
      }
      do {
        (lower, upper) = (try .from(.number(first)), try .from(.number(last)))
      } catch {
        throw mismatch(value)
      }
    default:
      throw ConversionError("the range \(range.cellText) has one end only", fix: "write both ends")
    }
    guard lower <= upper else {
      throw ConversionError("the range \(range.cellText) begins after its end")
    }
    return lower...upper
  }

  /// The range with its three dots.
  public var cellText: String { "\(lowerBound.cellText)...\(upperBound.cellText)" }
  /// Both ends.
  public var boundedNumbers: [Double] { lowerBound.boundedNumbers + upperBound.boundedNumbers }
}

extension Range: CellConvertible where Bound == Int {
  /// A range of whole numbers.
  public static var typeDescription: String { Int.rangeDescription }

  /// The range, half-open; a closed one ends one number later.
  public static func from(_ value: Value) throws(ConversionError) -> Range<Int> {
    guard case .range(let range) = value else { throw mismatch(value) }
    if let integers = range.integers { return integers }
    switch range.ends {
    case .integers(nil, _), .integers(_, nil):
      throw ConversionError("the range \(range.cellText) has one end only", fix: "write both ends")
    default: throw mismatch(value)
    }
  }

  /// The range with its operator.
  public var cellText: String { "\(lowerBound)..<\(upperBound)" }
  /// The first number and the last.
  public var boundedNumbers: [Double] {
    isEmpty ? [Double(lowerBound)] : [Double(lowerBound), Double(upperBound - 1)]
  }
}

/// The values of a parameter that takes any number of unlabelled arguments, as `print` does.
public struct Variadic<Element: CellConvertible & Sendable>: CellConvertible, Sendable {
  /// The arguments.
  public let elements: [Element]

  /// Collects arguments.
  public init(_ elements: [Element]) { self.elements = elements }

  /// What each argument is called.
  public static var typeDescription: String { Element.typeDescription }
  /// Every argument converted.
  public static func from(_ value: Value) throws(ConversionError) -> Variadic {
    guard case .array(let values) = value else { throw mismatch(value) }
    var elements: [Element] = []
    for value in values { elements.append(try convertOne(value)) }
    return Variadic(elements)
  }
  /// The arguments with commas.
  public var cellText: String { elements.map(\.cellText).joined(separator: ", ") }
  /// No arguments at all.
  public static var whenAbsent: Variadic? { Variadic([]) }
  /// The arguments' numbers.
  public var boundedNumbers: [Double] { elements.flatMap(\.boundedNumbers) }
  /// Any number of arguments.
  public static var isVariadic: Bool { true }

  private static func convertOne(_ value: Value) throws(ConversionError) -> Element {
    do {
      return try Element.from(value)
    } catch {
      // The value at fault is one of several, so the message is worded here and not by the
      // parameter.
      throw ConversionError(error.reason, fix: error.fix)
    }
  }
}
