public import Tensors

/// A method that gives back the images that it takes.
public protocol Reconstructing: Method {
  /// What the method makes of images `[N, H, W, C]` after they went through its code; values in 0...1.
  func reconstruct(_ images: Tensor) throws(TensorError) -> Tensor
}

/// A method that says itself which class an image is of.
public protocol Classifying: Method {
  /// The probability of each class for images `[N, H, W, C]`; `[N, classes]`.
  func classProbabilities(of images: Tensor) throws(TensorError) -> Tensor
}

/// A method that tells which of a few exact transformations was done to an image.
public protocol ClassifyingTransformations: Method {
  /// The names of the transformations: `0°`, `90°`.
  var transformationNames: [String] { get }
  /// Does each of the transformations to each of the images `[N, H, W, C]`, and tells the probabilities that
  /// the model gives to them: the transformed images `[T · N, H, W, C]`, by transformation, then by image,
  /// and for each of them a row of `[T · N, T]`.
  func classifyTransformations(
    of images: Tensor
  ) throws(TensorError) -> (transformed: Tensor, probabilities: Tensor)
}

extension ImageFormat {
  /// The variance of the data's values in 0...1, the mean over the channels; 1 for images that do not vary.
  ///
  /// It is the mean squared error of always saying the mean, and errors of reconstruction are a share of it.
  public var variance: Float {
    let mean = deviation.reduce(0) { $0 + $1 * $1 } / Float(max(1, deviation.count))
    return mean > 1e-12 ? mean : 1
  }
}
