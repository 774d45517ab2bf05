public import Tensors

/// The unit of a NIN: convolution without bias, batch normalisation, ReLU.
public struct ConvolutionUnit: Layer {
  /// The convolution, stride 1, padded so that the size stays.
  public let convolution: Convolution
  /// The normalisation and the ReLU.
  public let normalisation: BatchNormalisation

  /// Makes a unit with square windows of odd side `window`; `momentum` is the normalisation's.
  public init(
    inputs: Int, outputs: Int, window: Int, momentum: Float = 0.1, generator: inout Generator
  ) {
    convolution = Convolution(
      inputs: inputs, outputs: outputs, window: window, generator: &generator)
    normalisation = BatchNormalisation(channels: outputs, momentum: momentum)
  }

  /// The convolution's title with what follows it.
  public var title: String { "\(convolution.title), normalised, ReLU" }

  /// In training its normalisation does.
  public func couplesImages(in mode: Pass.Mode) -> Bool {
    normalisation.couplesImages(in: mode)
  }

  /// Applies the unit to `[N, H, W, I]`.
  public func callAsFunction(_ input: Tensor, in pass: Pass) throws(TensorError) -> Tensor {
    let filtered = try within("convolution") { () throws(TensorError) in
      try convolution(input, in: pass)
    }
    return try within("normalisation") { () throws(TensorError) in
      try normalisation(filtered, in: pass)
    }
  }

  /// `[H, W, O]`.
  public func outputShape(for input: [Int]) throws(TensorError) -> [Int] {
    try normalisation.outputShape(for: convolution.outputShape(for: input))
  }

  /// The convolution's.
  public func multiplyAdds(for input: [Int]) throws(TensorError) -> Int {
    try convolution.multiplyAdds(for: input)
  }
}
