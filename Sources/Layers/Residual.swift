public import Tensors

/// A residual layer of VQ-VAE: y = x + narrow(ReLU(wide(ReLU(x)))).
///
/// `wide` is 3×3 to `inner` channels, `narrow` is 1×1 back (van den Oord et al., 2017, section 4.1, in the
/// widths of the authors' released code). `[N, H, W, C]` stays so.
public struct Residual: Layer {
  /// The 3×3 convolution to the inner channels.
  public let wide: Convolution
  /// The 1×1 convolution back.
  public let narrow: Convolution

  /// Makes the layer for `channels` channels with `inner` inside.
  public init(channels: Int, inner: Int, generator: inout Generator) {
    wide = Convolution(
      inputs: channels, outputs: inner, window: 3, bias: true, generator: &generator)
    narrow = Convolution(
      inputs: inner, outputs: channels, window: 1, bias: true, generator: &generator)
  }

  /// `residual 3×3, 64→32→64`.
  public var title: String {
    "residual 3×3, \(narrow.weight.shape[0])→\(wide.weight.shape[0])→\(narrow.weight.shape[0])"
  }

  /// Applies the layer to `[N, H, W, C]`.
  public func callAsFunction(_ input: Tensor, in pass: Pass) throws(TensorError) -> Tensor {
    let inner = try within("wide") { () throws(TensorError) in
      try wide(input.rectified(), in: pass).rectified()
    }
    return try within("narrow") { () throws(TensorError) in
      try input + narrow(inner, in: pass)
    }
  }

  /// The shape of the input.
  public func outputShape(for input: [Int]) throws(TensorError) -> [Int] {
    try narrow.outputShape(for: wide.outputShape(for: input))
  }

  /// Those of both convolutions.
  public func multiplyAdds(for input: [Int]) throws(TensorError) -> Int {
    try wide.multiplyAdds(for: input) + narrow.multiplyAdds(for: wide.outputShape(for: input))
  }
}
