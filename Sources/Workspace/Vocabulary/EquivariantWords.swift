import CellLanguage
import Datasets
import Methods
import Plotting
import Tensors

/// The words that draw what a model with an invariant and an equivariant latent has learned.
enum EquivariantWords {
  static let all: [Command] = [
    samples, latentSpaces, equivariantInterpolation, invariantSteps, swaps,
  ]

  static let samples = Command(
    "samples", "Draws images of every class from a model.",
    parameters: Parameter<ModelObject>("model", label: .none, "the model"),
    Parameter<Int>("perClass", default: 8, in: 1...32, "images of each class"),
    Parameter<Int>("seed", default: 1, in: 0..., "the seed of the draws"),
    returns: "Figure", topic: "pictures",
    discussion: """
      One row a class. For EquiVAE the invariant latent r is that of the class, the mean of f_inv over its \
      labelled images when the last run ended (1,000 at most), and the equivariant latent v is drawn from \
      N(0, I). The images shown are the means of p(x|r, v).
      """,
    example: "samples(eq, perClass: 8)"
  ) { context, model, count, seed in
    let context = try CellContext.of(context)
    guard let method = model.method as? any DecodingClasses else {
      throw CellError(
        .typeError, "\(model.card.word) does not draw images of a class",
        fix: "EquiVAE does: EquiVAE(for: fashion)")
    }
    let images = try bitmaps(
      try method.samples(perClass: count, using: Generator(seed: UInt64(seed)).split(.evaluation)))
    let names = method.format.classNames
    return try context.show(
      ImageSheet(
        title: "\(model.card.word): samples of every class",
        subtitle: "v from N(0, I), r of the class; \(model.training), seed \(seed)",
        rows: names.indices.map { label in
          images[label * count..<(label + 1) * count].map { ImageSheet.Tile($0) }
        }, rowHeaders: names))
  }

  static let latentSpaces = Command(
    "latentSpaces",
    "Draws the invariant and the equivariant latents of images side by side, coloured by class.",
    parameters: Parameter<ModelObject>("model", label: .none, "an EquiVAE"),
    Parameter<ImageSetObject>("images", label: .label("on"), "the images to encode"),
    Parameter<ImageSetObject?>(
      "train", "the images that the probes learn from; every second one of `on:` unless given"),
    returns: "Figure", topic: "pictures",
    discussion: """
      Left the invariant latent f_inv(x), right the mean of the equivariant latent v given the nearest r of \
      a class; both by their first two principal components. The titles say how well a linear classifier \
      reads the class from each: from r it should be right, and from v not much more often than by chance.
      """,
    example: "latentSpaces(eq, on: fashion.test.first(2_000))"
  ) { context, model, images, train in
    let context = try CellContext.of(context)
    let (figure, scores) = try latentSpacesFigure(model, on: images, train: train, in: context)
    return try context.show(
      figure,
      values: [
        ("invariant", "the score of the linear probe of the invariant latent", scores.invariant),
        ("equivariant", "the score of the probe of the equivariant latent", scores.equivariant),
      ])
  }

  static let equivariantInterpolation = Command(
    "equivariantInterpolation",
    "Draws the way between the equivariant latents of two images, under the invariant latent of every class.",
    parameters: Parameter<ModelObject>("model", label: .none, "an EquiVAE"),
    Parameter<ImageSetObject>(
      "images", label: .label("between"), "two images; further ones are left out"),
    Parameter<Int>("steps", default: 8, in: 2...20, "images on the way, the ends among them"),
    returns: "Figure", topic: "pictures",
    discussion:
      "Columns: v from that of the first image to that of the second. Rows: r of each class.",
    example: "equivariantInterpolation(eq, between: fashion.test.first(2))"
  ) { context, model, images, steps in
    let context = try CellContext.of(context)
    return try context.show(
      try interpolationSheet(try equivae(model), model, between: images, steps: steps))
  }

  static let invariantSteps = Command(
    "invariantSteps",
    "Draws images whose invariant latent goes from class to class, while their equivariant latent stays.",
    parameters: Parameter<ModelObject>("model", label: .none, "an EquiVAE"),
    Parameter<ImageSetObject>(
      "images", label: .label("of"), "the images whose equivariant latents are taken, 12 at most"),
    Parameter<Int>("steps", default: 2, in: 1...8, "steps from one class to the next"),
    Parameter<[Int]>(
      "classes", default: [], in: 0..., "the classes on the way, by number; all unless given"),
    returns: "Figure", topic: "pictures",
    discussion: "Columns: v of each image. Rows: r from that of one class to that of the next.",
    example: "invariantSteps(eq, of: fashion.test.first(6))"
  ) { context, model, images, steps, classes in
    let context = try CellContext.of(context)
    return try context.show(
      try invariantSheet(
        try equivae(model), model, of: images, steps: steps, classes: classes))
  }

  static let swaps = Command(
    "swaps", "Draws images with the invariant latent of one and the equivariant latent of another.",
    parameters: Parameter<ModelObject>("model", label: .none, "an EquiVAE"),
    Parameter<ImageSetObject>("images", label: .label("on"), "the images to pair, 12 at most"),
    returns: "Figure", topic: "pictures",
    discussion: """
      Rows: r = f_inv of the image on the left. Columns: v of the image above, inferred under the nearest r \
      of a class. A model that has learned gives the class of the left image in the style of the one above.
      """,
    example: "swaps(eq, on: fashion.test.first(8))"
  ) { context, model, images in
    let context = try CellContext.of(context)
    return try context.show(try swapSheet(try equivae(model), model, on: images))
  }

  /// The method behind a model that must be an EquiVAE.
  static func equivae(_ model: ModelObject) throws -> EquiVAE {
    guard let method = model.method as? EquiVAE else {
      throw CellError(
        .typeError, "\(model.card.word) has no invariant and equivariant latents",
        fix: "EquiVAE has: EquiVAE(for: fashion)")
    }
    return method
  }
}
