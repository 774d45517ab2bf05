public import Tensors

/// The largest value of each window; the border is padded with −∞.
public struct MaximumPooling: Layer {
  /// The side of a window, in pixels.
  public let window: Int
  /// The step between windows, in pixels.
  public let stride: Int
  /// The padding of each side, in pixels.
  public let padding: Int

  /// Declares the windows.
  public init(window: Int, stride: Int, padding: Int = 0) {
    (self.window, self.stride, self.padding) = (window, stride, padding)
  }

  /// `maximum 3×3, stride 2`.
  public var title: String { "maximum \(window)×\(window), stride \(stride)" }

  /// Pools `[N, H, W, C]`.
  public func callAsFunction(_ input: Tensor, in pass: Pass) throws(TensorError) -> Tensor {
    try input.maximumPooled(window: window, stride: stride, padding: padding)
  }

  /// `[H', W', C]`.
  public func outputShape(for input: [Int]) throws(TensorError) -> [Int] {
    try pooledShape(
      input, window: window, stride: stride, padding: padding, operation: "maximum pooling")
  }
}

/// The mean of each window; padded zeros count, as in PyTorch's default and in the released NIN.
public struct AveragePooling: Layer {
  /// The side of a window, in pixels.
  public let window: Int
  /// The step between windows, in pixels.
  public let stride: Int
  /// The padding of each side, in pixels.
  public let padding: Int

  /// Declares the windows.
  public init(window: Int, stride: Int, padding: Int = 0) {
    (self.window, self.stride, self.padding) = (window, stride, padding)
  }

  /// `average 3×3, stride 2`.
  public var title: String { "average \(window)×\(window), stride \(stride)" }

  /// Pools `[N, H, W, C]`.
  public func callAsFunction(_ input: Tensor, in pass: Pass) throws(TensorError) -> Tensor {
    try input.averagePooled(
      window: window, stride: stride, padding: padding, countingPadding: true)
  }

  /// `[H', W', C]`.
  public func outputShape(for input: [Int]) throws(TensorError) -> [Int] {
    try pooledShape(
      input, window: window, stride: stride, padding: padding, operation: "average pooling")
  }
}

/// The mean over all pixels: `[N, H, W, C]` to `[N, C]`.
public struct GlobalAverage: Layer {
  /// Makes the layer; it has no parameters.
  public init() {}

  /// `global average`.
  public var title: String { "global average" }

  /// Averages over height and width.
  public func callAsFunction(_ input: Tensor, in pass: Pass) throws(TensorError) -> Tensor {
    try input.globallyAveraged()
  }

  /// `[C]`.
  public func outputShape(for input: [Int]) throws(TensorError) -> [Int] {
    guard input.count == 3 else {
      throw .shape(
        operation: "global average", shapes: [input],
        fix: "it takes images [height, width, channels]"
      )
    }
    return [input[2]]
  }
}
