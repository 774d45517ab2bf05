import Compute

extension Tensor {
  /// A two-dimensional convolution (cross-correlation, as everywhere in the field).
  ///
  /// Shapes: `[N, H, W, C]` with `weight` `[O, C / groups, kH, kW]` and `bias` `[O]` gives
  /// `[N, H', W', O]` with `H' = (H + 2 · padding − dilation · (kH − 1) − 1) / stride + 1`, rounded
  /// down.
  ///
  /// - Throws: `TensorError.shape` when the shapes do not fit or the batch is empty;
  ///   `TensorError.argument` for a stride, padding, dilation or number of groups out of range, or a
  ///   precision that the processor does not have.
  public func convolution(
    weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
    groups: Int = 1, precision: Precision = .float32
  ) throws(TensorError) -> Tensor {
    let plan = try Tensor.planConvolution(
      of: shape, weight: weight, bias: bias, stride: stride, padding: padding, dilation: dilation,
      groups: groups, precision: precision)
    let shapes = [shape, weight.shape]
    PackedWeights.share(weight.buffer, at: weight.pointer)
    let output = try computing("convolution", shapes) { () throws(ComputeError) in
      try withExtendedLifetime((self, weight, bias)) { () throws(ComputeError) in
        try Tensor.written([plan.batch, plan.outputHeight, plan.outputWidth, plan.outputs]) {
          (target) throws(ComputeError) in
          try plan.forward(
            source: pointer, weight: weight.pointer, bias: bias?.pointer, into: target)
        }
      }
    }
    let (x, w) = (detached, weight.detached)
    let parts = [self, weight] + (bias.map { [$0] } ?? [])
    return try Tape.record("convolution", parts, output: output) {
      (upstream, needed) throws(TensorError) in
      try computing("gradient of convolution", shapes) { () throws(ComputeError) in
        try plan.gradients(upstream, source: x, weight: w, needed: needed)
      }
    }
  }

  /// The convolution of images of a shape, checked.
  static func planConvolution(
    of shape: [Int], weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0,
    dilation: Int = 1, groups: Int = 1, precision: Precision = .float32
  ) throws(TensorError) -> Convolution {
    let operation = "convolution"
    try precision.check(for: operation)
    func refusal(_ fix: String) -> TensorError {
      .shape(operation: operation, shapes: [shape, weight.shape], fix: fix)
    }
    try TensorError.check(
      ["stride": stride, "dilation": dilation, "groups": groups], atLeast: 1, operation: operation)
    try TensorError.check(["padding": padding], atLeast: 0, operation: operation)
    guard shape.count == 4, weight.rank == 4 else {
      throw refusal("images are [N, H, W, C] and weights [O, C / groups, kH, kW]")
    }
    guard shape.product > 0 else { throw refusal("the batch is empty; give at least one image") }
    guard weight.count > 0 else { throw refusal("the weight is empty") }
    let (channels, outputs) = (shape[3], weight.shape[0])
    guard channels == weight.shape[1] * groups else {
      throw refusal(
        "the weight takes \(weight.shape[1] * groups) channels and the images have \(channels)")
    }
    guard outputs % groups == 0 else {
      throw refusal("\(outputs) outputs cannot be cut into \(groups) groups")
    }
    try checkBias(bias, outputs: outputs, weight: weight, operation: operation)
    guard
      let plan = Convolution(
        batch: shape[0], height: shape[1], width: shape[2], channels: channels, outputs: outputs,
        windowHeight: weight.shape[2], windowWidth: weight.shape[3], stride: stride,
        padding: padding, dilation: dilation, groups: groups, factors: precision.factors)
    else {
      throw refusal(
        "the window reaches beyond the padded image; use a smaller window or dilation, or padding")
    }
    return plan
  }
}

extension Convolution {
  /// The gradients with respect to source, weight and, where there is a third `needed`, bias.
  fileprivate func gradients(
    _ upstream: Tensor, source: Tensor, weight: Tensor, needed: [Bool]
  ) throws(ComputeError) -> [Tensor?] {
    PackedWeights.share(weight.buffer, at: weight.pointer)
    return try withExtendedLifetime((upstream, source, weight)) { () throws(ComputeError) in
      var gradients = [Tensor?](repeating: nil, count: needed.count)
      let needsBias = needed.count == 3 && needed[2]
      if needed[0] {
        gradients[0] = try .written(source.shape) { (target) throws(ComputeError) in
          try backwardSource(gradient: upstream.pointer, weight: weight.pointer, into: target)
        }
      }
      if needed[1] {
        let biasGradient = needsBias ? Buffer(count: outputs) : nil
        gradients[1] = try .written(weight.shape) { (target) throws(ComputeError) in
          try backwardWeight(
            source: source.pointer, gradient: upstream.pointer, into: target,
            bias: biasGradient?.pointer)
        }
        if let biasGradient {
          gradients[2] = Tensor(shape: [outputs], buffer: biasGradient, offset: 0)
        }
      } else if needsBias {
        gradients[2] = upstream.summedMiddle(
          outer: 1, reduced: upstream.count / outputs, inner: outputs, shape: [outputs])
      }
      return gradients
    }
  }
}
