public import Tensors

/// Multinomial logistic regression with an L2 penalty.
///
/// Minimises mean cross-entropy + λ/2 ‖W‖², where the logits are x Wᵀ + b and the bias b is free: with
/// λ = 1 / (C N), the objective of scikit-learn's `LogisticRegression(C=C)`. Found by L-BFGS in double
/// precision; products of features are in single precision for 256 rows at a time, their sums in double.
public struct LogisticRegression: Sendable {
  /// The weights, row by row `[classes, D]`, then the biases `[classes]`.
  public let parameters: [Double]
  /// The number of classes.
  public let classes: Int
  /// The number of features D.
  public let width: Int
  /// The penalty λ.
  public let penalty: Double
  /// The steps of the search.
  public let steps: Int
  /// The greatest magnitude in the gradient at its end.
  public let slope: Double
  /// Whether the slope came within the tolerance.
  public let isConverged: Bool
  /// The objective at its end.
  public let objective: Double

  /// Fits features `[N, D]` to labels below `classes`; `pause` is called between steps, and what it throws
  /// ends the search.
  ///
  /// - Parameter start: parameters to begin with, such as those for a stronger penalty; zeros when `nil`.
  /// - Throws: `TensorError` when labels and features do not fit or the penalty is not positive; what
  ///   `pause` throws.
  public init(
    features: Tensor, labels: [Int], classes: Int, penalty: Double, tolerance: Double = 1e-6,
    steps: Int = 1000, start: [Double]? = nil, pause: () throws -> Void = {}
  ) throws {
    try Self.check(features, labels: labels, classes: classes)
    guard penalty > 0, penalty.isFinite else {
      throw TensorError.argument(
        operation: "logistic regression", name: "penalty", value: "\(penalty)",
        fix: "it must be positive, such as 0.0001")
    }
    let objective = PenalisedCrossEntropy(
      features: features.detached, labels: labels, classes: classes, penalty: penalty)
    let search = LimitedMemoryDescent(tolerance: tolerance, steps: steps)
    let minimum = try search.minimise(
      from: start ?? [Double](repeating: 0, count: objective.parameterCount), pause: pause
    ) { try objective.value(at: $0, gradient: &$1) }
    parameters = minimum.point
    self.classes = classes
    width = features.shape[1]
    self.penalty = penalty
    self.steps = minimum.steps
    slope = minimum.slope
    isConverged = minimum.isReached
    self.objective = minimum.value
  }

  static func check(_ features: Tensor, labels: [Int], classes: Int) throws(TensorError) {
    guard features.rank == 2, features.shape[0] == labels.count, !labels.isEmpty else {
      throw .shape(
        operation: "logistic regression", shapes: [features.shape, [labels.count]],
        fix: "give one label for each row of features, and at least one row")
    }
    if let stray = labels.first(where: { !(0..<classes).contains($0) }) {
      throw .argument(
        operation: "logistic regression", name: "labels", value: "\(stray)",
        fix: "there are \(classes) classes, counted from 0")
    }
    guard features.isFinite else {
      throw .notFinite(
        path: "a feature", fix: "the model has diverged; make it anew, or load it from a file")
    }
  }

  /// The logits of features `[N, D]`, `[N, classes]`.
  public func logits(_ features: Tensor) throws(TensorError) -> Tensor {
    let split = classes * width
    let weight = try Tensor(parameters[..<split].map { Float($0) }, shape: [classes, width])
    let bias = try Tensor(parameters[split...].map { Float($0) }, shape: [classes])
    return try features.detached.linear(weight: weight, bias: bias)
  }

  /// The likeliest class of each row of `[N, D]`.
  public func classify(_ features: Tensor) throws(TensorError) -> [Int] {
    try logits(features).argumentOfMaximum()
  }
}
