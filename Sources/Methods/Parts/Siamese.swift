import Imaging
import Layers
import Tensors

/// What methods share that tell a transformation from two views: where transformations come from, how both
/// views go through one network, and what a prediction is worth.
///
/// A method adds the network that sees the views and the decoder that reads the pair of features: a linear
/// one is AET, one with error bars behind a random representation is AVT.
struct Siamese: Sendable {
  /// The family that transformations are drawn from.
  let transformation: any TransformationFamily
  /// What whitens the views.
  let whitening: InputWhitening
  private let size: ImageSize

  /// Takes a family under a convention; the projective one when `nil`.
  ///
  /// - Throws: `TensorError.argument` when the family does not fit images of this format, or never varies.
  init(
    _ family: (any TransformationFamily)?, convention: Convention, format: ImageFormat
  ) throws(TensorError) {
    size = ImageSize(height: format.shape[0], width: format.shape[1])
    let family: any TransformationFamily = if let family { family } else { try Projective() }
    transformation = try family.fitting(channels: format.shape[2]).adopting(convention)
    try transformation.check(size: size)
    guard try transformation.statistics(size: size).deviation.contains(where: { $0 > 1e-6 }) else {
      throw .argument(
        operation: "predicting transformations", name: "family",
        value: transformation.description,
        fix: "every draw of it is the same, so there is nothing to tell: give one of its numbers a "
          + "range")
    }
    whitening = InputWhitening(format)
  }

  /// The mean squared error of a decoder that always says the mean transformation.
  var chance: Double? { (try? transformation.chance(size: size)).map(Double.init) }

  /// Draws a transformation for each image `[N, H, W, C]` and applies it.
  func draw(
    _ images: Tensor, using generator: Generator
  ) throws(TensorError) -> TransformedPairs {
    var sampler = generator.split(.sampling)
    let transformations = try transformation.samples(
      images.shape.first ?? 0, size: size, using: &sampler)
    let views = try transformation.views(
      of: images, by: transformations, using: generator.split(.augmentation))
    return TransformedPairs(
      transformations: transformations,
      targets: try transformation.targets(of: transformations, size: size),
      originals: views.original, transformed: views.transformed)
  }

  /// Both views as one whitened batch `[2N, H, W, C]`, the originals first.
  func views(of pairs: TransformedPairs) throws(TensorError) -> Tensor {
    try whitening(Tensor.concatenated([pairs.originals, pairs.transformed], axis: 0))
  }

  /// The features `[2N, D]` of both views side by side, `[N, 2D]`.
  func sideBySide(_ features: Tensor) throws(TensorError) -> Tensor {
    let count = features.shape[0] / 2
    return try Tensor.concatenated(
      [features.rows(0..<count), features.rows(count..<2 * count)], axis: 1)
  }

  /// What whitened predictions `[N, targets]` say, beside what was done.
  func predictions(
    _ whitened: Tensor, of pairs: TransformedPairs
  ) throws(TensorError) -> TransformationPredictions {
    let decoded = try transformation.transformations(fromWhitened: whitened, size: size)
    let errors = zip(decoded, pairs.transformations).map { prediction, truth in
      prediction.map { cornerError(predicted: $0, truth: truth, size: size) } ?? .infinity
    }
    return TransformationPredictions(
      originals: pairs.originals, transformed: pairs.transformed, targets: pairs.targets,
      predictedTargets: whitened, truths: pairs.transformations, predictions: decoded,
      cornerErrors: errors,
      loss: try whitened.meanSquaredError(pairs.targets).item())
  }
}

/// Images, their transformed versions, and what a decoder has to say of them.
struct TransformedPairs: Sendable {
  /// What is done to each image.
  let transformations: [Transformation]
  /// The same in whitened coordinates, `[N, targets]`.
  let targets: Tensor
  /// The first views, `[N, H, W, C]`.
  let originals: Tensor
  /// The second views, `[N, H, W, C]`.
  let transformed: Tensor
}
