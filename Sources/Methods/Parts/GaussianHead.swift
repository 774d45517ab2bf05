import Layers
import Tensors

/// A decoder that gives a mean and a log-variance for each coordinate: two linear maps of the features.
///
/// A log-variance that starts at random can explain large errors away before the means have learned
/// anything, or shrink on a lucky batch until the gradients of the means explode. So the map starts at 0,
/// which is the truth about whitened targets of which nothing is known, stays there for the first steps (the
/// loss is that of a squared error), and never leaves a range. The steps are counted in a buffer: a loaded
/// model or a second run does not start over, and no plan of a run need be known.
struct GaussianHead: Module {
  /// How the output of the second map becomes a log-variance.
  enum Scaling: Sendable {
    /// Divided by a number, as AVT's released code does; the variance learns from the first step.
    case divided(by: Float)
    /// Clamped to a range, after a number of steps at 0.
    case clamped(to: ClosedRange<Float>, warmUp: Int)
  }

  /// The map to the means.
  let mean: Linear
  /// The map to the log-variances.
  let logVariance: Linear
  /// The steps taken so far, up to the end of the warm-up: one number.
  let warmUp: Parameter
  private let scaling: Scaling

  /// Draws a new head.
  init(inputs: Int, outputs: Int, scaling: Scaling, generator: inout Generator) {
    self.scaling = scaling
    mean = Linear(inputs: inputs, outputs: outputs, generator: &generator)
    logVariance = Linear(inputs: inputs, outputs: outputs, generator: &generator)
    warmUp = Parameter(.zeros([1]), isTrainable: false)
    if case .clamped = scaling { logVariance.weight.update { $0.update(repeating: 0) } }
  }

  /// Two linear maps and a counter.
  var parts: [(name: String, part: Any)] {
    [("mean", mean), ("log_variance", logVariance), ("warm_up", warmUp)]
  }

  /// Means and log-variances `[N, outputs]` of features `[N, inputs]`.
  func callAsFunction(
    _ features: Tensor, in pass: Pass
  ) throws(TensorError) -> (mean: Tensor, logVariance: Tensor) {
    let means = try within("mean") { () throws(TensorError) in try mean(features, in: pass) }
    func variances() throws(TensorError) -> Tensor {
      try within("log_variance") { () throws(TensorError) in try logVariance(features, in: pass) }
    }
    switch scaling {
    case .divided(let divisor): return (means, try variances() / divisor)
    case .clamped(let range, let steps):
      guard warmUp.value.scalars[0] < Float(steps) else {
        return (means, try variances().clamped(to: range))
      }
      pass.afterStep { () throws(TensorError) in warmUp.update { $0[0] += 1 } }
      return (means, .zeros(means.shape))
    }
  }

  /// One row for each map.
  func rows(path: String, input: [Int]) throws(TensorError) -> [LayerRow] {
    try mean.rows(path: "\(path).mean", input: input)
      + logVariance.rows(path: "\(path).log_variance", input: input)
  }
}
