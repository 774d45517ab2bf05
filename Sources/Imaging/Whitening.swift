import Synchronization
public import Tensors

/// The mean and the standard deviation of every coordinate of a family's targets.
public struct Whitening: Sendable, Hashable {
  /// What is subtracted.
  public let mean: [Float]
  /// What is divided by; 1 for a coordinate that never varies.
  public let deviation: [Float]

  /// Takes one mean and one deviation a coordinate.
  public init(mean: [Float], deviation: [Float]) {
    self.mean = mean
    self.deviation = deviation
  }

  /// Leaves targets of this dimension as they are.
  public static func none(dimension: Int) -> Whitening {
    Whitening(
      mean: [Float](repeating: 0, count: dimension),
      deviation: [Float](repeating: 1, count: dimension))
  }

  /// (target - mean) / deviation.
  public func whiten(_ target: [Float]) -> [Float] {
    target.indices.map { (target[$0] - mean[$0]) / deviation[$0] }
  }

  /// whitened · deviation + mean.
  public func unwhiten(_ whitened: [Float]) -> [Float] {
    whitened.indices.map { whitened[$0] * deviation[$0] + mean[$0] }
  }
}

/// The moments of a family's targets, coordinate by coordinate, as its sampler yields them.
public struct TargetStatistics: Sendable, Hashable {
  /// The number of draws.
  public let draws: Int
  /// The means.
  public let mean: [Double]
  /// The standard deviations.
  public let deviation: [Double]
  /// The fourth moments in units of the deviation: 3 for a normal distribution, large for heavy
  /// tails.
  public let kurtosis: [Double]

  /// Takes the moments of `draws` targets.
  public init<Family: TransformationFamily>(
    of family: Family, size: ImageSize, draws: Int, using generator: inout Generator
  ) throws(TensorError) {
    let dimension = family.targetDimension
    var targets: [[Float]] = []
    targets.reserveCapacity(draws)
    for _ in 0..<draws {
      let drawn = try family.sample(size: size, using: &generator)
      targets.append(family.target(of: drawn, size: size))
    }
    var mean = [Double](repeating: 0, count: dimension)
    var second = mean
    var fourth = mean
    let share = 1 / Double(max(draws, 1))
    for target in targets {
      for k in 0..<dimension { mean[k] += Double(target[k]) * share }
    }
    for target in targets {
      for k in 0..<dimension {
        let square = (Double(target[k]) - mean[k]) * (Double(target[k]) - mean[k])
        second[k] += square * share
        fourth[k] += square * square * share
      }
    }
    self.draws = draws
    self.mean = mean
    deviation = second.map { $0.squareRoot() }
    kurtosis = zip(fourth, second).map { $1 > 0 ? $0 / ($1 * $1) : 0 }
  }
}

/// Remembers the statistics of samplers, which are pure functions of family and size.
final class StatisticsCache: Sendable {
  static let shared = StatisticsCache()
  private let known = Mutex<[String: TargetStatistics]>([:])

  func statistics<Family: TransformationFamily>(
    of family: Family, size: ImageSize
  ) throws(TensorError) -> TargetStatistics {
    let key = "\(family) at \(size)"
    if let found = known.withLock({ $0[key] }) { return found }
    var generator = Generator(seed: 0).split(.transformation)
    let computed = try TargetStatistics(
      of: family, size: size, draws: Family.statisticsDraws, using: &generator)
    known.withLock { $0[key] = computed }
    return computed
  }
}
