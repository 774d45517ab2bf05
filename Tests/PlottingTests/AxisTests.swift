import Testing

@testable import Plotting

@Suite("Axes")
struct AxisTests {
  /// Ranges of every kind: small, large, around zero, narrow beside large numbers.
  static let ranges: [ClosedRange<Double>] = {
    var ranges: [ClosedRange<Double>] = [
      0...1, -1...1, 0.22...0.583, 3...3, 0...0, -7...(-7), 1e-9...3e-9, 999...1001, 0...1e12,
      1e9...(1e9 + 5), -0.003...12_345, 1e-300...1e-299, -1e150...1e150, 1...234,
    ]
    let noise = Samples.noise(200)
    for index in stride(from: 0, to: 200, by: 2) {
      let scale = NumberText.power(index % 13 - 6)
      let (a, b) = (noise[index] * scale, noise[index + 1] * scale)
      ranges.append(min(a, b)...max(a, b))
    }
    return ranges
  }()

  @Test("Ticks are equally far apart, at most as many as asked for, and cover the data")
  func linear() {
    for range in Self.ranges {
      for count in [2, 4, 5, 8] {
        let axis = Axis(linear: range, count: count, extends: true)
        let ticks = axis.ticks
        #expect((2...count + 2).contains(ticks.count), "\(range) \(count) \(ticks)")
        guard let first = ticks.first, let last = ticks.last, ticks.count > 1 else { continue }
        let step = (last - first) / Double(ticks.count - 1)
        #expect(first <= range.lowerBound + 1e-9 * step && last >= range.upperBound - 1e-9 * step)
        for (a, b) in zip(ticks, ticks.dropFirst()) { #expect(abs(b - a - step) <= 1e-6 * step) }
        #expect(Set(axis.labels).count == axis.labels.count, "\(range) \(axis.labels)")
      }
    }
  }

  @Test("Steps are 1, 2 or 5 times a power of ten")
  func steps() {
    for range in Self.ranges {
      let ticks = Axis(linear: range, count: 5, extends: true).ticks
      guard ticks.count > 1 else { continue }
      let step = NumberText.scientific(ticks[1] - ticks[0], decimals: 3)
      let isNice =
        step.hasPrefix("10") || step.hasPrefix("1.000") || step.hasPrefix("2.000")
        || step.hasPrefix("5.000")
      #expect(isNice, "\(range): \(step)")
    }
  }

  @Test("An axis that does not extend keeps its ends and has its ticks between them")
  func inner() {
    let axis = Axis(linear: 1...234, count: 6, extends: false)
    #expect(axis.domain == 1...234)
    #expect(axis.labels == ["50", "100", "150", "200"])
    #expect(axis.fraction(1) == 0 && axis.fraction(234) == 1)
  }

  @Test("A logarithmic axis covers its range and places equal ratios equally far apart")
  func logarithmic() {
    for (low, high) in [(0.009, 2.3), (1.0, 1.0), (3.0, 4.0), (1e-8, 1e8), (0.5, 20)] {
      let axis = Axis(logarithmic: low...high, count: 6)
      #expect(axis.domain.lowerBound <= low && axis.domain.upperBound >= high)
      #expect((1...6).contains(axis.ticks.count), "\(low)...\(high): \(axis.ticks)")
      #expect(axis.ticks.allSatisfy { axis.fraction($0) > -1e-9 && axis.fraction($0) < 1 + 1e-9 })
      let middle = (axis.domain.lowerBound * axis.domain.upperBound).squareRoot()
      #expect(abs(axis.fraction(middle) - 0.5) < 1e-9)
    }
    #expect(Axis(logarithmic: 0.009...2.3, count: 6).labels == ["0.01", "0.1", "1"])
  }

  @Test(
    "Numbers are written as people write them",
    arguments: [
      (0.583, "0.583"), (0.58, "0.58"), (2, "2"), (12.44, "12.4"), (1234.6, "1,235"),
      (-0.25, "−0.25"), (1_500_000, "1.5×10⁶"), (0.000025, "2.5×10⁻⁵"), (0, "0"), (1e-7, "10⁻⁷"),
      (999_999, "999,999"), (0.9999, "1"),
    ])
  func short(_ value: Double, _ text: String) {
    #expect(NumberText.short(value) == text)
  }

  @Test("Fixed digits, groups of thousands, and no negative zero")
  func fixed() {
    #expect(NumberText.fixed(12_345.6, decimals: 2) == "12,345.60")
    #expect(NumberText.fixed(0.05, decimals: 1) == "0.1")
    #expect(NumberText.fixed(-0.001, decimals: 1) == "0.0")
    #expect(NumberText.fixed(100, decimals: 0) == "100")
    #expect(NumberText.fixed(.nan, decimals: 1) == "not a number")
    #expect(NumberText.scientific(9.99, decimals: 1) == "1.0×10¹")
  }
}
