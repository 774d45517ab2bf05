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
    _ = try checkChannels([scale, shift], ["scale", "shift"], operation: operation)
    guard branches > 0, shape[0] % branches == 0 else {
      throw .argument(
        operation: operation, name: "branches", value: "\(branches)",
        fix: "a batch of \(shape[0]) cannot be cut into so many equal parts")
    }
    let plan = try plan(
      branches: branches, epsilon: epsilon, rectify: rectify, operation: operation)
    let normalisation = withExtendedLifetime((self, scale, shift)) {
      plan.statistics(of: pointer, scale: scale.pointer, shift: shift.pointer)
    }
    let output = try normalise(
      plan, normalisation, scale: scale, shift: shift, cause: "the input of \(operation)",
      operation: operation)
    let statistics = normalisation.tensors(branches: branches)
    return Normalised(output: output, mean: statistics.mean, variance: statistics.variance)
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
    let plan = try plan(branches: 1, epsilon: epsilon, rectify: rectify, operation: operation)
    let normalisation = withExtendedLifetime((mean, variance, scale, shift)) {
      plan.given(
        mean: mean.pointer, variance: variance.pointer, scale: scale.pointer, shift: shift.pointer)
    }
    return try normalise(
      plan, normalisation, scale: scale, shift: shift,
      cause: "the mean or variance of \(operation)", operation: operation)
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
    branches: Int, epsilon: Float, rectify: Bool, operation: String
  ) throws(TensorError) -> BatchNormalisation {
    guard
      let plan = BatchNormalisation(
        batch: shape[0], positions: shape[1..<(rank - 1)].product, channels: shape[rank - 1],
        epsilon: epsilon, rectify: rectify, branches: branches)
    else {
      throw .shape(
        operation: operation, shapes: [shape], fix: "the batch is empty; give at least one image")
    }
    return plan
  }

  private func normalise(
    _ plan: BatchNormalisation, _ normalisation: ChannelNormalisation, scale: Tensor,
    shift: Tensor, cause: String, operation: String
  ) throws(TensorError) -> Tensor {
    guard normalisation.isFinite else {
      throw .notFinite(
        path: cause, fix: "the numbers grew out of bounds; a lower learning rate usually helps")
    }
    let x = detached
    let output = withExtendedLifetime(self) {
      Tensor.written(shape) { plan.forward(normalisation, source: x.pointer, into: $0) }
    }
    return try Tape.record(operation, [self, scale, shift], output: output) {
      (upstream, needed) throws(TensorError) in
      let (scale, shift) = (Buffer(count: plan.channels), Buffer(count: plan.channels))
      let gradient = withExtendedLifetime((upstream, x)) {
        Tensor.written(x.shape) {
          plan.backward(
            normalisation, source: x.pointer, gradient: upstream.pointer, into: $0,
            scale: scale.pointer, shift: shift.pointer)
        }
      }
      return [gradient]
        + [scale, shift].map { Tensor(shape: [plan.channels], buffer: $0, offset: 0) }
    }
  }
}

extension ChannelNormalisation {
  /// The mean and the biased variance of each branch and channel, `[branches, C]`.
  func tensors(branches: Int) -> (mean: Tensor, variance: Tensor) {
    func copy(_ values: UnsafePointer<Float>) -> Tensor {
      Tensor(shape: [branches, channels]) { target in
        _ = target.update(from: UnsafeBufferPointer(start: values, count: target.count))
      }
    }
    return (copy(mean), copy(variance))
  }
}
