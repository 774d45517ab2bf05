public import Imaging
public import Tensors

/// A method that can tell which transformation lies between two views.
public protocol DecodingTransformations: Method {
  /// The family that it was trained on.
  var transformation: any TransformationFamily { get }
  /// Draws a transformation for each image `[N, H, W, C]`, applies it, and tells what the model sees.
  func predictTransformations(
    of images: Tensor, using generator: Generator
  ) throws(TensorError) -> TransformationPredictions
}

/// Images, what was done to them, and what a model says was done.
public struct TransformationPredictions: Sendable {
  /// The first views, `[N, H, W, C]`.
  public let originals: Tensor
  /// The second views, `[N, H, W, C]`.
  public let transformed: Tensor
  /// What was done, as whitened targets `[N, D]`.
  public let targets: Tensor
  /// What the model says, as whitened targets `[N, D]`.
  public let predictedTargets: Tensor
  /// What was done.
  public let truths: [Transformation]
  /// What the model says; `nil` where its numbers stand for no transformation.
  public let predictions: [Transformation?]
  /// The mean distance between the true and the predicted corners of the frame, in pixels.
  public let cornerErrors: [Float]
  /// The mean squared error of the whitened targets.
  public let loss: Float
}
