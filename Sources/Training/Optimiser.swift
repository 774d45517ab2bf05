import Compute
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
      change(parameter, gradient, &velocity) { weight, gradient, velocity, count in
        sgdStep(
          parameter: weight, gradient: gradient, velocity: velocity, count: count, rate: rate,
          momentum: momentum, weightDecay: parameter.decays ? weightDecay : 0,
          nesterov: isNesterov)
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
    for (parameter, gradient) in gradients {
      let key = ObjectIdentifier(parameter)
      var (mean, square) =
        moments.removeValue(forKey: key) ?? (.zeros(gradient.shape), .zeros(gradient.shape))
      square.update { square in
        guard let square = square.baseAddress else { return }
        change(parameter, gradient, &mean) { weight, gradient, mean, count in
          adamStep(
            parameter: weight, gradient: gradient, mean: mean, square: square, count: count,
            step: steps, rate: rate, beta1: firstDecay, beta2: secondDecay, epsilon: epsilon,
            weightDecay: parameter.decays ? weightDecay : 0, decoupled: true)
        }
      }
      moments[key] = (mean, square)
    }
  }
}

/// Gives the values of a parameter, its gradient and the optimiser's state to a pass over memory.
private func change(
  _ parameter: Parameter, _ gradient: Tensor, _ state: inout Tensor,
  _ pass: (
    _ weight: UnsafeMutablePointer<Float>, _ gradient: UnsafePointer<Float>,
    _ state: UnsafeMutablePointer<Float>, _ count: Int
  ) -> Void
) {
  state.update { state in
    gradient.withUnsafeScalars { gradient in
      parameter.update { weight in
        guard let state = state.baseAddress, let slope = gradient.baseAddress,
          let first = weight.baseAddress
        else { return }
        pass(first, slope, state, weight.count)
      }
    }
  }
}
