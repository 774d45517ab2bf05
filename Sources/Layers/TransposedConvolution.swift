public import Tensors

/// A two-dimensional transposed convolution of images `[N, H, W, I]` to `[N, H', W', O]`.
///
/// The weight is `[I, O, k, k]` as in PyTorch's `ConvTranspose2d`;
/// H' = (H − 1) · stride − 2 padding + k + output padding.
public struct TransposedConvolution: Layer {
  /// The filters, `[I, O, k, k]`.
  public let weight: Parameter
  /// One value for each output channel, or none (a normalisation that follows has its own).
  public let bias: Parameter?
  /// The distance between the windows that neighbouring pixels write, in pixels.
  public let stride: Int
  /// What is taken away on each side, in pixels.
  public let padding: Int
  /// What is added below and to the right, in pixels.
  public let outputPadding: Int

  /// Draws the filters from Normal(0, √(2 / (k² O))), as `Convolution` does.
  public init(
    inputs: Int, outputs: Int, window: Int, stride: Int = 1, padding: Int? = nil,
    outputPadding: Int = 0, bias: Bool = false, generator: inout Generator
  ) {
    let deviation = (2 / Float(window * window * outputs)).squareRoot()
    weight = Parameter(
      .normal([inputs, outputs, window, window], deviation: deviation, using: &generator))
    self.bias = bias ? Parameter(.zeros([outputs]), decays: false) : nil
    self.stride = stride
    self.padding = padding ?? (window - 1) / 2
    self.outputPadding = outputPadding
  }

  /// `transposed convolution 4×4, 64→32, stride 2`.
  public var title: String {
    let shape = weight.shape
    let step = stride > 1 ? ", stride \(stride)" : ""
    return "transposed convolution \(shape[2])×\(shape[3]), \(shape[0])→\(shape[1])\(step)"
  }

  /// Applies the filters to `[N, H, W, I]`.
  public func callAsFunction(_ input: Tensor, in pass: Pass) throws(TensorError) -> Tensor {
    try input.transposedConvolution(
      weight: pass(weight), bias: bias.map { pass($0) }, stride: stride, padding: padding,
      outputPadding: outputPadding, precision: pass.precision)
  }

  /// `[H', W', O]`.
  public func outputShape(for input: [Int]) throws(TensorError) -> [Int] {
    let shape = weight.shape
    guard input.count == 3, input[2] == shape[0] else {
      throw .shape(
        operation: "transposed convolution", shapes: [input, shape],
        fix: "this layer takes images [height, width, \(shape[0])]")
    }
    let sides = (0..<2).map {
      (input[$0] - 1) * stride - 2 * padding + shape[2 + $0] + outputPadding
    }
    guard input[0] > 0, input[1] > 0, sides.allSatisfy({ $0 > 0 }) else {
      throw .shape(
        operation: "transposed convolution", shapes: [input, shape],
        fix: "a padding of \(padding) leaves nothing of so small an image")
    }
    return sides + [shape[1]]
  }

  /// k² I O for each input pixel.
  public func multiplyAdds(for input: [Int]) throws(TensorError) -> Int {
    _ = try outputShape(for: input)
    return input[0] * input[1] * weight.shape.product
  }
}
