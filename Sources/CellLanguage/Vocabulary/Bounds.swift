/// The range that a parameter's numbers must lie in.
public struct Bounds: Sendable, Equatable {
  /// The lower end, or nil.
  public let lower: Double?
  /// The upper end, or nil.
  public let upper: Double?
  /// Whether the lower end belongs to the range.
  public let includesLower: Bool
  /// Whether the upper end belongs to the range.
  public let includesUpper: Bool

  init(lower: Double?, upper: Double?, includesLower: Bool = true, includesUpper: Bool = true) {
    self.lower = lower
    self.upper = upper
    self.includesLower = includesLower
    self.includesUpper = includesUpper
  }

  /// Everything greater than a number, the number itself left out.
  public static func above(_ lower: Double) -> Bounds {
    Bounds(lower: lower, upper: nil, includesLower: false)
  }

  /// Everything between two numbers, both left out.
  public static func between(_ lower: Double, _ upper: Double) -> Bounds {
    Bounds(lower: lower, upper: upper, includesLower: false, includesUpper: false)
  }

  /// Whether a number lies inside; not-a-number never does.
  public func contains(_ number: Double) -> Bool {
    if number.isNaN { return false }
    if let lower, includesLower ? number < lower : number <= lower { return false }
    if let upper, includesUpper ? number > upper : number >= upper { return false }
    return true
  }

  /// The bounds in words: `at least 1`, `from 0 to 1`, `above 0`.
  public var phrase: String {
    func text(_ number: Double) -> String {
      Int(exactly: number).map { "\($0)" } ?? "\(number)"
    }
    switch (lower, upper) {
    case (let lower?, let upper?):
      if includesLower && includesUpper { return "from \(text(lower)) to \(text(upper))" }
      return "\(includesLower ? "at least" : "above") \(text(lower)) and "
        + "\(includesUpper ? "at most" : "below") \(text(upper))"
    case (let lower?, nil): return "\(includesLower ? "at least" : "above") \(text(lower))"
    case (nil, let upper?): return "\(includesUpper ? "at most" : "below") \(text(upper))"
    case (nil, nil): return "any"
    }
  }
}

/// A Swift range that bounds a parameter.
public protocol BoundsConvertible: Sendable {
  /// The bounds that the range means.
  var bounds: Bounds { get }
}

extension Bounds: BoundsConvertible {
  /// The bounds themselves.
  public var bounds: Bounds { self }
}

extension ClosedRange: BoundsConvertible where Bound: BoundNumber {
  /// Both ends included.
  public var bounds: Bounds { Bounds(lower: lowerBound.asDouble, upper: upperBound.asDouble) }
}

extension Range: BoundsConvertible where Bound: BoundNumber {
  /// The upper end left out.
  public var bounds: Bounds {
    Bounds(lower: lowerBound.asDouble, upper: upperBound.asDouble, includesUpper: false)
  }
}

extension PartialRangeFrom: BoundsConvertible where Bound: BoundNumber {
  /// At least the lower end.
  public var bounds: Bounds { Bounds(lower: lowerBound.asDouble, upper: nil) }
}

extension PartialRangeThrough: BoundsConvertible where Bound: BoundNumber {
  /// At most the upper end.
  public var bounds: Bounds { Bounds(lower: nil, upper: upperBound.asDouble) }
}

/// A number that may stand at the end of a parameter's range.
public protocol BoundNumber: Sendable {
  /// The number as a `Double`.
  var asDouble: Double { get }
}

extension Int: BoundNumber {
  /// The nearest `Double`.
  public var asDouble: Double { Double(self) }
}

extension Double: BoundNumber {
  /// The number itself.
  public var asDouble: Double { self }
}
