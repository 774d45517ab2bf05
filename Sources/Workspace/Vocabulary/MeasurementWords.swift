import CellLanguage
import Datasets
import Evaluation
import Methods
import Tensors

/// The words that measure what a model has learned.
enum MeasurementWords {
  static let all: [Command] = [knn]

  static let knn = Command(
    "knn", "Classifies test images by the labels of their nearest training images.",
    parameters: Parameter<FeatureSource>(
      "features", label: .none, "a model, or .pixels for the images themselves"),
    Parameter<ImageSetObject>("train", "the labelled images to compare with"),
    Parameter<ImageSetObject>("test", "the images to classify"),
    Parameter<Int>("k", default: 200, in: 1..., "the neighbours that vote"),
    Parameter<Double>(
      "temperature", default: 0.07, in: Bounds.above(0), "the temperature of the votes"),
    Parameter<Int>("block", default: 2, in: 1..., "the block whose averaged output is compared"),
    returns: "Score", topic: "measuring",
    discussion: """
      Features are scaled to length 1; the $k$ nearest by cosine vote with weight \
      $\\exp(\\cos / \\tau)$ (Wu et al., CVPR 2018). The score carries its protocol and a 95 % interval for \
      the choice of test images.
      """,
    example: "knn(aet, train: small, test: fashion.test, k: 200).accuracy"
  ) { context, source, train, test, k, temperature, block in
    guard train.images.classNames == test.images.classNames else {
      throw CellError(
        .argumentError, "the two sets have different classes", fix: "take both from one data set")
    }
    let classifier = try NearestNeighbours(
      features: source.features(of: train.images, block: block, in: context),
      labels: train.images.labels, neighbours: k, temperature: Float(temperature))
    let queries = try source.features(of: test.images, block: block, in: context)
    var answers: [Int] = []
    for start in stride(from: 0, to: queries.shape[0], by: 1024) {
      if context.isInterrupted { throw CellError(.interrupted, "the comparison was interrupted") }
      answers += try classifier.classify(
        queries.rows(start..<min(start + 1024, queries.shape[0])))
    }
    let right = zip(answers, test.images.labels).reduce(0) { $0 + ($1.0 == $1.1 ? 1 : 0) }
    return .object(
      ScoreObject(
        Score(
          name: "weighted kNN accuracy", right: right, count: answers.count,
          protocolText: "\(source.text(block: block)); k = \(k), cosine, τ = \(temperature); "
            + "train \(train.images.recipe), test \(test.images.recipe)")))
  }
}

/// What is compared: a model's features, or the pixels themselves.
enum FeatureSource: CellConvertible {
  case model(ModelObject)
  case pixels

  static let typeDescription = "model, or .pixels"
  static let choices = [Choice("pixels", "the raw pixels, as a baseline")]

  static func from(_ value: Value) throws(ConversionError) -> FeatureSource {
    switch value {
    case .object(let object):
      guard let model = object as? ModelObject else { throw mismatch(value) }
      return .model(model)
    case .implicitMember(let member) where member.name == "pixels":
      try member.checkLabels([])
      return .pixels
    default: throw mismatch(value)
    }
  }

  var cellText: String {
    switch self {
    case .model(let model): model.cellText
    case .pixels: ".pixels"
    }
  }

  /// The features `[N, D]`.
  func features(
    of images: ImageSet, block: Int, in context: any Context
  ) throws -> Tensor {
    switch self {
    case .pixels:
      return try images.tensor().reshaped([images.count, images.imageShape.product])
    case .model(let model):
      let method = model.method
      guard images.imageShape == method.format.shape else {
        throw TensorError.shape(
          operation: "encode", shapes: [images.imageShape, method.format.shape],
          fix: "the model takes images of \(Written.shape(method.format.shape))")
      }
      var parts: [Tensor] = []
      // A part at a time, so that a large set is never expanded whole.
      for start in stride(from: 0, to: images.count, by: 250) {
        if context.isInterrupted {
          throw CellError(
            .interrupted,
            "encoding stopped after \(Written.count(start)) of \(Written.count(images.count)) images"
          )
        }
        let part = Array(start..<min(start + 250, images.count))
        parts.append(try method.encode(images.tensor(at: part), block: block))
      }
      return try Tensor.concatenated(parts, axis: 0)
    }
  }

  /// The features in words.
  func text(block: Int) -> String {
    switch self {
    case .pixels: "features: raw pixels"
    case .model(let model):
      "features: \(model.card.word) block \(block), averaged over the image, "
        + model.training
    }
  }
}
