public import Tensors

/// A method that says how sure it is of the transformation that lies between two views.
public protocol UncertainTransformations: DecodingTransformations {
  /// Draws a transformation for each image `[N, H, W, C]`, applies it, and tells which distribution the
  /// model gives to it.
  func predictDistributions(
    of images: Tensor, using generator: Generator
  ) throws(TensorError) -> TransformationDistributions
}

extension UncertainTransformations {
  /// The means of the distributions.
  public func predictTransformations(
    of images: Tensor, using generator: Generator
  ) throws(TensorError) -> TransformationPredictions {
    try predictDistributions(of: images, using: generator).predictions
  }
}

/// The normal distributions that a model gives to transformations, beside the true ones.
///
/// Coordinates are the family's whitened ones, in which the transformations that are drawn have mean 0 and
/// standard deviation 1.
public struct TransformationDistributions: Sendable {
  /// The images, what was done to them, and the means as transformations.
  public let predictions: TransformationPredictions
  /// The predicted standard deviations, `[N, targets]`.
  public let deviations: Tensor

  /// What was done, `[N, targets]`.
  public var truths: Tensor { predictions.targets }
  /// The predicted means, `[N, targets]`.
  public var means: Tensor { predictions.predictedTargets }
}
