import CellLanguage
import Evaluation

/// The word that measures features by their nearest neighbours.
enum NeighbourWords {
  static let all: [Command] = [knn]

  static let knn = Command(
    "knn", "Classifies test images by the labels of their nearest training images.",
    parameters: Parameter<FeatureSource>(
      "features", label: .none, "a model, or .pixels for the images themselves"),
    Parameter<ImageSetObject>("train", "the labelled images to compare with"),
    Parameter<ImageSetObject>("test", "the images to classify"),
    Parameter<Int>("k", default: 200, in: 1..., "the neighbours that vote"),
    Parameter<Bool>("weighted", default: true, "whether nearer neighbours count more"),
    Parameter<Double>(
      "temperature", default: 0.07, in: Bounds.above(0), "the temperature of weighted votes"),
    Parameter<Int?>(
      "block", in: 1...,
      "the block whose averaged output is compared; the model's own unless given"),
    Parameter<Bool>(
      "baselines", default: true,
      "whether the untrained encoder and the raw pixels are measured beside a model"),
    returns: "Score", topic: "measuring",
    discussion: """
      Features are scaled to length 1; the $k$ nearest by cosine vote with weight \
      $\\exp(\\cos / \\tau)$ (Wu et al., CVPR 2018), or all alike with `weighted: false`. Unweighted votes of \
      1 to 20 neighbours stand beside. The score is the model's own; its table shows the same encoder before \
      its first step and the raw pixels, too, which are measured once for each protocol. The score carries \
      its protocol and a 95 % interval for the choice of test images.
      """,
    example: "knn(aet, train: small, test: fashion.test, k: 200).accuracy"
  ) { context, source, train, test, k, weighted, temperature, block, baselines in
    let measurement = NeighbourMeasurement(
      vote: .init(neighbours: k, temperature: weighted ? Float(temperature) : nil))
    return .object(
      try measurement.score(
        source, block: block, train: train, test: test, baselines: baselines,
        in: CellContext.of(context)))
  }
}
