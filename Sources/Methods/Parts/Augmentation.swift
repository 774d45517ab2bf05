import Imaging
import Tensors

/// What is done to the images of a step so that a classifier does not learn them by heart.
public enum Augmentation: String, Sendable, CaseIterable {
  /// The images as they are.
  case none
  /// Moved by up to an eighth of the side, black beyond the frame.
  case crop
  /// Moved, and mirrored left to right or not; not for digits and letters, which mirroring changes.
  case cropAndFlip

  /// The images `[N, H, W, C]` of a step; the padding is 4 pixels at 32, as in RotNet's released code.
  func callAsFunction(
    _ images: Tensor, using generator: Generator
  ) throws(TensorError) -> Tensor {
    guard self != .none else { return images }
    var stream = generator.split(.augmentation)
    return try images.randomlyCropped(
      padding: try ImageSize(of: images).shorterSide / 8, mirrors: self == .cropAndFlip,
      using: &stream)
  }
}
