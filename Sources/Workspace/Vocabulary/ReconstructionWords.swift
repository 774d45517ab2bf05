import CellLanguage
import Datasets
import Evaluation
import Methods
import Tensors

/// The words about images that a model gives back.
enum ReconstructionWords {
  static let all: [Command] = [reconstructions, reconstruction]

  static let reconstructions = Command(
    "reconstructions", "Shows images over what a model gives back of them.",
    parameters: Parameter<ModelObject>("model", label: .none, "the model"),
    Parameter<ImageSetObject>("images", label: .label("of"), "the images, 32 at most"),
    returns: "Figure", topic: "pictures",
    discussion: """
      The number below a pair is the mean squared error as a share of the data's variance: 100 % is what \
      the mean image would cost.
      """,
    example: "reconstructions(vq, of: fashion.test.first(16))"
  ) { context, model, images in
    let context = try CellContext.of(context)
    let method = try reconstructing(model, images.images)
    let (figure, error) = try reconstructionSheet(method, of: images, training: model.training)
    return try context.show(
      figure,
      values: [
        (
          "error", "the mean squared error of the images shown, as a share of the data's variance",
          .number(error)
        )
      ])
  }

  static let reconstruction = Command(
    "reconstruction", "Measures how well images come back from a model.",
    parameters: Parameter<ModelObject>("model", label: .none, "the model"),
    Parameter<ImageSetObject>("images", label: .label("on"), "the images to measure on"),
    returns: "Score", topic: "measuring",
    discussion: """
      The mean squared error of values in 0...1 over all images, as a share of the variance of the data \
      that the model was made for (`share`), as it is (`error`), and in decibels (`psnr`, \
      $-10\\log_{10}$ of the error). The interval is for the choice of images.
      """,
    example: "reconstruction(vq, on: fashion.test).share"
  ) { context, model, images in
    let method = try reconstructing(model, images.images)
    var errors: [Double] = []
    try images.images.eachPart(in: context, "measuring") { _, part in
      errors += try ReconstructionScore.errors(of: method.reconstruct(part), from: part)
    }
    return .object(
      ReconstructionScoreObject(
        ReconstructionScore(
          errors: errors, variance: Double(method.format.variance),
          protocolText: "\(model.card.word) \(model.training); images \(images.images.recipe); "
            + "values 0...1; variance \(Written.decimals(Double(method.format.variance), 4)) of "
            + "\(method.format.name) train"
            + (method.format.shape[2] > 1 ? ", mean over the channels" : ""))))
  }

  /// The model as one that gives images back, if it is one and takes these.
  static func reconstructing(
    _ model: ModelObject, _ images: ImageSet
  ) throws -> any Reconstructing {
    guard let method = model.method as? any Reconstructing else {
      throw CellError(
        .typeError, "\(model.card.word) does not give images back",
        fix: "VQVAE does: VQVAE(for: fashion)")
    }
    try checkShape(images, for: method, "reconstruct")
    return method
  }
}

/// Refuses images of another shape than the model takes, and sets of none.
func checkShape(_ images: ImageSet, for method: any Method, _ operation: String) throws {
  guard images.imageShape == method.format.shape else {
    throw TensorError.shape(
      operation: operation, shapes: [images.imageShape, method.format.shape],
      fix: "the model takes images of \(Written.shape(method.format.shape))")
  }
  guard images.count > 0 else {
    throw CellError(.rangeError, "the set is empty", fix: "give at least one image")
  }
}
