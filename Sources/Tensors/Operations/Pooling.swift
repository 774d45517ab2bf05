import Compute

extension Tensor {
  /// The greatest value of each window and channel.
  ///
  /// Shapes: `[N, H, W, C]` gives `[N, H', W', C]` with
  /// `H' = (H + 2 · padding − window) / stride + 1`, rounded down. Padding never wins, and
  /// neither does what is not a number.
  ///
  /// - Throws: `TensorError.shape` when the window does not fit or the batch is empty;
  ///   `TensorError.argument` for a window, stride or padding out of range.
  public func maximumPooled(
    window: Int, stride: Int, padding: Int = 0
  ) throws(TensorError) -> Tensor {
    try pooled(.maximum, window, stride, padding, operation: "maximumPooled")
  }

  /// The mean of each window and channel.
  ///
  /// Shapes: `[N, H, W, C]` gives `[N, H', W', C]` with
  /// `H' = (H + 2 · padding − window) / stride + 1`, rounded down. Padding is zero; it counts in the
  /// divisor unless `countingPadding` is false.
  ///
  /// - Throws: `TensorError.shape` when the window does not fit or the batch is empty;
  ///   `TensorError.argument` for a window, stride or padding out of range.
  public func averagePooled(
    window: Int, stride: Int, padding: Int = 0, countingPadding: Bool = true
  ) throws(TensorError) -> Tensor {
    try pooled(
      countingPadding ? .average : .averageInside, window, stride, padding,
      operation: "averagePooled")
  }

  private func pooled(
    _ kind: Pooling.Kind, _ window: Int, _ stride: Int, _ padding: Int, operation: String
  ) throws(TensorError) -> Tensor {
    try checkImages(operation)
    try TensorError.check(
      ["window": window, "stride": stride], atLeast: 1, operation: operation)
    guard (0..<window).contains(padding) else {
      throw .argument(
        operation: operation, name: "padding", value: "\(padding)",
        fix: "it must be from 0 to \(window - 1), so that every window meets the image")
    }
    guard
      let plan = Pooling(
        kind, batch: shape[0], height: shape[1], width: shape[2], channels: shape[3],
        window: window, stride: stride, padding: padding, training: isTracked)
    else {
      throw .shape(
        operation: operation, shapes: [shape],
        fix: "a window of \(window) is larger than the padded image")
    }
    let shapes = [shape]
    let workspaceCount = try computing(operation, shapes) { () throws(ComputeError) in
      try plan.workspaceCount()
    }
    let workspace = workspaceCount > 0 ? Buffer(count: workspaceCount) : nil
    let output = try computing(operation, shapes) { () throws(ComputeError) in
      try withExtendedLifetime(self) { () throws(ComputeError) in
        try Tensor.written([plan.batch, plan.outputHeight, plan.outputWidth, plan.channels]) {
          (target) throws(ComputeError) in
          try plan.forward(source: pointer, into: target, workspace: workspace?.pointer)
        }
      }
    }
    let source = shape
    return try Tape.record(operation, [self], output: output) {
      (upstream, _) throws(TensorError) in
      try computing("gradient of \(operation)", shapes) { () throws(ComputeError) in
        try withExtendedLifetime((upstream, workspace)) { () throws(ComputeError) in
          [
            try Tensor.written(source) { (target) throws(ComputeError) in
              try plan.backward(
                gradient: upstream.pointer, workspace: workspace.map { UnsafePointer($0.pointer) },
                into: target)
            }
          ]
        }
      }
    }
  }

  /// The mean over all positions: `[N, H, W, C]` gives `[N, C]`.
  ///
  /// - Throws: `TensorError.shape` when the input is not of rank 4 or empty.
  public func globallyAveraged() throws(TensorError) -> Tensor {
    try checkImages("globallyAveraged")
    let (source, images, positions, channels) = (shape, shape[0], shape[1] * shape[2], shape[3])
    let factor = 1 / Float(positions)
    let output = summedMiddle(
      outer: images, reduced: positions, inner: channels, factor: factor,
      shape: [images, channels])
    return try Tape.record("globallyAveraged", [self], output: output) {
      (upstream, _) throws(TensorError) in
      [
        withExtendedLifetime(upstream) {
          Tensor.written(source) { target in
            Reduction.repeatMiddle(
              upstream.pointer, outer: images, repeated: positions, inner: channels,
              factor: factor, into: target)
          }
        }
      ]
    }
  }
}
