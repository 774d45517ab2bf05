import Compute

extension Tensor {
  /// A two-dimensional transposed convolution: the adjoint of `convolution` with the same weight.
  ///
  /// Shapes: `[N, H, W, I]` with `weight` `[I, O / groups, kH, kW]` (PyTorch's layout) and `bias`
  /// `[O]` gives `[N, H', W', O]` with
  /// `H' = (H − 1) · stride − 2 · padding + dilation · (kH − 1) + 1 + outputPadding`. `padding` is
  /// the padding of the convolution that it is the adjoint of, so it takes pixels away; of the
  /// image sizes that this convolution would bring to H×W, `outputPadding` chooses one.
  ///
  /// - Throws: `TensorError.shape` when the shapes do not fit, nothing is left of the image, or the
  ///   batch is empty; `TensorError.argument` for a stride, padding, output padding, dilation or
  ///   number of groups out of range, or a precision that the processor does not have.
  public func transposedConvolution(
    weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0, outputPadding: Int = 0,
    dilation: Int = 1, groups: Int = 1, precision: Precision = .float32
  ) throws(TensorError) -> Tensor {
    let operation = "transposedConvolution"
    try precision.check(for: operation)
    let plan = try planTransposedConvolution(
      weight: weight, bias: bias, stride: stride, padding: padding, outputPadding: outputPadding,
      dilation: dilation, groups: groups, precision: precision, operation: operation)
    let shapes = [shape, weight.shape]
    PackedWeights.share(weight.buffer, at: weight.pointer)
    let output = try computing(operation, shapes) { () throws(ComputeError) in
      try withExtendedLifetime((self, weight, bias)) { () throws(ComputeError) in
        try Tensor.written([plan.batch, plan.height, plan.width, plan.channels]) {
          (target) throws(ComputeError) in
          try plan.backwardSource(gradient: pointer, weight: weight.pointer, into: target)
          guard let bias = bias?.pointer else { return }
          let (pixels, width) = (plan.batch * plan.height * plan.width, plan.channels)
          Parallel.ranges(pixels, grain: Swift.max(1, Elementwise.grain / width)) { range in
            Elementwise.zipRows(range, width: width, target, bias, into: target) { $0 + $1 }
          }
        }
      }
    }
    let (x, w) = (detached, weight.detached)
    let parts = [self, weight] + (bias.map { [$0] } ?? [])
    return try Tape.record(operation, parts, output: output) {
      (upstream, needed) throws(TensorError) in
      try computing("gradient of \(operation)", shapes) { () throws(ComputeError) in
        try plan.transposedGradients(upstream, source: x, weight: w, needed: needed)
      }
    }
  }

  /// The convolution whose adjoint is asked for: its source is our output.
  private func planTransposedConvolution(
    weight: Tensor, bias: Tensor?, stride: Int, padding: Int, outputPadding: Int, dilation: Int,
    groups: Int, precision: Precision, operation: String
  ) throws(TensorError) -> Convolution {
    func refusal(_ fix: String) -> TensorError {
      .shape(operation: operation, shapes: [shape, weight.shape], fix: fix)
    }
    try TensorError.check(
      ["stride": stride, "dilation": dilation, "groups": groups], atLeast: 1, operation: operation)
    try TensorError.check(["padding": padding], atLeast: 0, operation: operation)
    guard (0..<stride).contains(outputPadding) else {
      throw .argument(
        operation: operation, name: "outputPadding", value: "\(outputPadding)",
        fix: "it must be from 0 to \(stride - 1), below the stride")
    }
    guard rank == 4, weight.rank == 4 else {
      throw refusal("images are [N, H, W, C] and weights [I, O / groups, kH, kW]")
    }
    guard count > 0 else { throw refusal("the batch is empty; give at least one image") }
    guard weight.count > 0 else { throw refusal("the weight is empty") }
    let (channels, outputs) = (shape[3], weight.shape[1] * groups)
    guard channels == weight.shape[0] else {
      throw refusal("the weight takes \(weight.shape[0]) channels and the images have \(channels)")
    }
    guard channels % groups == 0 else {
      throw refusal("\(channels) channels cannot be cut into \(groups) groups")
    }
    try Tensor.checkBias(bias, outputs: outputs, weight: weight, operation: operation)
    func size(_ axis: Int, window: Int) -> Int {
      (shape[axis] - 1) * stride - 2 * padding + dilation * (window - 1) + 1 + outputPadding
    }
    guard
      let plan = Convolution(
        batch: shape[0], height: size(1, window: weight.shape[2]),
        width: size(2, window: weight.shape[3]), channels: outputs, outputs: channels,
        windowHeight: weight.shape[2], windowWidth: weight.shape[3], stride: stride,
        padding: padding, dilation: dilation, groups: groups, factors: precision.factors)
    else {
      throw refusal("a padding of \(padding) leaves nothing of the image; use a smaller one")
    }
    return plan
  }
}

extension Convolution {
  /// The gradients of the adjoint with respect to its source, its weight and, where there is a third
  /// `needed`, its bias.
  fileprivate func transposedGradients(
    _ upstream: Tensor, source: Tensor, weight: Tensor, needed: [Bool]
  ) throws(ComputeError) -> [Tensor?] {
    PackedWeights.share(weight.buffer, at: weight.pointer)
    return try withExtendedLifetime((upstream, source, weight)) { () throws(ComputeError) in
      var gradients = [Tensor?](repeating: nil, count: needed.count)
      if needed[0] {
        gradients[0] = try .written(source.shape) { (target) throws(ComputeError) in
          try forward(
            source: upstream.pointer, weight: weight.pointer, bias: nil, into: target)
        }
      }
      if needed[1] {
        gradients[1] = try .written(weight.shape) { (target) throws(ComputeError) in
          try backwardWeight(
            source: upstream.pointer, gradient: source.pointer, into: target, bias: nil)
        }
      }
      if needed.count == 3, needed[2] {
        gradients[2] = upstream.summedMiddle(
          outer: 1, reduced: upstream.count / channels, inner: channels, shape: [channels])
      }
      return gradients
    }
  }
}
