public import Layers
public import Tensors

/// Whitens images by the statistics of the training split: (x − mean) / deviation for each channel.
///
/// The statistics are buffers of the model, so that a checkpoint carries them.
public struct InputWhitening: Module {
  /// The mean of each channel, `[C]`.
  public let mean: Parameter
  /// The standard deviation of each channel, `[C]`.
  public let deviation: Parameter

  /// Takes the statistics of a data set's images.
  public init(_ format: ImageFormat) {
    mean = Parameter(
      Tensor(shape: [format.mean.count]) { _ = $0.update(fromContentsOf: format.mean) },
      isTrainable: false)
    // A channel that never varies is left at its scale.
    let deviation = format.deviation.map { $0 > 1e-6 ? $0 : 1 }
    self.deviation = Parameter(
      Tensor(shape: [deviation.count]) { _ = $0.update(fromContentsOf: deviation) },
      isTrainable: false)
  }

  /// Whitens `[N, H, W, C]`.
  public func callAsFunction(_ images: Tensor) throws(TensorError) -> Tensor {
    try (images - mean.value) / deviation.value
  }

  /// Undoes it: x · deviation + mean.
  public func undone(_ whitened: Tensor) throws(TensorError) -> Tensor {
    try whitened * deviation.value + mean.value
  }
}
