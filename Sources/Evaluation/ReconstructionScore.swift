import Glibc
public import Tensors

/// How well images come back, with the protocol that it was measured by.
///
/// The error of an image is the mean squared difference of its values, which lie in 0...1.
public struct ReconstructionScore: Sendable, Equatable {
  /// The error of each image.
  public let errors: [Double]
  /// The variance of the data that errors are a share of.
  public let variance: Double
  /// All that the number depends on: model, images, the range of values.
  public let protocolText: String

  /// Records a measurement.
  public init(errors: [Double], variance: Double, protocolText: String) {
    self.errors = errors
    self.variance = variance
    self.protocolText = protocolText
  }

  /// The error of each of some images `[N, H, W, C]`.
  ///
  /// - Throws: `TensorError.shape` when the shapes differ.
  public static func errors(
    of reconstructed: Tensor, from originals: Tensor
  ) throws(TensorError) -> [Double] {
    guard reconstructed.shape == originals.shape, originals.rank > 0, originals.count > 0 else {
      throw .shape(
        operation: "reconstruction", shapes: [reconstructed.shape, originals.shape],
        fix: "give images and what came back of them, at least one")
    }
    let size = originals.count / originals.shape[0]
    return reconstructed.withUnsafeScalars { got in
      originals.withUnsafeScalars { want in
        (0..<originals.shape[0]).map { image in
          (image * size..<(image + 1) * size).reduce(0.0) { sum, place in
            let difference = Double(got[place]) - Double(want[place])
            return sum + difference * difference
          } / Double(size)
        }
      }
    }
  }

  /// The mean error.
  public var meanSquaredError: Double { errors.reduce(0, +) / Double(max(1, errors.count)) }

  /// The mean error as a share of the variance of the data: 1 is what the mean image would cost.
  public var share: Double { meanSquaredError / variance }

  /// `−10 log₁₀` of the mean error, in decibels: the ratio of the largest possible value to the noise.
  public var peakSignalToNoise: Double { -10 * log10(meanSquaredError) }

  /// The 95 % interval of the share for a random set of as many images: the mean ± 1.96 of its standard
  /// errors.
  public var interval: ClosedRange<Double> {
    let (count, mean) = (Double(errors.count), meanSquaredError)
    guard count > 1 else { return 0...Double.infinity }
    let squares = errors.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let half = 1.959964 * (squares / (count - 1) / count).squareRoot()
    return max(0, mean - half) / variance...(mean + half) / variance
  }
}
