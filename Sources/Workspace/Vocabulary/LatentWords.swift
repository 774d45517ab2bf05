import CellLanguage
import Datasets
import Evaluation
import Plotting
import Tensors

/// The word that draws features in the plane.
enum LatentWords {
  static let all: [Command] = [latents]

  static let latents = Command(
    "latents", "Draws the features of images in the plane, coloured by class.",
    parameters: Parameter<FeatureSource>(
      "features", label: .none, "a model, or .pixels for the images themselves"),
    Parameter<ImageSetObject>("images", label: .label("on"), "the images to encode"),
    Parameter<Projection>("by", default: .pca, "how features become points of the plane"),
    Parameter<Int?>(
      "block", in: 1..., "the block whose averaged output is drawn; the model's own unless given"),
    Parameter<Double?>(
      "perplexity", in: 2.0...,
      "how many neighbours a point of .tsne has, smoothly counted; 30 unless given, or a third of the images"
    ),
    Parameter<Bool>("thumbnails", default: false, "whether some of the images are drawn, too"),
    Parameter<Int>(
      "seed", default: 1, in: 0..., "the seed of the start of .tsne and of the choice of thumbnails"
    ),
    returns: "Figure", topic: "pictures",
    discussion: """
      `.pca` is linear: distances and directions mean what they do among the features. `.tsne` keeps \
      neighbourhoods alone (van der Maaten and Hinton, 2008), exactly computed: the sizes of groups and the \
      distances between them mean nothing. It takes 5,000 images at most.
      """,
    example: "latents(aet, on: fashion.test.first(2_000), by: .tsne)"
  ) { context, source, images, projection, block, perplexity, thumbnails, seed in
    let context = try CellContext.of(context)
    let set = images.images
    if projection == .tsne, set.count > NeighbourEmbedding.most {
      throw CellError(
        .argumentError, "t-SNE takes at most 5,000 images, not \(Written.count(set.count))",
        fix: "draw a sample of them: .sample(2_000, seed: 1)")
    }
    let subject = source.subject(block: block, in: context)
    let features = try subject.features(of: set, in: context)
    let picture =
      try projection == .pca
      ? components(features)
      : embedding(
        features, perplexity: perplexity ?? Double(min(30, (set.count - 1) / 3)),
        seed: UInt64(seed), in: context)
    return try context.show(
      try ScatterChart(
        title: "\(subject.name): features",
        subtitle: [subject.origin, images.summary, picture.remark].filter { !$0.isEmpty }
          .joined(separator: "; "),
        xLabel: picture.labels.0, yLabel: picture.labels.1, points: picture.points,
        classes: set.labels, classNames: set.classNames,
        thumbnails: thumbnails
          ? try spread(images, over: picture.points, seed: UInt64(seed)) : [],
        hasEqualAspect: projection == .tsne), values: picture.values)
  }

  /// Points with what the axes are called.
  private struct Plane {
    let points: [Point]
    let labels: (String, String)
    var remark = ""
    var values: [(name: String, help: String, value: Value)] = []
  }

  private static func points(_ tensor: Tensor) -> [Point] {
    let values = tensor.scalars
    return stride(from: 0, to: values.count, by: 2).map {
      Point(Double(values[$0]), Double(values[$0 + 1]))
    }
  }

  private static func components(_ features: Tensor) throws -> Plane {
    let components = try PrincipalComponents(of: features)
    func axis(_ word: String, _ index: Int) -> String {
      "\(word) principal component, \(Written.percent(Double(components.explained[index]), 0)) "
        + "of the variance"
    }
    return Plane(
      points: points(try components.project(features)),
      labels: (axis("first", 0), axis("second", 1))
    )
  }

  private static func embedding(
    _ features: Tensor, perplexity: Double, seed: UInt64, in context: CellContext
  ) throws -> Plane {
    let options = NeighbourEmbedding.Options(perplexity: perplexity, seed: seed)
    let embedding = try NeighbourEmbedding(of: features, options: options) {
      if context.isInterrupted { throw CellError(.interrupted, "t-SNE was interrupted") }
    }
    return Plane(
      points: points(embedding.points), labels: ("t-SNE, no unit", "t-SNE, no unit"),
      remark:
        "perplexity \(Written.decimals(perplexity, perplexity.rounded() == perplexity ? 0 : 1)), "
        + "\(Written.count(options.steps)) steps, divergence "
        + "\(Written.decimals(embedding.divergence, 2)) nats, seed \(seed)",
      values: [
        (
          "divergence",
          "the divergence of the points' affinities from those of the features, in nats",
          .number(embedding.divergence)
        )
      ])
  }

  /// Some of the images at their points, spread over the plane.
  private static func spread(
    _ images: ImageSetObject, over points: [Point], seed: UInt64
  ) throws -> [ScatterChart.Thumbnail] {
    func scale(_ values: [Double]) -> Double {
      max((values.max() ?? 0) - (values.min() ?? 0), 1e-300)
    }
    let (width, height) = (scale(points.map(\.x)), scale(points.map(\.y)))
    var generator = Generator(seed: seed).split(.sampling)
    var chosen: [Int] = []
    for place in generator.permutation(points.count) where chosen.count < 60 {
      let isFree = chosen.allSatisfy {
        abs(points[$0].x - points[place].x) > 0.09 * width
          || abs(points[$0].y - points[place].y) > 0.11 * height
      }
      if isFree { chosen.append(place) }
    }
    return try chosen.map {
      ScatterChart.Thumbnail(
        at: points[$0], bitmap: try images.bitmap(at: $0), group: images.images.labels[$0])
    }
  }
}

/// How features become points of the plane.
enum Projection: String, CellChoice {
  case pca, tsne
  static let typeDescription = "projection"
  var help: String {
    switch self {
    case .pca: "principal components: the two directions of the largest variance"
    case .tsne: "t-SNE: neighbours stay neighbours, all else may change"
    }
  }
}
