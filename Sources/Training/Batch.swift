public import Tensors

/// The images of one training step and what is known of them.
public struct Batch: Sendable {
  /// The images `[N, H, W, C]`, values in 0...1.
  public let images: Tensor
  /// The class of each image; `nil` where the source does not know them.
  public let labels: [Int]?
  /// The place of each image in the source.
  public let places: [Int]
  /// Labelled images that a method may draw more of; `nil` where the source has none.
  ///
  /// With `labels` these are the images that the batch was drawn from, and `places` are places of them.
  /// Without, the batch is unlabelled and these are the few whose classes are known.
  public let labelled: (any LabelledImages)?
  /// The number of images of the source.
  public let population: Int

  /// Puts a batch together; it is the whole source unless told otherwise.
  public init(
    _ images: Tensor, labels: [Int]? = nil, places: [Int] = [],
    labelled: (any LabelledImages)? = nil, population: Int? = nil
  ) {
    self.population = population ?? images.shape.first ?? 0
    self.images = images
    self.labels = labels
    self.places = places
    self.labelled = labelled
  }
}

/// The images that a run draws its batches from.
public protocol BatchSource: Sendable {
  /// The number of images.
  var count: Int { get }
  /// The images at these places, `[N, H, W, C]` with values in 0...1.
  func images(at places: [Int]) throws -> Tensor
  /// The class of each image; `nil` where the classes are unknown, or are to be treated so.
  var labels: [Int]? { get }
  /// Images whose classes are known, for methods that compare with them.
  var labelled: (any LabelledImages)? { get }
}

extension BatchSource {
  /// None.
  public var labels: [Int]? { nil }
  /// None.
  public var labelled: (any LabelledImages)? { nil }

  /// The batch of these places.
  func batch(at places: [Int]) throws -> Batch {
    let known = labels
    return Batch(
      try images(at: places), labels: known.map { known in places.map { known[$0] } },
      places: places, labelled: labelled, population: count)
  }
}

/// Images whose classes are known, found by class.
public protocol LabelledImages: Sendable {
  /// The places of the images of each class.
  var members: [[Int]] { get }
  /// The images at these places, `[N, H, W, C]` with values in 0...1.
  func images(at places: [Int]) throws(TensorError) -> Tensor
}
