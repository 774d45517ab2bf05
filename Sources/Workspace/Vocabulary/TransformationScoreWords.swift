import CellLanguage
import Datasets
import Evaluation
import Imaging
import Methods
import Tensors

/// The words that measure how well transformations are told.
enum TransformationScoreWords {
  static let all: [Command] = [regression]

  static let regression = Command(
    "regression",
    "Measures how well a model tells what was done to images, coordinate by coordinate.",
    parameters: Parameter<ModelObject>("model", label: .none, "the model"),
    Parameter<ImageSetObject>("images", label: .label("on"), "the images to transform"),
    Parameter<Int>(
      "seed", default: 1, in: 0..., "the seed of the transformations and the intervals"),
    returns: "TransformationScores", topic: "measuring",
    discussion: """
      $R^2 = 1 - \\sum (\\hat t - t)^2 / \\sum (t - \\bar t)^2$ of the whitened targets: 1 for a perfect \
      prediction, 0 for one that always says the mean. Beside it stands what a regression reads off the \
      mask of the pixels that come from beyond the frame, without seeing any image: what it can tell, a \
      constant fill betrays, and other fills may. Intervals are for the choice of images.
      """,
    example: "regression(aet, on: fashion.test.first(1_000), seed: 1)"
  ) { context, model, images, seed in
    guard let method = model.method as? any DecodingTransformations else {
      throw CellError(
        .typeError, "\(model.card.word) does not predict transformations",
        fix: "AET does: AET(for: fashion)")
    }
    let set = images.images
    guard set.imageShape == method.format.shape else {
      throw TensorError.shape(
        operation: "regression", shapes: [set.imageShape, method.format.shape],
        fix: "the model takes images of \(Written.shape(method.format.shape))")
    }
    guard set.count >= 10 else {
      throw CellError(
        .argumentError,
        "\(set.count) image\(set.count == 1 ? " is" : "s are") too few to measure on",
        fix: "give at least 10, such as fashion.test.first(1_000)")
    }
    let family = method.transformation
    let size = ImageSize(height: set.imageShape[0], width: set.imageShape[1])
    let generator = Generator(seed: UInt64(seed)).split(.evaluation)
    let found = try told(by: method, of: set, using: generator, in: context)
    let bootstrap = Bootstrap(seed: UInt64(seed))
    let scores = try TransformationScores(
      truths: found.truths, predictions: found.predictions, names: family.targetNames,
      cornerErrors: family.isGeometric ? found.cornerErrors : [], bootstrap: bootstrap)
    if context.isInterrupted { throw CellError(.interrupted, "the measurement was interrupted") }
    let control = try maskOnly(family, size: size, seed: UInt64(seed))
    return .object(
      TransformationScoresObject(
        title: "\(model.card.word): predicted transformations, \(family.name) family",
        scores: scores, control: control, chance: Double(try family.chance(size: size)),
        protocolLines: [
          "\(model.card.word), \(model.training); \(set.recipe): \(Written.count(set.count)) images, "
            + "one transformation each, seed \(seed); \(family.description)",
          bootstrap.text, control?.text ?? "no mask-only control: no pixel moves",
        ]))
  }

  /// What a model says of one transformation of each image, in parts between which a cell can be
  /// interrupted.
  private static func told(
    by method: any DecodingTransformations, of set: ImageSet, using generator: Generator,
    in context: any Context
  ) throws -> (truths: Tensor, predictions: Tensor, cornerErrors: [Float]) {
    var (truths, predictions, errors): ([Tensor], [Tensor], [Float]) = ([], [], [])
    try set.eachPart(in: context, "measuring") { places, part in
      let found = try method.predictTransformations(
        of: part, using: generator.split(.evaluation, places.lowerBound))
      truths.append(found.targets)
      predictions.append(found.predictedTargets)
      errors += found.cornerErrors
    }
    return (
      try .concatenated(truths, axis: 0), try .concatenated(predictions, axis: 0), errors
    )
  }

  /// The control over 5,000 draws of its own; none where no pixel moves.
  private static func maskOnly(
    _ family: any TransformationFamily, size: ImageSize, seed: UInt64
  ) throws -> MaskOnlyControl? {
    guard family.isGeometric else { return nil }
    var generator = Generator(seed: seed).split(.transformation)
    let drawn = try family.samples(5_000, size: size, using: &generator)
    return try MaskOnlyControl(
      masks: outOfFrameMask(of: drawn, size: size, fill: family.fill, mask: family.mask),
      targets: family.targets(of: drawn, size: size), seed: seed)
  }
}
