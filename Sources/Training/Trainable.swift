public import Layers
public import Tensors

/// What the training loop needs of a method.
public protocol Trainable: Module {
  /// The terms of the loss of a batch of images `[N, H, W, C]` with values in 0...1, recorded in `pass`.
  ///
  /// The sum of the terms is minimised. All randomness comes from `generator`, one a step.
  func loss(
    of images: Tensor, in pass: Pass, using generator: Generator
  ) throws(TensorError) -> [NamedTensor]
  /// The number of parts of the batch that are normalised separately.
  var branches: Int { get }
  /// What changes after a step and is no gradient's business: queues, moving averages, codebooks.
  func didStep() throws(TensorError)
}

extension Trainable {
  /// One: the batch is one batch.
  public var branches: Int { 1 }
  /// Nothing.
  public func didStep() throws(TensorError) {}
}

/// A named scalar of a loss, still on the tape.
public struct NamedTensor: Sendable {
  /// The name of the term.
  public let name: String
  /// The value, a scalar.
  public let value: Tensor

  /// Names a value.
  public init(_ name: String, _ value: Tensor) {
    self.name = name
    self.value = value
  }
}

/// The images that a run draws its batches from.
public protocol BatchSource: Sendable {
  /// The number of images.
  var count: Int { get }
  /// The images at these places, `[N, H, W, C]` with values in 0...1.
  func images(at places: [Int]) throws -> Tensor
}
