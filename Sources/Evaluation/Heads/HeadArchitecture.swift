import Layers
import Tensors

/// The classifiers that are trained on a block's frozen maps: those of RotNet's, AET's and AVT's released code.
public enum HeadArchitecture: Sendable, Hashable {
  /// One to three fully connected layers on the flattened maps. One: batch normalisation without scale and
  /// shift, then linear. Two and three: hidden layers of 200 without bias, batch-normalised and rectified.
  case layers(Int)
  /// Three convolution units, 3×3, 1×1 and 1×1, of as many channels as the maps have, the global average, and
  /// a linear layer.
  case convolution

  /// The units of a hidden layer.
  public static let hidden = 200
  /// The least channels of a convolution unit: grey pixels alone would make it one channel wide.
  public static let leastChannels = 32

  /// What the head is called: `2 fully connected layers`.
  public var title: String {
    switch self {
    case .layers(1): "1 fully connected layer"
    case .layers(let count): "\(count) fully connected layers"
    case .convolution: "convolutional"
    }
  }

  /// The layers for maps of one shape, `[H, W, C]` or `[D]`, with fresh weights.
  ///
  /// - Throws: `TensorError.argument` for other than 1 to 3 fully connected layers, or a convolution of
  ///   features without places.
  func network(
    on shape: [Int], classes: Int, generator: inout Generator
  ) throws(TensorError) -> Sequential {
    func unit(_ window: Int, _ inputs: Int, _ outputs: Int) -> ConvolutionUnit {
      ConvolutionUnit(inputs: inputs, outputs: outputs, window: window, generator: &generator)
    }
    func hidden(_ inputs: Int) -> [any Layer] {
      [
        UnbiasedLinear(inputs: inputs, outputs: Self.hidden, generator: &generator),
        BatchNormalisation(channels: Self.hidden),
      ]
    }
    switch self {
    case .layers(1):
      return Sequential([
        PlainNormalisation(channels: shape.last ?? 1), Flattening(),
        Linear(inputs: shape.product, outputs: classes, generator: &generator),
      ])
    case .layers(let count) where count == 2 || count == 3:
      // The draws come in the order of the layers.
      let first = hidden(shape.product)
      let more = count == 3 ? hidden(Self.hidden) : []
      return Sequential(
        [Flattening()] + first + more
          + [Linear(inputs: Self.hidden, outputs: classes, generator: &generator)])
    case .layers(let count):
      throw .argument(
        operation: "head", name: "layers", value: "\(count)", fix: "take 1, 2 or 3")
    case .convolution:
      guard shape.count == 3 else {
        throw .shape(
          operation: "convolutional head", shapes: [shape],
          fix: "the block gives features without places; take .linear or .layers(2)")
      }
      let width = max(Self.leastChannels, shape[2])
      return Sequential([
        unit(3, shape[2], width), unit(1, width, width), unit(1, width, width), GlobalAverage(),
        Linear(inputs: width, outputs: classes, generator: &generator),
      ])
    }
  }
}
