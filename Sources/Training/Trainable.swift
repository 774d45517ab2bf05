public import Layers
public import Tensors

/// What the training loop needs of a method.
public protocol Trainable: Module {
  /// The terms of the loss of a batch, recorded in `pass`.
  ///
  /// The sum of the terms that are minimised is; the others are reported beside them. All randomness comes
  /// from `generator`, one a step.
  func loss(
    of batch: Batch, in pass: Pass, using generator: Generator
  ) throws(TensorError) -> [NamedTensor]
  /// The number of parts of the batch that are normalised separately.
  var branches: Int { get }
  /// Refuses images that it cannot learn from, before a run begins.
  func check(_ source: any BatchSource) throws(TensorError)
  /// What is drawn from the images before the first step of a run: the first codes of a codebook.
  func willTrain(on source: any BatchSource, using generator: Generator) throws
  /// What changes after a step and is no gradient's business: queues, moving averages, codebooks.
  func didStep() throws(TensorError)
  /// What is taken from the images when a run ends or is interrupted, and learning does not depend on: the
  /// vector that stands for each class.
  func didTrain(on source: any BatchSource) throws
}

extension Trainable {
  /// One: the batch is one batch.
  public var branches: Int { 1 }
  /// Takes any images.
  public func check(_ source: any BatchSource) throws(TensorError) {}
  /// Nothing.
  public func willTrain(on source: any BatchSource, using generator: Generator) throws {}
  /// Nothing.
  public func didStep() throws(TensorError) {}
  /// Nothing.
  public func didTrain(on source: any BatchSource) throws {}
}

/// A named scalar of a step: a term of its loss, still on the tape, or a number that is reported beside it.
public struct NamedTensor: Sendable {
  /// The name of the term.
  public let name: String
  /// The value, a scalar.
  public let value: Tensor
  /// Whether it is a term of the loss; an accuracy is not.
  public let isMinimised: Bool

  /// Names a value.
  public init(_ name: String, _ value: Tensor, isMinimised: Bool = true) {
    self.name = name
    self.value = value
    self.isMinimised = isMinimised
  }
}

extension Trainable {
  /// The terms of the loss of images of which nothing else is known.
  public func loss(
    of images: Tensor, in pass: Pass, using generator: Generator
  ) throws(TensorError) -> [NamedTensor] {
    try loss(of: Batch(images), in: pass, using: generator)
  }
}
