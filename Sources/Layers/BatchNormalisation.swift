public import Tensors

/// Batch normalisation (Ioffe and Szegedy, 2015), with the ReLU that follows it fused in.
///
/// y = scale · (x − mean) / √(variance + ε) + shift over all but the channels. A training pass uses the
/// batch's statistics, those of each branch separately where the pass has branches, and moves the
/// running ones by `momentum` after the step (the running variance is the unbiased one, as in PyTorch).
/// `recomputeStatistics` sets them anew.
public struct BatchNormalisation: Layer {
  /// The scale γ, `[C]`; starts at 1.
  public let weight: Parameter
  /// The shift β, `[C]`; starts at 0.
  public let bias: Parameter
  /// The mean used in evaluation, `[C]`.
  public let runningMean: Parameter
  /// The variance used in evaluation, `[C]`.
  public let runningVar: Parameter
  /// The share of a batch in the running statistics, in PyTorch's sense: running ← (1 − momentum) ·
  /// running + momentum · batch.
  public let momentum: Float
  static let epsilon: Float = 1e-5
  let rectifies: Bool

  /// Makes the layer for a number of channels; `rectifies` applies max(0, y) at once.
  ///
  /// `momentum` is above 0 and at most 1; a training pass and `outputShape` refuse another.
  public init(channels: Int, momentum: Float = 0.1, rectifies: Bool = true) {
    weight = Parameter(.filled(1, shape: [channels]), decays: false)
    bias = Parameter(.zeros([channels]), decays: false)
    runningMean = Parameter(.zeros([channels]), isTrainable: false)
    runningVar = Parameter(.filled(1, shape: [channels]), isTrainable: false)
    self.momentum = momentum
    self.rectifies = rectifies
  }

  /// `batch normalisation, ReLU`.
  public var title: String { rectifies ? "batch normalisation, ReLU" : "batch normalisation" }

  /// In training it does: the statistics are the batch's.
  public func couplesImages(in mode: Pass.Mode) -> Bool { mode == .training }

  /// Normalises `[N, H, W, C]` or `[N, C]`.
  public func callAsFunction(_ input: Tensor, in pass: Pass) throws(TensorError) -> Tensor {
    guard pass.mode == .training else {
      return try input.normalised(
        mean: runningMean.value, variance: runningVar.value, scale: weight.value,
        shift: bias.value, epsilon: Self.epsilon, rectify: rectifies)
    }
    try checkMomentum()
    let result = try input.batchNormalised(
      scale: pass(weight), shift: pass(bias), epsilon: Self.epsilon, branches: pass.branches,
      rectify: rectifies)
    let population = input.count / max(1, input.shape.last ?? 1) / pass.branches
    follow(mean: result.mean, variance: result.variance, population: population, in: pass)
    return result.output
  }

  /// Moves the running statistics after the step, towards those of a batch in which each branch has
  /// `population` rows; a pass that gathers statistics is given them instead.
  func follow(mean: Tensor, variance: Tensor, population: Int, in pass: Pass) {
    let (mean, variance, branches) = (mean.detached, variance.detached, pass.branches)
    let unbiased = Float(population) / max(1, Float(population) - 1)
    let sums = pass.statistics
    pass.afterStep { () throws(TensorError) in
      // One move a branch, in order: what two passes one after the other would do.
      for branch in 0..<branches {
        if let sums {
          sums.add(mean: mean, variance: variance, row: branch, factor: unbiased, of: self)
        } else {
          runningMean.move(towards: mean, row: branch, by: momentum)
          runningVar.move(towards: variance, row: branch, by: momentum, factor: unbiased)
        }
      }
    }
  }

  /// Throws unless the running statistics would move by a share.
  func checkMomentum() throws(TensorError) {
    guard momentum > 0, momentum <= 1 else {
      throw .argument(
        operation: "batch normalisation", name: "momentum", value: "\(momentum)",
        fix:
          "it is the share of a batch in the running statistics: above 0 and at most 1, mostly 0.1")
    }
  }

  /// The shape of the input.
  public func outputShape(for input: [Int]) throws(TensorError) -> [Int] {
    guard input.last == weight.shape[0] else {
      throw .shape(
        operation: "batch normalisation", shapes: [input, weight.shape],
        fix: "this layer takes \(weight.shape[0]) channels")
    }
    try checkMomentum()
    return input
  }
}

extension Parameter {
  /// p ← (1 − rate) p + rate · factor · target[row].
  func move(towards target: Tensor, row: Int, by rate: Float, factor: Float = 1) {
    update { values in
      target.withUnsafeScalars { target in
        for i in values.indices {
          values[i] += rate * (factor * target[row * values.count + i] - values[i])
        }
      }
    }
  }
}
