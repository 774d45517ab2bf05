import CellLanguage
import Datasets
import Evaluation
import Methods
import Tensors

/// The words about discrete latents: maps of codes, and the codebook itself.
enum DiscreteWords {
  static let all: [Command] = [codes, codebook]

  static let codes = Command(
    "codes", "Shows images over their maps of codes, in false colours.",
    parameters: Parameter<ModelObject>("model", label: .none, "the model"),
    Parameter<ImageSetObject>("images", label: .label("of"), "the images, 32 at most"),
    returns: "Figure", topic: "pictures",
    discussion: """
      A colour stands for a code. The codes' order along their first principal component chooses the hue, \
      along the second the lightness: codes that are alike have like colours.
      """,
    example: "codes(vq, of: fashion.test.first(16))"
  ) { context, model, images in
    let context = try CellContext.of(context)
    let method = try quantizing(model, images.images)
    return try context.show(try codeSheet(method, of: images, training: model.training))
  }

  static let codebook = Command(
    "codebook", "Shows what each code looks like and how often it is used on a set of images.",
    parameters: Parameter<ModelObject>("model", label: .none, "the model"),
    Parameter<ImageSetObject>("images", label: .label("on"), "the images whose codes are counted"),
    returns: "Figure", topic: "pictures",
    discussion: """
      Above, the decoder's picture of a map filled with one code, from the most used code down; below, how \
      often each is used. The perplexity is $\\exp(-\\sum_k p_k \\ln p_k)$ over the shares of all codes of \
      all images: it is never averaged over batches, each of which shows some codes only.
      """,
    example: "codebook(vq, on: fashion.test).perplexity"
  ) { context, model, images in
    let context = try CellContext.of(context)
    let method = try quantizing(model, images.images)
    var usage = CodeUsage(codeCount: method.codeCount)
    try images.images.eachPart(in: context, "counting codes") { _, part in
      usage.add(try method.codes(of: part).codes)
    }
    let protocolText =
      "\(model.card.word) \(model.training); \(Written.count(usage.total)) codes of "
      + "\(Written.count(images.images.count)) images, \(images.images.recipe)"
    context.write(
      "perplexity \(Written.decimals(usage.perplexity, 1)) of \(usage.counts.count) codes, "
        + "\(usage.inUse) in use, \(usage.active) above a tenth of the mean usage; "
        + "\(protocolText)\n", to: .standardOutput)
    return try context.show(
      try codebookFigure(method, usage: usage, protocolText: protocolText),
      values: [
        ("perplexity", "the perplexity over the whole set", .number(usage.perplexity)),
        ("inUse", "the number of codes that are used at all", .integer(usage.inUse)),
        (
          "active", "the number of codes used more than a tenth as often as the mean",
          .integer(usage.active)
        ),
        (
          "counts", "how often each code is used",
          .array(usage.counts.map { .integer($0) })
        ),
        ("protocol", "all that the numbers depend on", .string(protocolText)),
      ])
  }

  /// The model as one with codes, if it is one and takes these images.
  private static func quantizing(
    _ model: ModelObject, _ images: ImageSet
  ) throws -> any Quantizing {
    guard let method = model.method as? any Quantizing else {
      throw CellError(
        .typeError, "\(model.card.word) has no codes", fix: "VQVAE has: VQVAE(for: fashion)")
    }
    try checkShape(images, for: method, "codes")
    return method
  }
}
