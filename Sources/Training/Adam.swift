public import Compute

/// Adam (Kingma and Ba, 2015, algorithm 1).
///
/// g ← g + λ w; m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²; w ← w − η m̂ / (√v̂ + ε), where m̂ and v̂ are
/// corrected for their start at 0.
public struct Adam: Optimiser {
  /// The means of the gradients and of their squares.
  public static let slots = ["exp_avg", "exp_avg_sq"]
  /// The decay β₁ of the mean.
  public let firstDecay: Float
  /// The decay β₂ of the mean square.
  public let secondDecay: Float
  /// The constant ε.
  public let epsilon: Float
  /// The weight decay λ, which here is a penalty on the squared weights; for weights alone.
  public let weightDecay: Float
  /// The moments.
  public var memory = OptimiserMemory()

  /// Sets the constants.
  public init(
    firstDecay: Float = 0.9, secondDecay: Float = 0.999, epsilon: Float = 1e-8,
    weightDecay: Float = 0
  ) {
    self.firstDecay = firstDecay
    self.secondDecay = secondDecay
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// The rule and its constants.
  public var description: String {
    "Adam(decays: (\(firstDecay), \(secondDecay)), weightDecay: \(weightDecay))"
  }

  /// Changes all parts once.
  public func change(_ parts: [OptimiserPart]) {
    adamStep(parts, beta1: firstDecay, beta2: secondDecay, epsilon: epsilon)
  }
}

/// Adam with decoupled weight decay (Loshchilov and Hutter, 2019, algorithm 2).
///
/// w ← w − η λ w, then Adam's step by the gradient alone; the decay is scaled by the rate, as in PyTorch.
public struct AdamW: Optimiser {
  /// The means of the gradients and of their squares.
  public static let slots = Adam.slots
  /// The decay β₁ of the mean.
  public let firstDecay: Float
  /// The decay β₂ of the mean square.
  public let secondDecay: Float
  /// The constant ε.
  public let epsilon: Float
  /// The weight decay λ, for weights alone.
  public let weightDecay: Float
  /// The moments.
  public var memory = OptimiserMemory()

  /// Sets the constants.
  public init(
    firstDecay: Float = 0.9, secondDecay: Float = 0.999, epsilon: Float = 1e-8,
    weightDecay: Float = 0.01
  ) {
    self.firstDecay = firstDecay
    self.secondDecay = secondDecay
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// The rule and its constants.
  public var description: String {
    "AdamW(decays: (\(firstDecay), \(secondDecay)), weightDecay: \(weightDecay))"
  }

  /// Changes all parts once.
  public func change(_ parts: [OptimiserPart]) {
    adamStep(parts, beta1: firstDecay, beta2: secondDecay, epsilon: epsilon, decoupled: true)
  }
}
