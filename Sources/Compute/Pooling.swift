import COneDNN

/// Pooling of one shape over square windows, in `[N, H, W, C]`, through oneDNN.
public struct Pooling: Hashable, Sendable {
  /// What becomes of the values of a window.
  public enum Kind: Hashable, Sendable {
    /// The greatest of them; padding never wins.
    case maximum
    /// Their sum divided by the window's area, padding included.
    case average
    /// Their sum divided by the number of values inside the image.
    case averageInside
  }

  /// What becomes of the values of a window.
  public let kind: Kind
  /// The number of images.
  public let batch: Int
  /// The height of a source image.
  public let height: Int
  /// The width of a source image.
  public let width: Int
  /// The number of channels.
  public let channels: Int
  /// The side of the window.
  public let window: Int
  /// The step of the window in both directions.
  public let stride: Int
  /// The rows and columns around a source image.
  public let padding: Int
  /// Whether a backward run will follow.
  public let training: Bool
  /// The height of a destination image.
  public let outputHeight: Int
  /// The width of a destination image.
  public let outputWidth: Int

  /// Takes the sizes; `nil` when they make no pooling: every window must meet the image.
  public init?(
    _ kind: Kind, batch: Int, height: Int, width: Int, channels: Int, window: Int, stride: Int,
    padding: Int, training: Bool
  ) {
    guard [batch, height, width, channels, window, stride].allSatisfy({ $0 > 0 }),
      (0..<window).contains(padding), min(height, width) + 2 * padding >= window
    else { return nil }
    (self.kind, self.batch, self.height, self.width) = (kind, batch, height, width)
    (self.channels, self.window, self.stride) = (channels, window, stride)
    (self.padding, self.training) = (padding, training)
    outputHeight = (height + 2 * padding - window) / stride + 1
    outputWidth = (width + 2 * padding - window) / stride + 1
  }

  /// The same pooling of another number of images.
  func of(batch: Int) -> Pooling {
    Pooling(
      kind, batch: batch, height: height, width: width, channels: channels, window: window,
      stride: stride, padding: padding, training: training) ?? self
  }

  private static let forwardKernels = KernelCache<Pooling>()
  private static let backwardKernels = KernelCache<Pooling>()

  private var description: orbit_pooling_shape {
    let code =
      switch kind {
      case .maximum: orbit_pooling_maximum
      case .average: orbit_pooling_average
      case .averageInside: orbit_pooling_average_inside
      }
    return orbit_pooling_shape(
      batch: Int64(batch), height: Int64(height), width: Int64(width), channels: Int64(channels),
      output_height: Int64(outputHeight), output_width: Int64(outputWidth),
      window: Int64(window), stride: Int64(stride), padding: Int64(padding), kind: Int32(code),
      training: training ? 1 : 0)
  }

  func forwardKernel() throws(ComputeError) -> Kernel {
    try Self.forwardKernels.kernel(self) { kernel in
      var shape = description
      return orbit_pooling_forward_create(&shape, kernel)
    }
  }

  func backwardKernel() throws(ComputeError) -> Kernel {
    try Self.backwardKernels.kernel(self) { kernel in
      var shape = description
      return orbit_pooling_backward_create(&shape, kernel)
    }
  }

  private var lanes: Lanes { Lanes(batch: batch, branches: 1) }
  private var sourceCount: Int { height * width * channels }

  /// The number of `Float`s that a forward run leaves for the backward run.
  public func workspaceCount() throws(ComputeError) -> Int {
    try LanePooling(self, lanes: lanes, values: sourceCount)?.workspaceCount ?? 0
  }

  /// Pools `source` into `destination`.
  public func forward(
    source: UnsafePointer<Float>, into destination: UnsafeMutablePointer<Float>,
    workspace: UnsafeMutablePointer<Float>?
  ) throws(ComputeError) {
    try eachChunk { (pooling, images, scratch) throws(ComputeError) in
      try pooling.forward(
        images, source: source + images.lowerBound * sourceCount, into: destination,
        workspace: workspace, scratch: scratch)
    }
  }

  /// Writes the gradient with respect to the source.
  public func backward(
    gradient: UnsafePointer<Float>, workspace: UnsafePointer<Float>?,
    into sourceGradient: UnsafeMutablePointer<Float>
  ) throws(ComputeError) {
    try eachChunk { (pooling, images, scratch) throws(ComputeError) in
      try pooling.backward(
        images, gradient: gradient, workspace: workspace,
        into: sourceGradient + images.lowerBound * sourceCount, scratch: scratch)
    }
  }

  private func eachChunk(
    _ body: (LanePooling, Range<Int>, UnsafeMutablePointer<Float>) throws(ComputeError) -> Void
  ) throws(ComputeError) {
    let lanes = lanes
    guard let pooling = try LanePooling(self, lanes: lanes, values: sourceCount) else { return }
    let scratch = Lanes.scratch(pooling.scratchCount)
    try lanes.run { (lane, worker) throws(ComputeError) in
      for images in lanes.chunks(of: lanes.lanes[lane], valuesPerImage: sourceCount) {
        try body(pooling, images, scratch[worker].pointer)
      }
    }
  }
}
