import CellLanguage
import Datasets
import Evaluation
import Methods
import Plotting
import Tensors

/// The words that measure how well a model tells classes by a rule of its own.
enum ClassificationWords {
  static let all: [Command] = [prototypes, classification, complementErrors]

  static let prototypes = Command(
    "prototypes", "Classifies test images by the nearest mean feature of a class.",
    parameters: Parameter<FeatureSource>(
      "features", label: .none, "a model, or .pixels for the images themselves"),
    Parameter<ImageSetObject>("train", "the labelled images whose features are averaged"),
    Parameter<ImageSetObject>("test", "the images to classify"),
    Parameter<Int>(
      "complements", default: 1000, in: 1..., "the images of a class that are averaged at most"),
    Parameter<Int?>("block", in: 1..., "the block that is compared; the model's own unless given"),
    Parameter<Bool>(
      "baselines", default: true,
      "whether the untrained encoder and the raw pixels are measured beside a model"),
    returns: "Score", topic: "measuring",
    discussion: """
      The rule without parameters of EquiVAE: $\\hat y = \\arg\\min_y \\lVert f_{inv}(x) - r_y \\rVert$, where \
      $r_y$ is the mean of $f_{inv}$ over the first training images of the class (Feige, ICML 2019). It works \
      with the features of any model.
      """,
    example: "prototypes(eq, train: fashion.train, test: fashion.test).accuracy"
  ) { context, source, train, test, most, block, baselines in
    .object(
      try PrototypeMeasurement(most: most).score(
        source, block: block, train: train, test: test, baselines: baselines,
        in: CellContext.of(context)))
  }

  static let classification = Command(
    "classification", "Classifies test images by what the model itself says of their class.",
    parameters: Parameter<ModelObject>("model", label: .none, "a model that tells classes"),
    Parameter<ImageSetObject>("test", "the images to classify"),
    returns: "Score", topic: "measuring",
    discussion: "The class of the highest probability $q(y|x)$.",
    example: "classification(eq, test: fashion.test).accuracy"
  ) { context, model, test in
    guard let method = model.method as? any Classifying else {
      throw CellError(
        .typeError, "\(model.card.word) does not say of which class an image is",
        fix: "measure its features: knn(model, train: fashion.train, test: fashion.test)")
    }
    guard test.images.classNames == method.format.classNames,
      test.images.imageShape == method.format.shape
    else {
      throw CellError(
        .argumentError, "the model was made for the classes and images of \(method.format.name)",
        fix: "take the test images from the same data set")
    }
    var answers: [Int] = []
    try test.images.eachPart(in: context, "classifying") { _, part in
      answers += try method.classProbabilities(of: part).argumentOfMaximum()
    }
    return .object(
      ScoreObject(
        score(
          "accuracy by q(y|x)", answers, test,
          protocolText: "\(model.card.word)'s own class probabilities, \(model.training); "
            + "test \(test.images.recipe)")))
  }

  static let complementErrors = Command(
    "complementErrors",
    "Draws the error by the nearest mean feature against the number of images that are averaged.",
    parameters: Parameter<ModelObject>("model", label: .none, "the model"),
    Parameter<ImageSetObject>("train", "the labelled images to average"),
    Parameter<ImageSetObject>("test", "the images to classify"),
    Parameter<[Int]>(
      "complements", default: [1, 2, 5, 10, 100], in: 1..., "the numbers of images of a class"),
    Parameter<Int>(
      "draws", default: 5, in: 1...100, "random choices of the images for each number"),
    Parameter<Int>("seed", default: 1, in: 0..., "the seed of the choices"),
    returns: "Figure", topic: "measuring",
    discussion: """
      For each number m, r of a class is the mean of m of its images, chosen at random `draws` times; the \
      bar is the mean error and its line the standard deviation over the choices. The last bar takes all \
      images, 1,000 a class at most.
      """,
    example: "complementErrors(eq, train: fashion.train, test: fashion.test)"
  ) { context, model, train, test, numbers, draws, seed in
    let context = try CellContext.of(context)
    try PrototypeMeasurement(most: 1000).check(train.images, test.images)
    let subject = Subject(model, block: nil, in: context)
    let known = try train.images.beginning(withEachClass: 1000)
    let features = try subject.features(of: known, in: context)
    let queries = try subject.features(of: test.images, in: context)
    func error(_ most: Int, _ generator: Generator?) throws -> Double {
      if context.isInterrupted { throw CellError(.interrupted, "the measurement was interrupted") }
      let answers = try NearestPrototypes(
        features: features, labels: known.labels, classNames: known.classNames, most: most,
        using: generator
      ).classify(queries)
      return 1 - score("", answers, test, protocolText: "").accuracy
    }
    var bars: [BarChart.Bar] = []
    var errors: [Value] = []
    let fewest = known.classCounts.min() ?? 0
    for number in numbers where number < fewest {
      let found = try (0..<draws).map { draw in
        try error(number, Generator(seed: UInt64(seed)).split(.evaluation, number << 8 | draw))
      }
      let mean = found.reduce(0, +) / Double(draws)
      let spread = found.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, draws - 1))
      bars.append(
        .init(
          "m = \(number)", value: 100 * mean, error: draws > 1 ? 100 * spread.squareRoot() : nil))
      errors.append(.number(mean))
    }
    let all = try error(1000, nil)
    let most = min(1000, known.classCounts.max() ?? 0)
    bars.append(.init("all (\(Written.count(most)))", value: 100 * all, color: 1))
    errors.append(.number(all))
    return try context.show(
      BarChart(
        title: "\(model.card.word): error against the number of complements",
        subtitle: "nearest mean of m random images a class, \(draws) "
          + "draw\(draws == 1 ? "" : "s") ± standard deviation, seed \(seed), "
          + "\(Written.count(test.images.count)) test images; \(model.training)",
        valueLabel: "test error, %", bars: bars, decimals: 1),
      values: [("errors", "the mean errors in the order of the bars", .array(errors))])
  }

  private static func score(
    _ name: String, _ answers: [Int], _ test: ImageSetObject, protocolText: String
  ) -> Score {
    Score(
      name: name, right: zip(answers, test.images.labels).count { $0 == $1 },
      count: answers.count, protocolText: protocolText)
  }
}
