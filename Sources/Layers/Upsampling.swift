public import Tensors

/// Images enlarged by a whole factor, every pixel becoming a square: `[N, H, W, C]` to
/// `[N, factor · H, factor · W, C]`.
public struct Upsampling: Layer {
  /// Output pixels a side for each input pixel.
  public let factor: Int

  /// Declares the factor.
  public init(factor: Int) { self.factor = factor }

  /// `nearest upsampling by 2`.
  public var title: String { "nearest upsampling by \(factor)" }

  /// Enlarges `[N, H, W, C]`.
  public func callAsFunction(_ input: Tensor, in pass: Pass) throws(TensorError) -> Tensor {
    try input.upsampled(by: factor)
  }

  /// `[factor · H, factor · W, C]`.
  public func outputShape(for input: [Int]) throws(TensorError) -> [Int] {
    guard input.count == 3 else {
      throw .shape(
        operation: "upsampling", shapes: [input],
        fix: "it takes images [height, width, channels]")
    }
    return [factor * input[0], factor * input[1], input[2]]
  }
}
