import Glibc

/// How often each code of a quantiser is used, counted over a whole set of images.
///
/// A batch shows a part of the codes only: its perplexity says little, so sets are counted and never averaged.
public struct CodeUsage: Sendable, Equatable {
  /// The number of uses of each code.
  public private(set) var counts: [Int]

  /// Starts with no uses of `codeCount` codes.
  public init(codeCount: Int) { counts = [Int](repeating: 0, count: codeCount) }

  /// Counts the codes of more images; each is from 0 to `codeCount − 1`.
  public mutating func add(_ codes: [Int]) {
    for code in codes { counts[code] += 1 }
  }

  /// The number of uses in all.
  public var total: Int { counts.reduce(0, +) }

  /// The share of each code, all together 1; zeros before anything was counted.
  public var shares: [Double] { counts.map { Double($0) / Double(max(1, total)) } }

  /// `exp(−Σ p ln p)` over the shares p: the number of codes that would be as uncertain if all were used
  /// alike; 0 before anything was counted.
  public var perplexity: Double {
    guard total > 0 else { return 0 }
    return exp(-shares.reduce(0) { $0 + ($1 > 0 ? $1 * log($1) : 0) })
  }

  /// The number of codes that are used at all.
  public var inUse: Int { counts.count { $0 > 0 } }

  /// The number of codes that are used more than a tenth as often as the mean code.
  public var active: Int {
    let least = 0.1 * Double(total) / Double(max(1, counts.count))
    return counts.count { Double($0) > least }
  }

  /// The codes from the most used one down, equals by number.
  public var ranking: [Int] {
    counts.indices.sorted { counts[$0] != counts[$1] ? counts[$0] > counts[$1] : $0 < $1 }
  }
}
