public import Layers
public import Tensors

/// Two 4×4 convolutions that halve the sides, to 32 and 64 channels, and a linear layer: images
/// `[N, H, W, C]` to features `[N, 128]`, all three rectified.
public struct ConvolutionTrunk: Module {
  /// The convolutions with their rectifiers.
  public let convolutions: Sequential
  /// The linear layer behind them.
  public let linear: Linear
  /// The shape of what the convolutions make of one image: `[H/4, W/4, 64]`.
  let mapShape: [Int]

  /// The number of features.
  static let features = 128

  /// The parts that hold parameters.
  public var parts: [(name: String, part: Any)] {
    [("convolutions", convolutions), ("linear", linear)]
  }

  /// Makes the trunk for images `[H, W, C]`.
  ///
  /// - Throws: `TensorError.shape` when a side is no multiple of 4, since a decoder that doubles the sides
  ///   twice could not give such images back.
  public init(
    shape: [Int], for operation: String, generator: inout Generator
  ) throws(TensorError) {
    guard shape.count == 3, shape[2] > 0, shape[0] >= 4, shape[1] >= 4,
      shape[0] % 4 == 0, shape[1] % 4 == 0
    else {
      throw .shape(
        operation: operation, shapes: [shape],
        fix: "its convolutions halve the sides twice: take images whose height and width are "
          + "multiples of 4, such as 28×28 or 32×32")
    }
    mapShape = [shape[0] / 4, shape[1] / 4, 64]
    convolutions = Sequential([
      Convolution(
        inputs: shape[2], outputs: 32, window: 4, stride: 2, bias: true, generator: &generator),
      Rectifier(),
      Convolution(
        inputs: 32, outputs: 64, window: 4, stride: 2, bias: true, generator: &generator),
      Rectifier(),
    ])
    linear = Linear(inputs: mapShape.product, outputs: Self.features, generator: &generator)
    // By what comes in, since no normalisation makes up for the scale (He et al., 2015).
    for case let layer as Convolution in convolutions.layers {
      layer.weight.scale(
        by: (Float(layer.weight.shape[0]) / Float(layer.weight.shape[1])).squareRoot())
    }
    linear.weight.scale(by: Float(2).squareRoot())
  }

  /// What the convolutions make of `[N, H, W, C]`: maps `[N, H/4, W/4, 64]`.
  func maps(_ images: Tensor, in pass: Pass) throws(TensorError) -> Tensor {
    try within("convolutions") { () throws(TensorError) in try convolutions(images, in: pass) }
  }

  /// What the linear layer makes of maps laid out in rows `[N, H/4 · W/4 · 64]`: `[N, 128]`.
  func features(_ rows: Tensor, in pass: Pass) throws(TensorError) -> Tensor {
    try within("linear") { () throws(TensorError) in try linear(rows, in: pass).rectified() }
  }

  /// The features of `[N, H, W, C]`, `[N, 128]`; where a stream is given, with a share of the values dropped
  /// behind the convolutions, and behind the linear layer.
  func callAsFunction(
    _ images: Tensor, in pass: Pass, dropping rate: Float = 0, using stream: Generator? = nil
  ) throws(TensorError) -> Tensor {
    let rows = try maps(images, in: pass).reshaped([images.shape[0], mapShape.product])
    guard var stream, rate > 0 else { return try features(rows, in: pass) }
    return try features(rows.dropout(rate: rate, using: &stream), in: pass)
      .dropout(rate: rate, using: &stream)
  }

  /// The table of the layers for images `[H, W, C]`, with paths below `path`.
  func rows(path: String, input: [Int]) throws(TensorError) -> [LayerRow] {
    try convolutions.rows(path: "\(path).convolutions", input: input)
      + linear.rows(path: "\(path).linear", input: [mapShape.product])
  }
}

extension Parameter {
  /// Multiplies all values: another scale for the first weights.
  func scale(by factor: Float) {
    update { values in
      for i in values.indices { values[i] *= factor }
    }
  }
}
