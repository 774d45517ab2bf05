public import Layers
public import Tensors

/// A rule that changes parameters by their gradients; it keeps its state by parameter.
public protocol Optimiser: Sendable {
  /// The rule and its constants, for the record of a run.
  var description: String { get }
  /// Changes every parameter once.
  mutating func step(_ gradients: [(parameter: Parameter, gradient: Tensor)], rate: Float)
}

/// Stochastic gradient descent with momentum.
///
/// g ← g + λ w; v ← μ v + g; w ← w − η (g + μ v) with Nesterov's form, w ← w − η v without
/// (Sutskever et al., 2013, in PyTorch's arrangement).
public struct SGD: Optimiser {
  /// The share μ of the last step that is kept.
  public let momentum: Float
  /// The weight decay λ, for weights alone.
  public let weightDecay: Float
  /// Whether the gradient is taken ahead of the step.
  public let isNesterov: Bool
  private var velocities: [ObjectIdentifier: Tensor] = [:]

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

  /// Changes every parameter once.
  public mutating func step(
    _ gradients: [(parameter: Parameter, gradient: Tensor)], rate: Float
  ) {
    for (parameter, gradient) in gradients {
      let key = ObjectIdentifier(parameter)
      var velocity = velocities.removeValue(forKey: key) ?? .zeros(gradient.shape)
      let decay = parameter.decays ? weightDecay : 0
      velocity.update { velocity in
        gradient.withUnsafeScalars { gradient in
          parameter.update { weight in
            for i in weight.indices {
              let g = gradient[i] + decay * weight[i]
              let v = momentum * velocity[i] + g
              velocity[i] = v
              weight[i] -= rate * (isNesterov ? g + momentum * v : v)
            }
          }
        }
      }
      velocities[key] = velocity
    }
  }
}

/// Adam (Kingma and Ba, 2015, algorithm 1), with decoupled weight decay (Loshchilov and Hutter, 2019).
///
/// m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²;
/// w ← w − η m̂ / (√v̂ + ε) − η λ w, where m̂ and v̂ are corrected for their start at 0.
public struct Adam: Optimiser {
  /// The decay β₁ of the mean.
  public let firstDecay: Float
  /// The decay β₂ of the mean square.
  public let secondDecay: Float
  /// The constant ε.
  public let epsilon: Float
  /// The weight decay λ, for weights alone.
  public let weightDecay: Float
  private var steps = 0
  private var moments: [ObjectIdentifier: (first: Tensor, second: Tensor)] = [:]

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

  /// Changes every parameter once.
  public mutating func step(
    _ gradients: [(parameter: Parameter, gradient: Tensor)], rate: Float
  ) {
    steps += 1
    var (power1, power2) = (1 as Float, 1 as Float)
    for _ in 0..<min(steps, 20_000) {
      (power1, power2) = (power1 * firstDecay, power2 * secondDecay)
    }
    let (b1, b2, small) = (firstDecay, secondDecay, epsilon)
    let size = rate / (1 - power1)
    let correction = 1 / (1 - power2).squareRoot()
    for (parameter, gradient) in gradients {
      let key = ObjectIdentifier(parameter)
      var (first, second) =
        moments.removeValue(forKey: key) ?? (.zeros(gradient.shape), .zeros(gradient.shape))
      let shrink = 1 - rate * (parameter.decays ? weightDecay : 0)
      first.update { first in
        second.update { second in
          gradient.withUnsafeScalars { gradient in
            parameter.update { weight in
              for i in weight.indices {
                let g = gradient[i]
                first[i] = b1 * first[i] + (1 - b1) * g
                second[i] = b2 * second[i] + (1 - b2) * g * g
                weight[i] =
                  shrink * weight[i] - size * first[i]
                  / (second[i].squareRoot() * correction + small)
              }
            }
          }
        }
      }
      moments[key] = (first, second)
    }
  }
}
