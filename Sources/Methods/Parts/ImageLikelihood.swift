import Tensors

/// The distribution of the pixels of an image, independent of each other, given what a decoder says.
///
/// The mean of a pixel is the logistic function of the decoder's output under each of them.
public enum ImageLikelihood: Sendable, Hashable {
  /// Bernoulli for one channel, discretised logistic for colour.
  case automatic
  /// Bernoulli variables whose probability is the mean; for grey images with values in 0...1.
  case bernoulli
  /// Normal variables with one known standard deviation, in units of the range 0...1.
  case gaussian(deviation: Float)
  /// Logistic variables cut into 256 bins, whose scale the decoder says, too (Salimans et al., 2017).
  case discretisedLogistic

  /// The distribution for images with this many channels.
  ///
  /// - Throws: `TensorError.argument` for a deviation that is not positive.
  func resolved(channels: Int) throws(TensorError) -> ImageLikelihood {
    switch self {
    case .automatic: return channels == 1 ? .bernoulli : .discretisedLogistic
    case .gaussian(let deviation):
      guard deviation > 0, deviation.isFinite else {
        throw .argument(
          operation: "likelihood", name: "gaussian", value: "\(deviation)",
          fix: "a standard deviation is positive: write .gaussian(0.1)")
      }
      return self
    case .bernoulli, .discretisedLogistic: return self
    }
  }

  /// The number of values that a decoder says of a pixel.
  func outputs(channels: Int) -> Int { self == .discretisedLogistic ? 2 * channels : channels }

  /// −log p of each image, `[N]`, from a decoder's outputs `[N, H, W, outputs]` and images `[N, H, W, C]`
  /// with values in 0...1; in nats.
  func negativeLogLikelihood(
    of images: Tensor, given outputs: Tensor
  ) throws(TensorError) -> Tensor {
    let channels = images.shape[3]
    switch self {
    case .automatic, .bernoulli: return try outputs.bernoulliNegativeLogLikelihood(of: images)
    case .gaussian(let deviation):
      return try outputs.sigmoid().gaussianNegativeLogLikelihood(of: images, deviation: deviation)
    case .discretisedLogistic:
      // e⁻² of the range is a scale to begin with; beyond the bounds a bin holds all, or nothing.
      let logScale = try (outputs.sliced(axis: 3, range: channels..<2 * channels) - 2)
        .clamped(to: -7...2)
      return try mean(outputs, channels: channels)
        .discretisedLogisticNegativeLogLikelihood(of: images, logScale: logScale)
    }
  }

  /// The mean of each pixel, `[N, H, W, C]` with values in 0...1.
  func mean(_ outputs: Tensor, channels: Int) throws(TensorError) -> Tensor {
    guard self == .discretisedLogistic else { return try outputs.sigmoid() }
    return try outputs.sliced(axis: 3, range: 0..<channels).sigmoid()
  }
}
