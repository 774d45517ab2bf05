public import Tensors

/// How well a linear classifier reads the classes from features: logistic regression on standardised
/// features with the penalty chosen on a held-out tenth.
///
/// A tenth of each class is held out at random. Penalties are tried from the strongest to the weakest, each
/// beginning where the one before ended, until two in a row are worse than the best; the one with the most
/// right answers on the held-out tenth wins, the stronger one where they tie. Then all training images are
/// fitted with it.
public struct LinearProbe: Sendable {
  /// The penalties λ that are tried, from the strongest.
  public static let penalties: [Double] = [1, 0.1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6]

  /// The classifier of standardised features.
  public let regression: LogisticRegression
  /// The penalties that were tried, with the share of right answers on the held-out tenth.
  public let trials: [(penalty: Double, accuracy: Double)]
  private let standardisation: Standardisation

  /// Fits features `[N, D]` to labels; `pause` is called between steps, and what it throws ends the work.
  ///
  /// - Throws: `TensorError` when the labels do not fit or no class has two examples; what `pause` throws.
  public init(
    features: Tensor, labels: [Int], classes: Int, seed: UInt64 = 1,
    penalties: [Double] = LinearProbe.penalties, pause: () throws -> Void = {}
  ) throws {
    try LogisticRegression.check(features, labels: labels, classes: classes)
    guard !penalties.isEmpty else {
      throw TensorError.argument(
        operation: "probe", name: "penalties", value: "[]", fix: "give at least one")
    }
    standardisation = try Standardisation(of: features)
    let standard = try standardisation(features)
    let split = try HeldOutSplit(labels: labels, classes: classes, seed: seed)
    let (kept, held) = (split.kept, split.held)
    let learned = try standard.gathered(rows: kept)
    let asked = try standard.gathered(rows: held)
    let (learnedLabels, askedLabels) = (kept.map { labels[$0] }, held.map { labels[$0] })
    var trials: [(penalty: Double, accuracy: Double)] = []
    var fit: LogisticRegression?
    var (best, bestStart, worse) = (0, [Double](), 0)
    for penalty in penalties.sorted(by: >) {
      let next = try LogisticRegression(
        features: learned, labels: learnedLabels, classes: classes, penalty: penalty,
        tolerance: 1e-4, steps: 300, start: fit?.parameters, pause: pause)
      fit = next
      let right = zip(try next.classify(asked), askedLabels).count { $0 == $1 }
      trials.append((penalty, Double(right) / Double(held.count)))
      if trials[trials.count - 1].accuracy > trials[best].accuracy || trials.count == 1 {
        (best, bestStart, worse) = (trials.count - 1, next.parameters, 0)
      } else {
        worse += 1
        if worse == 2 { break }
      }
    }
    self.trials = trials
    regression = try LogisticRegression(
      features: standard, labels: labels, classes: classes, penalty: trials[best].penalty,
      tolerance: 1e-5, steps: 500, start: bestStart, pause: pause)
  }

  /// The likeliest class of each row of `[N, D]`.
  public func classify(_ features: Tensor) throws(TensorError) -> [Int] {
    try regression.classify(standardisation(features))
  }
}
