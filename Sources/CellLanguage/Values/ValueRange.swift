/// A range of whole numbers or of numbers: half-open `0..<5`, closed `0...4`, or one-sided `2...`
/// in a subscript.
public struct ValueRange: Sendable, Equatable {
  /// The ends of a range; nil where a one-sided range is open.
  public enum Ends: Sendable, Equatable {
    case integers(lower: Int?, upper: Int?)
    case numbers(lower: Double?, upper: Double?)
  }

  /// The ends.
  public let ends: Ends
  /// Whether the upper end belongs to the range.
  public let isClosed: Bool

  /// Makes a range without checks.
  public init(_ ends: Ends, isClosed: Bool) {
    self.ends = ends
    self.isClosed = isClosed
  }

  /// Makes the range of a Swift range.
  public init(_ range: Range<Int>) {
    self.init(.integers(lower: range.lowerBound, upper: range.upperBound), isClosed: false)
  }

  /// Makes the range of a Swift closed range.
  public init(_ range: ClosedRange<Int>) {
    self.init(.integers(lower: range.lowerBound, upper: range.upperBound), isClosed: true)
  }

  /// Makes the range of a Swift closed range.
  public init(_ range: ClosedRange<Double>) {
    self.init(.numbers(lower: range.lowerBound, upper: range.upperBound), isClosed: true)
  }

  /// The range as it is written in a cell.
  public var cellText: String {
    let (lower, upper) =
      switch ends {
      case .integers(let lower, let upper): (lower.map { "\($0)" }, upper.map { "\($0)" })
      case .numbers(let lower, let upper): (lower.map { "\($0)" }, upper.map { "\($0)" })
      }
    return "\(lower ?? "")\(isClosed ? "..." : "..<")\(upper ?? "")"
  }

  /// Both ends as a half-open range of whole numbers; nil for numbers, one-sided ranges, and an
  /// upper end past the largest whole number.
  public var integers: Range<Int>? {
    guard case .integers(let lower?, let upper?) = ends, lower <= upper else { return nil }
    guard isClosed else { return lower..<upper }
    let (end, overflow) = upper.addingReportingOverflow(1)
    return overflow ? nil : lower..<end
  }

  /// Whether a number lies in the range.
  func contains(_ number: Double) -> Bool {
    let (lower, upper): (Double?, Double?) =
      switch ends {
      case .integers(let lower, let upper): (lower.map(Double.init), upper.map(Double.init))
      case .numbers(let lower, let upper): (lower, upper)
      }
    if let lower, !(number >= lower) { return false }
    if let upper, !(isClosed ? number <= upper : number < upper) { return false }
    return !number.isNaN
  }

  /// Whether a whole number lies in the range.
  func contains(_ integer: Int) -> Bool {
    guard case .integers(let lower, let upper) = ends else { return contains(Double(integer)) }
    if let lower, integer < lower { return false }
    if let upper, isClosed ? integer > upper : integer >= upper { return false }
    return true
  }
}
