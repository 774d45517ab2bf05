public import Compute

/// Layer-wise adaptive rate scaling (You, Gitman and Ginsburg, 2017, algorithm 1), for large batches.
///
/// Each weight has a rate of its own, η' = η τ ‖w‖ / (‖g‖ + λ ‖w‖); v ← μ v + η' (g + λ w); w ← w − v. Biases and
/// the parameters of normalisations are left out: they have η and no decay.
public struct LARS: Optimiser {
  /// The velocity.
  public static let slots = ["momentum_buffer"]
  /// The share μ of the last step that is kept.
  public let momentum: Float
  /// The weight decay λ, for weights alone.
  public let weightDecay: Float
  /// The trust coefficient τ.
  public let trust: Float
  /// The velocities.
  public var memory = OptimiserMemory()

  /// Sets the constants; the defaults are the paper's.
  public init(momentum: Float = 0.9, weightDecay: Float = 5e-4, trust: Float = 0.001) {
    self.momentum = momentum
    self.weightDecay = weightDecay
    self.trust = trust
  }

  /// The rule and its constants.
  public var description: String {
    "LARS(momentum: \(momentum), weightDecay: \(weightDecay), trust: \(trust))"
  }

  /// Changes all parts once.
  public func change(_ parts: [OptimiserPart]) {
    larsStep(parts, momentum: momentum, trust: trust)
  }
}
