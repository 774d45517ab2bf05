import Glibc

/// A scale with its ticks: linear with steps of 1, 2 or 5 times a power of ten, or logarithmic.
struct Axis: Sendable {
  /// The values at the two ends.
  let domain: ClosedRange<Double>
  /// The values that carry a tick, ascending.
  let ticks: [Double]
  /// The words at the ticks.
  let labels: [String]
  /// Whether equal distances are equal ratios.
  let isLogarithmic: Bool

  /// Where a value lies between the ends: 0 is the lower end, 1 the upper.
  func fraction(_ value: Double) -> Double {
    if isLogarithmic {
      return log(value / domain.lowerBound) / log(domain.upperBound / domain.lowerBound)
    }
    return (value - domain.lowerBound) / (domain.upperBound - domain.lowerBound)
  }

  /// A linear axis over a range with at most about `count` steps.
  ///
  /// - Parameter extends: whether the ends move outwards to the next ticks.
  init(linear range: ClosedRange<Double>, count: Int, extends: Bool) {
    let range = Self.widened(range)
    let rough = (range.upperBound - range.lowerBound) / Double(max(count, 1))
    var exponent = Int(log10(rough).rounded(.down))
    let fraction = rough / NumberText.power(exponent)
    var factor = 10
    for candidate in [1, 2, 5] where fraction <= Double(candidate) * (1 + 1e-9) {
      factor = candidate
      break
    }
    if factor == 10 {
      factor = 1
      exponent += 1
    }
    // A tick is an integer times a power of ten, computed in one step so that 0.3 is 0.3.
    func tick(_ index: Int) -> Double {
      let integer = Double(index * factor)
      return exponent < 0
        ? integer / NumberText.power(-exponent) : integer * NumberText.power(exponent)
    }
    let step = tick(1)
    let slack = 1e-9
    let (low, high) = (range.lowerBound / step, range.upperBound / step)
    let first = Int(extends ? (low + slack).rounded(.down) : (low - slack).rounded(.up))
    let last = Int(extends ? (high - slack).rounded(.up) : (high + slack).rounded(.down))
    ticks = first <= last ? (first...last).map(tick) : []
    domain =
      extends
      ? min(tick(first), range.lowerBound)...max(tick(last), range.upperBound) : range
    isLogarithmic = false
    let largest = max(domain.lowerBound.magnitude, domain.upperBound.magnitude)
    if largest >= 1e6 || exponent < -4 {
      let decimals = max(0, Int(log10(largest).rounded(.down)) - exponent)
      labels = ticks.map { value in
        value == 0
          ? "0"
          : NumberText.scientific(
            value,
            decimals: max(
              0, decimals - Int((log10(largest) - log10(value.magnitude)).rounded(.down))))
      }
    } else {
      labels = ticks.map { NumberText.fixed($0, decimals: max(0, -exponent)) }
    }
  }

  /// A logarithmic axis over a range of positive values with at most about `count` ticks.
  init(logarithmic range: ClosedRange<Double>, count: Int) {
    let low = Self.roundNumber(range.lowerBound, upwards: false)
    var high = Self.roundNumber(range.upperBound, upwards: true)
    if high <= low { high = Self.roundNumber(low * 1.5, upwards: true) }
    let exponents = Int(log10(low).rounded(.down))...Int(log10(high).rounded(.up))
    let inside = { (value: Double) in value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9) }
    let fine = exponents.flatMap { e in [1, 2, 5].map { $0 * NumberText.power(e) } }.filter(inside)
    let stride = max(1, (exponents.count + max(count, 1) - 1) / max(count, 1))
    ticks =
      fine.count <= count
      ? fine : exponents.filter { $0 % stride == 0 }.map(NumberText.power).filter(inside)
    domain = low...high
    isLogarithmic = true
    labels = ticks.map(NumberText.short)
  }

  /// The range of the finite values, or `nil` when there are none.
  static func range(of values: some Sequence<Double>) -> ClosedRange<Double>? {
    var result: ClosedRange<Double>?
    for value in values where value.isFinite {
      // Far beyond anything that can be told apart in a picture, and safe to subtract.
      let value = min(max(value, -1e150), 1e150)
      result = result.map { min($0.lowerBound, value)...max($0.upperBound, value) } ?? value...value
    }
    return result
  }

  /// The range, made wider when it is too narrow to have ticks.
  private static func widened(_ range: ClosedRange<Double>) -> ClosedRange<Double> {
    let largest = max(range.lowerBound.magnitude, range.upperBound.magnitude)
    guard range.upperBound - range.lowerBound <= max(largest * 1e-9, 1e-150) else { return range }
    let middle = (range.lowerBound + range.upperBound) / 2
    let half = largest < 1e-140 ? 0.5 : largest * 0.1
    return (middle - half)...(middle + half)
  }

  /// The nearest 1, 2 or 5 times a power of ten that is not below (or not above) a positive value.
  private static func roundNumber(_ value: Double, upwards: Bool) -> Double {
    let exponent = Int(log10(value).rounded(.down))
    let candidates = (exponent - 1...exponent + 1).flatMap { e in
      [1, 2, 5].map { $0 * NumberText.power(e) }
    }
    return upwards
      ? candidates.first { $0 >= value * (1 - 1e-9) } ?? value
      : candidates.last { $0 <= value * (1 + 1e-9) } ?? value
  }
}
