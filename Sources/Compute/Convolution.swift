import COneDNN

/// A two-dimensional convolution (cross-correlation) of one shape, in `[N, H, W, C]`, through oneDNN.
///
/// Weights are `[O, C / groups, kH, kW]`. Activations are read and written where they are; only the
/// weights are brought into the layout that the processor prefers.
public struct Convolution: Hashable, Sendable {
  /// The number of images.
  public let batch: Int
  /// The height of a source image.
  public let height: Int
  /// The width of a source image.
  public let width: Int
  /// The channels of the source.
  public let channels: Int
  /// The channels of the destination.
  public let outputs: Int
  /// The height of the window.
  public let windowHeight: Int
  /// The width of the window.
  public let windowWidth: Int
  /// The step of the window in both directions.
  public let stride: Int
  /// The rows and columns of zeros around a source image.
  public let padding: Int
  /// The distance between neighbouring taps of the window.
  public let dilation: Int
  /// The number of groups into which channels and outputs are cut.
  public let groups: Int
  /// The format of both factors of every product; everything around is in single precision.
  public let factors: FactorFormat
  /// The height of a destination image.
  public let outputHeight: Int
  /// The width of a destination image.
  public let outputWidth: Int

  /// Takes the sizes; `nil` when they make no convolution.
  public init?(
    batch: Int, height: Int, width: Int, channels: Int, outputs: Int, windowHeight: Int,
    windowWidth: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1, groups: Int = 1,
    factors: FactorFormat = .float32
  ) {
    let sizes = [
      batch, height, width, channels, outputs, windowHeight, windowWidth, stride, dilation, groups,
    ]
    guard sizes.allSatisfy({ $0 > 0 }), padding >= 0, channels % groups == 0, outputs % groups == 0
    else { return nil }
    let (reachHeight, reachWidth) = (
      dilation * (windowHeight - 1) + 1, dilation * (windowWidth - 1) + 1
    )
    guard height + 2 * padding >= reachHeight, width + 2 * padding >= reachWidth else { return nil }
    (self.batch, self.height, self.width, self.channels) = (batch, height, width, channels)
    (self.outputs, self.windowHeight, self.windowWidth) = (outputs, windowHeight, windowWidth)
    (self.stride, self.padding, self.dilation, self.groups) = (stride, padding, dilation, groups)
    self.factors = factors
    outputHeight = (height + 2 * padding - reachHeight) / stride + 1
    outputWidth = (width + 2 * padding - reachWidth) / stride + 1
  }

  /// The same convolution of another number of images.
  func of(batch: Int) -> Convolution {
    Convolution(
      batch: batch, height: height, width: width, channels: channels, outputs: outputs,
      windowHeight: windowHeight, windowWidth: windowWidth, stride: stride, padding: padding,
      dilation: dilation, groups: groups, factors: factors) ?? self
  }

  /// Multiplications and additions of a forward run.
  public var multiplyAdds: Int {
    batch * outputHeight * outputWidth * outputs * (channels / groups) * windowHeight * windowWidth
  }

  private struct Key: Hashable {
    let shape: Convolution
    let hasBias: Bool
  }

  private static let forwardKernels = KernelCache<Key>()
  private static let sourceKernels = KernelCache<Key>()
  private static let weightKernels = KernelCache<Key>()

  private func description(bias: Bool) -> orbit_convolution_shape {
    orbit_convolution_shape(
      batch: Int64(batch), height: Int64(height), width: Int64(width), channels: Int64(channels),
      outputs: Int64(outputs), output_height: Int64(outputHeight),
      output_width: Int64(outputWidth), window_height: Int64(windowHeight),
      window_width: Int64(windowWidth), stride: Int64(stride), padding: Int64(padding),
      dilation: Int64(dilation), groups: Int64(groups), has_bias: bias ? 1 : 0,
      is_bfloat16: factors == .bfloat16 ? 1 : 0)
  }

  func forwardKernel(bias: Bool) throws(ComputeError) -> Kernel {
    try Self.forwardKernels.kernel(Key(shape: self, hasBias: bias)) { kernel in
      var shape = description(bias: bias)
      return orbit_convolution_forward_create(&shape, kernel)
    }
  }

  func sourceKernel() throws(ComputeError) -> Kernel {
    try Self.sourceKernels.kernel(Key(shape: self, hasBias: false)) { kernel in
      var shape = description(bias: false)
      return orbit_convolution_backward_source_create(&shape, kernel)
    }
  }

  func weightKernel(bias: Bool) throws(ComputeError) -> Kernel {
    try Self.weightKernels.kernel(Key(shape: self, hasBias: bias)) { kernel in
      var shape = description(bias: bias)
      return orbit_convolution_backward_weight_create(&shape, kernel)
    }
  }

  private var lanes: Lanes { Lanes(batch: batch, branches: 1) }
  private var sourceCount: Int { height * width * channels }
  private var outputCount: Int { outputHeight * outputWidth * outputs }
  private var chunkValues: Int { max(sourceCount, outputCount) }

  /// Calls `body` for chunks of images on several threads, with scratch memory.
  private func eachChunk(
    _ lanes: Lanes, scratch count: Int,
    _ body: (_ lane: Int, _ images: Range<Int>, _ scratch: UnsafeMutablePointer<Float>)
      throws(ComputeError) -> Void
  ) throws(ComputeError) {
    let scratch = Lanes.scratch(count)
    try lanes.run { (lane, worker) throws(ComputeError) in
      for images in lanes.chunks(of: lanes.lanes[lane], valuesPerImage: chunkValues) {
        try body(lane, images, scratch[worker].pointer)
      }
    }
  }

  /// Writes the convolution of `source` to `destination`.
  public func forward(
    source: UnsafePointer<Float>, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    into destination: UnsafeMutablePointer<Float>
  ) throws(ComputeError) {
    let lanes = lanes
    let forward = try LaneConvolution(
      self, sizes: lanes.chunkSizes(valuesPerImage: chunkValues), hasBias: bias != nil
    ).forward(weight: weight, bias: bias)
    try eachChunk(lanes, scratch: forward.scratchCount) {
      (_, images, scratch) throws(ComputeError) in
      try forward(
        images.count, source + images.lowerBound * sourceCount,
        into: destination + images.lowerBound * outputCount, scratch: scratch)
    }
  }

  /// Writes the gradient with respect to the source, given the one with respect to the destination.
  public func backwardSource(
    gradient: UnsafePointer<Float>, weight: UnsafePointer<Float>,
    into sourceGradient: UnsafeMutablePointer<Float>
  ) throws(ComputeError) {
    let lanes = lanes
    let backward = try LaneConvolution(
      self, sizes: lanes.chunkSizes(valuesPerImage: chunkValues)
    ).backwardSource(weight: weight)
    try eachChunk(lanes, scratch: backward.scratchCount) {
      (_, images, scratch) throws(ComputeError) in
      try backward(
        images.count, gradient: gradient + images.lowerBound * outputCount,
        into: sourceGradient + images.lowerBound * sourceCount, scratch: scratch)
    }
  }

  /// Writes the gradients with respect to the weights and, where asked for, the bias.
  public func backwardWeight(
    source: UnsafePointer<Float>, gradient: UnsafePointer<Float>,
    into weightGradient: UnsafeMutablePointer<Float>,
    bias biasGradient: UnsafeMutablePointer<Float>?
  ) throws(ComputeError) {
    let lanes = lanes
    let backward = try LaneConvolution(
      self, sizes: lanes.chunkSizes(valuesPerImage: chunkValues)
    ).backwardWeight(lanes: lanes.count)
    try eachChunk(lanes, scratch: backward.scratchCount) {
      (lane, images, scratch) throws(ComputeError) in
      try backward(
        images.count, lane: lane, source: source + images.lowerBound * sourceCount,
        gradient: gradient + images.lowerBound * outputCount, scratch: scratch)
    }
    try backward.finish(into: weightGradient)
    if let biasGradient {
      Reduction.sumMiddle(
        gradient, outer: 1, reduced: batch * outputHeight * outputWidth, inner: outputs,
        into: biasGradient)
    }
  }

  /// oneDNN's names for the code of the forward run and of both backward runs.
  public func implementations() throws(ComputeError) -> [String] {
    try [
      forwardKernel(bias: false).implementation, sourceKernel().implementation,
      weightKernel(bias: false).implementation,
    ]
  }
}
