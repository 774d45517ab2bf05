import Compute

/// What batch normalisation gives in training.
public struct Normalised: Sendable {
  /// The normalised values, in the shape of the input.
  public let output: Tensor
  /// The mean of each branch and channel, `[branches, C]`, off the tape.
  public let mean: Tensor
  /// The biased variance of each branch and channel, `[branches, C]`, off the tape.
  public let variance: Tensor
}

extension Tensor {
  /// Batch normalisation with the statistics of the batch (Ioffe and Szegedy, 2015, algorithm 1).
  ///
  /// `y = scale · (x − mean) / √(variance + epsilon) + shift` for each channel, with mean and biased
  /// variance over all dimensions but the last; with `rectify`, negative results become zero in the
  /// same pass. With `branches: b` the batch is cut into `b` equal consecutive parts, each normalised
  /// with its own statistics, as if they were batches of their own.
  ///
  /// Shapes: `[N, ..., C]` with `scale` and `shift` `[C]`.
  ///
  /// - Throws: `TensorError.shape` when they do not fit or the batch is empty;
  ///   `TensorError.argument` when the batch does not divide into the branches;
  ///   `TensorError.notFinite` when a channel has values that are not finite.
  public func batchNormalised(
    scale: Tensor, shift: Tensor, epsilon: Float = 1e-5, branches: Int = 1, rectify: Bool = false
  ) throws(TensorError) -> Normalised {
    let operation = "batchNormalised"
    let channels = try checkChannels([scale, shift], ["scale", "shift"], operation: operation)
    guard branches > 0, shape[0] % branches == 0 else {
      throw .argument(
        operation: operation, name: "branches", value: "\(branches)",
        fix: "a batch of \(shape[0]) cannot be cut into so many equal parts")
    }
    let plan = try plan(
      branches: branches, epsilon: epsilon, statistics: .computed, rectify: rectify,
      training: true, operation: operation)
    let mean = Tensor(
      shape: [branches, channels], buffer: Buffer(count: branches * channels), offset: 0)
    let variance = Tensor(
      shape: [branches, channels], buffer: Buffer(count: branches * channels), offset: 0)
    let output = try normalise(
      plan, branches: branches, mean: mean, variance: variance, scale: scale, shift: shift,
      operation: operation)
    return Normalised(output: output, mean: mean, variance: variance)
  }

  /// Normalisation with given statistics, as batch normalisation does outside training.
  ///
  /// `y = scale · (x − mean) / √(variance + epsilon) + shift` for each channel, then the rectifier
  /// where asked. Mean and variance are constants for the derivative.
  ///
  /// Shapes: `[N, ..., C]` with `mean`, `variance`, `scale` and `shift` `[C]`.
  ///
  /// - Throws: `TensorError.shape` when they do not fit or the batch is empty;
  ///   `TensorError.notFinite` when mean or variance is not finite.
  public func normalised(
    mean: Tensor, variance: Tensor, scale: Tensor, shift: Tensor, epsilon: Float = 1e-5,
    rectify: Bool = false
  ) throws(TensorError) -> Tensor {
    let operation = "normalised"
    _ = try checkChannels(
      [mean, variance, scale, shift], ["mean", "variance", "scale", "shift"], operation: operation)
    let plan = try plan(
      branches: 1, epsilon: epsilon, statistics: .given, rectify: rectify,
      training: isTracked || scale.isTracked || shift.isTracked, operation: operation)
    return try normalise(
      plan, branches: 1, mean: mean.detached, variance: variance.detached, scale: scale,
      shift: shift, operation: operation)
  }

  private func checkChannels(
    _ tensors: [Tensor], _ names: [String], operation: String
  ) throws(TensorError) -> Int {
    guard rank >= 2 else {
      throw .shape(
        operation: operation, shapes: [shape], fix: "the input must be [N, ..., C]")
    }
    guard count > 0 else {
      throw .shape(
        operation: operation, shapes: [shape], fix: "the batch is empty; give at least one image")
    }
    let channels = shape[rank - 1]
    for (tensor, name) in zip(tensors, names) where tensor.shape != [channels] {
      throw .shape(
        operation: operation, shapes: [shape, tensor.shape],
        fix: "\(name) must have the shape [\(channels)]")
    }
    return channels
  }

  private func plan(
    branches: Int, epsilon: Float, statistics: BatchNormalisation.Statistics, rectify: Bool,
    training: Bool, operation: String
  ) throws(TensorError) -> BatchNormalisation {
    guard
      let plan = BatchNormalisation(
        batch: shape[0] / branches, positions: shape[1..<(rank - 1)].product,
        channels: shape[rank - 1], epsilon: epsilon, statistics: statistics, rectify: rectify,
        training: training)
    else {
      throw .shape(
        operation: operation, shapes: [shape], fix: "the batch is empty; give at least one image")
    }
    return plan
  }

  /// Normalises branch by branch; the statistics are written or read according to the plan.
  private func normalise(
    _ plan: BatchNormalisation, branches: Int, mean: Tensor, variance: Tensor, scale: Tensor,
    shift: Tensor, operation: String
  ) throws(TensorError) -> Tensor {
    let (shapes, part, channels) = ([shape], count / branches, plan.channels)
    let workspaceCount = try computing(operation, shapes) { () throws(ComputeError) in
      try plan.workspaceCount()
    }
    let workspace = workspaceCount > 0 ? Buffer(count: branches * workspaceCount) : nil
    let output = try computing(operation, shapes) { () throws(ComputeError) in
      try withExtendedLifetime((self, mean, variance, scale, shift)) { () throws(ComputeError) in
        try Tensor.written(shape) { (target) throws(ComputeError) in
          for branch in 0..<branches {
            try plan.forward(
              source: pointer + branch * part,
              mean: mean.buffer.pointer + mean.offset + branch * channels,
              variance: variance.buffer.pointer + variance.offset + branch * channels,
              scale: scale.pointer, shift: shift.pointer, into: target + branch * part,
              workspace: workspace.map { $0.pointer + branch * workspaceCount })
          }
        }
      }
    }
    // The rectifier in the same pass turns what is not a number into zero, and a run that went wrong
    // would look healthy; the statistics give it away.
    guard mean.isFinite, variance.isFinite else {
      throw .notFinite(
        path: plan.statistics == .computed
          ? "the input of \(operation)" : "the mean or variance of \(operation)",
        fix: "the numbers grew out of bounds; a lower learning rate usually helps")
    }
    let (x, scaling) = (detached, scale.detached)
    return try Tape.record(operation, [self, scale, shift], output: output) {
      (upstream, needed) throws(TensorError) in
      try computing("gradient of \(operation)", shapes) { () throws(ComputeError) in
        let scaleParts = Buffer(count: branches * channels)
        let shiftParts = Buffer(count: branches * channels)
        let gradient = try withExtendedLifetime((upstream, x, mean, variance, scaling)) {
          () throws(ComputeError) in
          try Tensor.written(x.shape) { (target) throws(ComputeError) in
            for branch in 0..<branches {
              try plan.backward(
                source: x.pointer + branch * part, mean: mean.pointer + branch * channels,
                variance: variance.pointer + branch * channels, scale: scaling.pointer,
                gradient: upstream.pointer + branch * part,
                workspace: workspace.map { $0.pointer + branch * workspaceCount },
                into: target + branch * part, scale: scaleParts.pointer + branch * channels,
                shift: shiftParts.pointer + branch * channels)
            }
          }
        }
        return [gradient]
          + [scaleParts, shiftParts].map { parts in
            let all = Tensor(shape: [branches, channels], buffer: parts, offset: 0)
            return all.summedMiddle(
              outer: 1, reduced: branches, inner: channels, shape: [channels])
          }
      }
    }
  }
}
