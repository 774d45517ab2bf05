import CellLanguage
import Datasets
import Imaging
import JupyterKernel
import Layers
import Methods
import Plotting
import Tensors

/// The words that draw: contact sheets, transformation grids, curves, predictions.
enum PictureWords {
  static let all: [Command] = [show, plot, predictions]

  static let show = Command(
    "show", "Shows images, or what a family of transformations makes of them.",
    parameters: Parameter<Showable>(
      "value", label: .none, "images, or a family of transformations with images in `on:`"),
    Parameter<ImageSetObject?>("on", "the images to transform"),
    Parameter<Int>("count", default: 6, in: 1...20, "transformations drawn for each image"),
    Parameter<Int>("seed", default: 1, in: 0..., "the seed of the transformations"),
    returns: "Figure", topic: "pictures",
    example: "show(fashion.train.first(16))\nshow(Projective(), on: fashion.test.first(6))"
  ) { context, value, images, count, seed in
    let context = try CellContext.of(context)
    switch value {
    case .images(let images):
      return try context.show(try contactSheet(images))
    case .family(let family):
      guard let images else {
        throw CellError(
          .argumentError, "a family of transformations is shown on images",
          fix: "write show(warp, on: fashion.test.first(6))")
      }
      return try context.show(
        try transformationGrid(family.family, on: images, count: count, seed: seed))
    case .other(let object):
      guard let displayable = object as? any Displayable else { return .object(object) }
      context.execution.display(context.sealed(try displayable.bundle(), of: object))
      context.markShown(object)
      return .object(object)
    }
  }

  static let plot = Command(
    "plot", "Draws the loss of a run, or of several, over its steps.",
    parameters: Parameter<RunList>("runs", label: .none, "a run, or an array of runs"),
    Parameter<Bool?>(
      "logarithmic",
      "whether the axis of the loss is logarithmic; its values decide unless given"),
    returns: "Figure", topic: "pictures",
    discussion: """
      The dashed line is the loss of a predictor that always says the mean. A single run shows every term \
      of its loss; several show their totals.
      """,
    example: "plot(run)"
  ) { context, runs, logarithmic in
    let context = try CellContext.of(context)
    return try context.show(try lossChart(runs.runs, isLogarithmic: logarithmic, in: context))
  }

  static let predictions = Command(
    "predictions", "Shows what a model says was done to images, over what was done.",
    parameters: Parameter<ModelObject>("model", label: .none, "the model"),
    Parameter<ImageSetObject>("images", label: .label("on"), "the images to transform"),
    Parameter<Int>("seed", default: 1, in: 0..., "the seed of the transformations"),
    returns: "Figure", topic: "pictures",
    discussion: """
      The solid frame is where the image's own frame went, the dashed one where the model says it went; a \
      dot marks the corner that was top left. The number is the mean distance between true and predicted \
      corners in pixels. A model with error bars (AVT) draws an ellipse of one standard deviation around each \
      corner, and the error that it expects stands behind ±. Of a model that classifies transformations \
      (RotNet) each image is shown in every turn, with the model's answer.
      """,
    example: "predictions(aet, on: fashion.test.first(6))"
  ) { context, model, images, seed in
    let context = try CellContext.of(context)
    if let method = model.method as? any ClassifyingTransformations {
      let (figure, accuracy) = try turnSheet(method, on: images)
      return try context.show(
        figure,
        values: [
          (
            "accuracy", "the share of right answers over the images shown (12 at most)",
            .number(accuracy)
          )
        ])
    }
    guard let method = model.method as? any DecodingTransformations else {
      throw CellError(
        .typeError, "\(model.card.word) does not predict transformations",
        fix: "AET does: AET(for: fashion)")
    }
    let (figure, error) = try predictionSheet(method, on: images, seed: seed)
    return try context.show(
      figure,
      values: [
        (
          "cornerError", "the median corner error in pixels over the images shown (12 at most)",
          error.isFinite ? .number(error) : .none
        )
      ])
  }
}

/// What `show` takes.
enum Showable: CellConvertible {
  case images(ImageSetObject)
  case family(FamilyObject)
  case other(any HostObject)

  static let typeDescription = "set of images, family of transformations or anything with a card"

  static func from(_ value: Value) throws(ConversionError) -> Showable {
    guard case .object(let object) = value else { throw mismatch(value) }
    if let images = object as? ImageSetObject { return .images(images) }
    if let family = object as? FamilyObject { return .family(family) }
    return .other(object)
  }

  var cellText: String { "" }
}

/// One run or several.
struct RunList: CellConvertible {
  static let typeDescription = "run, or array of runs"
  let runs: [RunObject]

  static func from(_ value: Value) throws(ConversionError) -> RunList {
    if case .array = value { return RunList(runs: try [RunObject].from(value)) }
    return RunList(runs: [try RunObject.from(value)])
  }

  var cellText: String { "" }
}
