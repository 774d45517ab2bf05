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
