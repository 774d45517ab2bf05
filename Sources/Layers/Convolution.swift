public import Tensors

/// A two-dimensional convolution of images `[N, H, W, I]` to `[N, H', W', O]`.
///
/// The weight is `[O, I, k, k]` as in PyTorch; H' = ⌊(H + 2 padding − k) / stride⌋ + 1.
public struct Convolution: Layer {
  /// The filters, `[O, I, k, k]`.
  public let weight: Parameter
  /// One value for each output channel, or none (a normalisation that follows has its own).
  public let bias: Parameter?
  /// The step between windows, in pixels.
  public let stride: Int
  /// Zeros added on each side, in pixels.
  public let padding: Int

  /// Draws the filters from Normal(0, √(2 / (k² O))), as AET's released code does (2019).
  public init(
    inputs: Int, outputs: Int, window: Int, stride: Int = 1, padding: Int? = nil,
    bias: Bool = false, generator: inout Generator
  ) {
    let deviation = (2 / Float(window * window * outputs)).squareRoot()
    weight = Parameter(
      .normal([outputs, inputs, window, window], deviation: deviation, using: &generator))
    self.bias = bias ? Parameter(.zeros([outputs]), decays: false) : nil
    self.stride = stride
    self.padding = padding ?? (window - 1) / 2
  }

  /// `convolution 5×5, 1→32`.
  public var title: String {
    let shape = weight.shape
    let step = stride > 1 ? ", stride \(stride)" : ""
    return "convolution \(shape[2])×\(shape[3]), \(shape[1])→\(shape[0])\(step)"
  }

  /// Applies the filters to `[N, H, W, I]`.
  public func callAsFunction(_ input: Tensor, in pass: Pass) throws(TensorError) -> Tensor {
    try input.convolution(
      weight: pass(weight), bias: bias.map { pass($0) }, stride: stride, padding: padding,
      precision: pass.precision)
  }

  /// `[H', W', O]`.
  public func outputShape(for input: [Int]) throws(TensorError) -> [Int] {
    let shape = weight.shape
    guard input.count == 3, input[2] == shape[1] else {
      throw .shape(
        operation: "convolution", shapes: [input, shape],
        fix: "this layer takes images [height, width, \(shape[1])]")
    }
    return try pooledShape(
      input, window: shape[2], stride: stride, padding: padding, operation: "convolution",
      channels: shape[0])
  }

  /// k² I O for each output pixel.
  public func multiplyAdds(for input: [Int]) throws(TensorError) -> Int {
    let output = try outputShape(for: input)
    return output[0] * output[1] * weight.shape.product
  }
}

/// The shape that a sliding window leaves of `[H, W, C]`.
func pooledShape(
  _ input: [Int], window: Int, stride: Int, padding: Int, operation: String, channels: Int? = nil
) throws(TensorError) -> [Int] {
  guard input.count == 3, input[0] + 2 * padding >= window, input[1] + 2 * padding >= window else {
    throw .shape(
      operation: operation, shapes: [input, [window, window]],
      fix: "give images of at least \(max(1, window - 2 * padding)) pixels a side")
  }
  return [
    (input[0] + 2 * padding - window) / stride + 1, (input[1] + 2 * padding - window) / stride + 1,
    channels ?? input[2],
  ]
}
