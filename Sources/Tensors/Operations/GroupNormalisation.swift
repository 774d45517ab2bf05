import Compute

extension Tensor {
  /// Group normalisation (Wu and He, 2018, equation 7).
  ///
  /// `y = scale · (x − mean) / √(variance + epsilon) + shift`, with mean and biased variance over
  /// all positions and the channels of a group, for each image by itself: neighbouring channels
  /// make a group. `groups: 1` normalises whole images, one group a channel is instance
  /// normalisation.
  ///
  /// Shapes: `[N, ..., C]` with `scale` and `shift` `[C]`.
  ///
  /// - Throws: `TensorError.shape` when they do not fit or the batch is empty;
  ///   `TensorError.argument` when the channels do not divide into the groups.
  public func groupNormalised(
    groups: Int, scale: Tensor, shift: Tensor, epsilon: Float = 1e-5
  ) throws(TensorError) -> Tensor {
    let operation = "groupNormalised"
    guard rank >= 2 else {
      throw .shape(operation: operation, shapes: [shape], fix: "the input must be [N, ..., C]")
    }
    return try normalised(
      images: shape[0], groups: groups, scale: scale, shift: shift, epsilon: epsilon,
      operation: operation)
  }

  /// Layer normalisation (Ba, Kiros and Hinton, 2016) over the last dimension.
  ///
  /// `y = scale · (x − mean) / √(variance + epsilon) + shift`, with mean and biased variance of each
  /// row of the last dimension.
  ///
  /// Shapes: `[..., C]` with `scale` and `shift` `[C]`.
  ///
  /// - Throws: `TensorError.shape` when they do not fit or there are no rows.
  public func layerNormalised(
    scale: Tensor, shift: Tensor, epsilon: Float = 1e-5
  ) throws(TensorError) -> Tensor {
    let operation = "layerNormalised"
    guard rank >= 1 else {
      throw .shape(operation: operation, shapes: [shape], fix: "the input must be [..., C]")
    }
    return try normalised(
      images: shape.dropLast().product, groups: 1, scale: scale, shift: shift, epsilon: epsilon,
      operation: operation)
  }

  private func normalised(
    images: Int, groups: Int, scale: Tensor, shift: Tensor, epsilon: Float, operation: String
  ) throws(TensorError) -> Tensor {
    guard count > 0 else {
      throw .shape(
        operation: operation, shapes: [shape], fix: "the batch is empty; give at least one image")
    }
    let channels = shape[rank - 1]
    for (tensor, name) in [(scale, "scale"), (shift, "shift")] where tensor.shape != [channels] {
      throw .shape(
        operation: operation, shapes: [shape, tensor.shape],
        fix: "\(name) must have the shape [\(channels)]")
    }
    guard
      let plan = GroupNormalisation(
        images: images, positions: count / images / channels, channels: channels, groups: groups,
        epsilon: epsilon)
    else {
      throw .argument(
        operation: operation, name: "groups", value: "\(groups)",
        fix: "\(channels) channels cannot be cut into so many equal parts")
    }
    let mean = Buffer(count: images * groups)
    let inverseDeviation = Buffer(count: images * groups)
    let output = withExtendedLifetime((self, scale, shift)) {
      Tensor.written(shape) { target in
        plan.forward(
          source: pointer, scale: scale.pointer, shift: shift.pointer, into: target,
          mean: mean.pointer, inverseDeviation: inverseDeviation.pointer)
      }
    }
    let (x, scaling) = (detached, scale.detached)
    return try Tape.record(operation, [self, scale, shift], output: output) {
      (upstream, _) throws(TensorError) in
      let (scaleGradient, shiftGradient) = (Buffer(count: channels), Buffer(count: channels))
      let gradient = withExtendedLifetime((upstream, x, scaling, mean, inverseDeviation)) {
        Tensor.written(x.shape) { target in
          plan.backward(
            source: x.pointer, mean: mean.pointer, inverseDeviation: inverseDeviation.pointer,
            scale: scaling.pointer, gradient: upstream.pointer, into: target,
            scale: scaleGradient.pointer, shift: shiftGradient.pointer)
        }
      }
      return [gradient]
        + [scaleGradient, shiftGradient].map {
          Tensor(shape: [channels], buffer: $0, offset: 0)
        }
    }
  }
}
