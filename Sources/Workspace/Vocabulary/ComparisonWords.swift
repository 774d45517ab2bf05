import CellLanguage
import Datasets
import Methods

/// The word that measures several models by one protocol.
enum ComparisonWords {
  static let all: [Command] = [compare]

  static let compare = Command(
    "compare", "Measures several models by one protocol, in one table.",
    parameters: Parameter<[ModelObject]>("models", label: .none, "the models"),
    Parameter<ImageSetObject>("train", "the labelled images to learn from or to compare with"),
    Parameter<ImageSetObject>("test", "the images to classify"),
    Parameter<MeasurementChoice>(
      "measurement", label: .label("by"), default: .knn(neighbours: 200, isWeighted: true),
      "how the features are measured"),
    Parameter<Int?>(
      "block", in: 1..., "the block that is measured; each model's own unless given"),
    Parameter<Bool>(
      "baselines", default: true,
      "whether the untrained encoders and the raw pixels are measured, too"),
    Parameter<Int>("seed", default: 1, in: 0..., "the seed of a probe"),
    returns: "Comparison", topic: "measuring",
    discussion: """
      `.knn` and `.probe` measure as the words `knn` and `probe` do: `.knn(k: 5, weighted: false)`, \
      `.probe(.convolution, epochs: 20)`. Untrained encoders that are the same share a row. `.accuracies` gives \
      the numbers by the names of the rows.
      """,
    example:
      "compare([aet, vq], train: small, test: fashion.test, by: .probe(.convolution))"
  ) { context, models, train, test, choice, block, baselines, seed in
    let context = try CellContext.of(context)
    guard !models.isEmpty else {
      throw CellError(
        .argumentError, "there are no models to compare", fix: "write compare([aet], …)")
    }
    let measurement = try choice.measurement(seed: UInt64(seed))
    let (train, test) = (train.images, test.images)
    try measurement.check(train, test)
    var subjects = models.map { Subject($0, block: block, in: context) }
    if baselines {
      subjects += try untrained(models, block: block, seeing: train) + [.pixels]
    }
    subjects = distinguished(subjects)
    let rows = try subjects.map {
      try measurement.row($0, train: train, test: test, in: context)
    }
    return .object(
      ComparisonObject(
        rows.map { ScoreObject($0, beside: [], by: measurement, train: train, test: test) },
        table: measurement.table(rows, train: train, test: test)))
  }

  /// The models as they were before their first steps; those whose encoders are the same share a row.
  private static func untrained(
    _ models: [ModelObject], block: Int?, seeing images: ImageSet
  ) throws -> [Subject] {
    var twins: [(subject: Subject, words: [String])] = []
    for model in models {
      guard let twin = try Subject.untrained(model, block: block, seeing: images) else { continue }
      let word = model.card.word
      if let place = twins.firstIndex(where: { $0.subject.key == twin.key }) {
        if !twins[place].words.contains(word) { twins[place].words.append(word) }
      } else {
        twins.append((twin, [word]))
      }
    }
    return twins.map { $0.subject.named("untrained " + $0.words.joined(separator: ", ")) }
  }

  /// Numbers the rows whose names are the same.
  private static func distinguished(_ subjects: [Subject]) -> [Subject] {
    var known: [String: Int] = [:]
    return subjects.map { subject in
      known[subject.name, default: 0] += 1
      let number = known[subject.name] ?? 1
      return number == 1 ? subject : subject.named("\(subject.name) (\(number))")
    }
  }
}
