import Compute
import Tensors

/// A measured number with its 95 % interval for the choice of test images.
public struct BootstrappedValue: Sendable, Equatable {
  /// The number for the images at hand.
  public let value: Double
  /// From the 2.5th to the 97.5th percentile of the number over resampled images.
  public let interval: ClosedRange<Double>

  /// Records a number.
  public init(value: Double, interval: ClosedRange<Double>) {
    self.value = value
    self.interval = interval
  }
}

/// Percentile intervals from images drawn again with replacement (Efron, 1979).
public struct Bootstrap: Sendable, Equatable {
  /// How often the images are drawn again.
  public let resamples: Int
  /// The seed of the draws.
  public let seed: UInt64

  /// Takes the number of resamples, at least 40 so that a percentile of 2.5 exists, and the seed.
  public init(resamples: Int = 1_000, seed: UInt64) {
    self.resamples = max(40, resamples)
    self.seed = seed
  }

  /// How the intervals come about, in words.
  public var text: String {
    "95 % intervals: percentiles over \(resamples) bootstrap resamples of the images, seed \(seed)"
  }

  /// The interval of each of `statistics` numbers over resamples of `count` images.
  ///
  /// `measure` gets how often each image was drawn and writes the numbers; it runs on several threads.
  /// Resample b is a function of the seed and b alone. A number that is not a number in a resample is
  /// left out there; `nil` where it never is one.
  public func intervals(
    count: Int, statistics: Int,
    measure: @Sendable (_ times: [Int32], _ numbers: UnsafeMutableBufferPointer<Double>) -> Void
  ) -> [ClosedRange<Double>?] {
    guard count > 0 else { return [ClosedRange<Double>?](repeating: nil, count: statistics) }
    var numbers = [Double](repeating: .nan, count: resamples * statistics)
    let root = Generator(seed: seed).split(.evaluation)
    numbers.withUnsafeMutableBufferPointer { numbers in
      nonisolated(unsafe) let numbers = numbers
      Parallel.ranges(resamples) { range in
        var times = [Int32](repeating: 0, count: count)
        for b in range {
          var generator = root.split(.sampling, b)
          for i in 0..<count { times[i] = 0 }
          for _ in 0..<count { times[generator.integer(in: 0...count - 1)] += 1 }
          measure(
            times,
            UnsafeMutableBufferPointer(rebasing: numbers[b * statistics..<(b + 1) * statistics]))
        }
      }
    }
    return (0..<statistics).map { statistic in
      let drawn = (0..<resamples).map { numbers[$0 * statistics + statistic] }
        .filter { !$0.isNaN }.sorted()
      guard let last = drawn.indices.last else { return nil }
      let (low, high) = (
        Int((0.025 * Double(last)).rounded()), Int((0.975 * Double(last)).rounded())
      )
      return drawn[low]...drawn[high]
    }
  }
}
