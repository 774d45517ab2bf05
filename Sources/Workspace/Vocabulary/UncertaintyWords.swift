import CellLanguage
import Datasets
import Evaluation
import Imaging
import Methods
import Tensors

/// The words about error bars and confusions: how sure a model is, and what it takes for what.
enum UncertaintyWords {
  static let all: [Command] = [calibration, confusion]

  static let calibration = Command(
    "calibration", "Draws how well the error bars of a model fit the errors that it makes.",
    parameters: Parameter<ModelObject>("model", label: .none, "a model with error bars: an AVT"),
    Parameter<ImageSetObject>("images", label: .label("on"), "the images to transform"),
    Parameter<Int>("seed", default: 1, in: 0..., "the seed of the transformations"),
    returns: "Figure", topic: "measuring",
    discussion: """
      Every image is transformed once, and each whitened coordinate of the transformation counts as a \
      prediction with a standard deviation σ. Left, the predictions are sorted into tenths by σ²: the slope of \
      the line through the origin that fits mean squared error over mean σ² is 1 when calibrated, above 1 when \
      the model is too sure. In the middle, the share of truths in the central intervals of each probability; \
      right, the z-scores (truth − mean) / σ beside the standard normal distribution.
      """,
    example: "calibration(avt, on: fashion.test.first(1_000)).slope"
  ) { context, model, images, seed in
    let context = try CellContext.of(context)
    guard let method = model.method as? any UncertainTransformations else {
      throw CellError(
        .typeError, "\(model.card.word) predicts no error bars", fix: "AVT does: AVT(for: fashion)")
    }
    let found = try measured(method, on: images.images, seed: seed, in: context)
    let text =
      "\(Written.count(images.images.count)) transformations of \(images.images.recipe), "
      + "\(method.transformation.name) family, \(found.coordinates) coordinates each, seed \(seed); "
      + "model \(model.training)"
    let (result, interval) = (found.calibration, found.calibration.slopeInterval)
    return try context.show(
      calibrationFigure(result, title: "\(model.card.word): error bars against errors", text: text),
      values: [
        (
          "slope", "mean squared error over predicted variance, by tenths; 1 is calibrated",
          .number(result.slope)
        ),
        ("lower", "the lower end of the slope's 95 % interval", .number(interval.lowerBound)),
        ("upper", "the upper end of the slope's 95 % interval", .number(interval.upperBound)),
        (
          "scoreDeviation", "the root mean square of the z-scores; 1 is calibrated",
          .number(result.scoreDeviation)
        ),
        (
          "coverageError", "the mean distance of observed from nominal coverage",
          .number(result.coverageError)
        ),
        ("meanSquaredError", "of the whitened coordinates", .number(found.meanSquaredError)),
        ("protocol", "all that the numbers depend on", .string(text)),
      ])
  }

  /// Predictions for a set of images, a part at a time.
  private static func measured(
    _ method: any UncertainTransformations, on images: ImageSet, seed: Int, in context: CellContext
  ) throws -> (calibration: Calibration, coordinates: Int, meanSquaredError: Double) {
    guard images.imageShape == method.format.shape else {
      throw TensorError.shape(
        operation: "calibration", shapes: [images.imageShape, method.format.shape],
        fix: "the model takes images of \(Written.shape(method.format.shape))")
    }
    let size = ImageSize(height: images.imageShape[0], width: images.imageShape[1])
    // A coordinate that the family never varies has no error to speak of.
    let varying = try method.transformation.statistics(size: size).deviation.enumerated()
      .filter { $0.element > 1e-6 }.map(\.offset)
    let generator = Generator(seed: UInt64(seed)).split(.evaluation)
    var (truths, means, deviations) = ([Float](), [Float](), [Float]())
    try images.eachPart(in: context, "measuring") { places, part in
      let told = try method.predictDistributions(
        of: part, using: generator.split(.evaluation, places.lowerBound))
      func add(_ tensor: Tensor, to values: inout [Float]) {
        let (all, width) = (tensor.scalars, tensor.shape[1])
        for row in 0..<places.count {
          for column in varying { values.append(all[row * width + column]) }
        }
      }
      add(told.truths, to: &truths)
      add(told.means, to: &means)
      add(told.deviations, to: &deviations)
    }
    let shape = [images.count, varying.count]
    let calibration = try Calibration(
      truths: Tensor(truths, shape: shape), means: Tensor(means, shape: shape),
      deviations: Tensor(deviations, shape: shape))
    let squares = zip(truths, means).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
    return (calibration, varying.count, squares / Double(truths.count))
  }

  static let confusion = Command(
    "confusion",
    "Counts what a model takes for what: true classes in rows, its answers in columns.",
    parameters: Parameter<ModelObject>(
      "model", label: .none, "a model that classifies images, or transformations as RotNet does"),
    Parameter<ImageSetObject>("images", label: .label("on"), "the images to classify"),
    returns: "Table", topic: "measuring",
    discussion: """
      For a model that tells transformations apart every image is transformed in every way, so each row holds \
      as many images as there are.
      """,
    example: "confusion(rotnet, on: fashion.test.first(1_000))"
  ) { context, model, images in
    let context = try CellContext.of(context)
    let counts = try ConfusionCounts(model, on: images.images, in: context)
    return .object(
      ConfusionObject(
        counts,
        protocolText: "\(counts.subject) of \(images.images.recipe); \(model.card.word) "
          + model.training))
  }
}
