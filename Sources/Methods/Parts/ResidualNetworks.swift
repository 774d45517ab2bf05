import Layers
import Tensors

/// The convolutional networks around a map of vectors: an encoder to a quarter of an image's sides, and a
/// decoder back, in the layout of the released code of VQ-VAE (van den Oord et al., 2017).
struct ResidualNetworks {
  /// The channels of an image.
  let channels: Int
  /// The channels between the convolutions; half of them at half the sides.
  let hidden: Int
  /// The channels within a residual block.
  let residual: Int
  /// The residual blocks of each network.
  let blocks: Int
  /// The number of values of a vector, D.
  let dimension: Int

  /// `[N, H, W, C]` to `[N, H/4, W/4, D]`: two convolutions that halve the sides, one that does not,
  /// residual blocks, and 1×1 to the size of a vector.
  func encoder(_ generator: inout Generator) -> Sequential {
    let halving = [(channels, hidden / 2), (hidden / 2, hidden)].map { inputs, outputs in
      Convolution(
        inputs: inputs, outputs: outputs, window: 4, stride: 2, bias: true, generator: &generator)
    }
    let level = Convolution(
      inputs: hidden, outputs: hidden, window: 3, bias: true, generator: &generator)
    let blocks = residuals(&generator)
    let last = Convolution(
      inputs: hidden, outputs: dimension, window: 1, bias: true, generator: &generator)
    return Sequential(
      [halving[0], Rectifier(), halving[1], Rectifier(), level] + blocks + [Rectifier(), last])
  }

  /// `[N, h, w, D]` to `[N, 4h, 4w, C]`: the mirror image of the encoder.
  func decoder(_ generator: inout Generator) -> Sequential {
    let first = Convolution(
      inputs: dimension, outputs: hidden, window: 3, bias: true, generator: &generator)
    let blocks = residuals(&generator)
    let doubling = [(hidden, hidden / 2), (hidden / 2, channels)].map { inputs, outputs in
      TransposedConvolution(
        inputs: inputs, outputs: outputs, window: 4, stride: 2, padding: 1, bias: true,
        generator: &generator)
    }
    return Sequential(
      [first] + blocks + [Rectifier(), doubling[0], Rectifier(), doubling[1]])
  }

  /// Residual blocks, each with weights of its own.
  private func residuals(_ generator: inout Generator) -> [any Layer] {
    (0..<blocks).map { _ in
      Residual(channels: hidden, inner: residual, generator: &generator)
    }
  }
}
