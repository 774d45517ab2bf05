public import Compute

/// Stochastic gradient descent with momentum.
///
/// g ← g + λ w; v ← μ v + g; w ← w − η (g + μ v) with Nesterov's form, w ← w − η v without
/// (Sutskever et al., 2013, in PyTorch's arrangement).
public struct SGD: Optimiser {
  /// The velocity.
  public static let slots = ["momentum_buffer"]
  /// The share μ of the last step that is kept.
  public let momentum: Float
  /// The weight decay λ, for weights alone.
  public let weightDecay: Float
  /// Whether the gradient is taken ahead of the step.
  public let isNesterov: Bool
  /// The velocities.
  public var memory = OptimiserMemory()

  /// Sets the constants.
  public init(momentum: Float = 0.9, weightDecay: Float = 5e-4, isNesterov: Bool = true) {
    self.momentum = momentum
    self.weightDecay = weightDecay
    self.isNesterov = isNesterov
  }

  /// The rule and its constants.
  public var description: String {
    "SGD(momentum: \(momentum), weightDecay: \(weightDecay), nesterov: \(isNesterov))"
  }

  /// Changes all parts once.
  public func change(_ parts: [OptimiserPart]) {
    sgdStep(parts, momentum: momentum, nesterov: isNesterov)
  }
}
