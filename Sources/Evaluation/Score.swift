/// A measured share of right answers, with the protocol that it was measured by.
///
/// Two scores can be compared only when their protocols agree, so the protocol is part of the number.
public struct Score: Sendable, Equatable {
  /// What was measured: `weighted kNN accuracy`.
  public let name: String
  /// The number of right answers.
  public let right: Int
  /// The number of questions.
  public let count: Int
  /// All that the number depends on besides the seed: features, k, temperature, data.
  public let protocolText: String
  /// The seed of what the measurement drew; `nil` where it draws nothing.
  public let seed: UInt64?

  /// Records a measurement.
  public init(name: String, right: Int, count: Int, protocolText: String, seed: UInt64? = nil) {
    self.name = name
    self.right = right
    self.count = count
    self.protocolText = protocolText
    self.seed = seed
  }

  /// Compares answers with labels.
  public init(
    name: String, answers: [Int], labels: [Int], protocolText: String, seed: UInt64? = nil
  ) {
    self.init(
      name: name, right: zip(answers, labels).reduce(0) { $0 + ($1.0 == $1.1 ? 1 : 0) },
      count: answers.count, protocolText: protocolText, seed: seed)
  }

  /// The share of right answers, from 0 to 1.
  public var accuracy: Double { Double(right) / Double(max(1, count)) }

  /// The 95 % interval of the share for a random test set of this size (Wilson, 1927).
  public var interval: ClosedRange<Double> {
    let (n, p, z) = (Double(max(1, count)), accuracy, 1.959964)
    let centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    let half = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
    return max(0, centre - half)...min(1, centre + half)
  }
}
