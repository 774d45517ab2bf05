import CellLanguage
import Datasets
import Methods

/// The word that compares: several models by one protocol, or several runs by what is recorded of them.
enum ComparisonWords {
  static let all: [Command] = [compare]

  static let compare = Command(
    "compare", "Measures several models by one protocol, or shows what tells runs apart.",
    parameters: Parameter<Compared>("first", label: .none, "the models in an array, or a run"),
    Parameter<RunReference?>("second", label: .none, "the run to compare with"),
    Parameter<ImageSetObject?>(
      "train", "the labelled images that models learn from or are compared with"),
    Parameter<ImageSetObject?>("test", "the images that models classify"),
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
      the numbers by the names of the rows. Of runs, as `train` returns them or by their numbers in `runs()`, \
      the table has what differs: options, data, seed, build, host and results; the picture has their losses.
      """,
    example:
      "compare([aet, vq], train: small, test: fashion.test, by: .probe(.convolution))\ncompare(1, 2)"
  ) { context, first, second, train, test, choice, block, baselines, seed in
    let context = try CellContext.of(context)
    let models: [ModelObject]
    switch first {
    case .runs(let selection):
      guard train == nil, test == nil else {
        throw CellError(
          .argumentError, "runs are compared by what is recorded of them",
          fix: "leave out train: and test:")
      }
      return try compared(selection, and: second, in: context)
    case .models(let given): models = given
    }
    guard !models.isEmpty else {
      throw CellError(
        .argumentError, "there are no models to compare", fix: "write compare([aet], …)")
    }
    guard second == nil, let train = train?.images, let test = test?.images else {
      throw CellError(
        .argumentError, "models are measured on images",
        fix: "write compare([aet, vq], train: small, test: fashion.test)")
    }
    let measurement = try choice.measurement(seed: UInt64(seed))
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

  /// Shows what tells runs apart, and their losses.
  private static func compared(
    _ selection: RunSelection, and second: RunReference?, in context: CellContext
  ) throws -> Value {
    let chosen = RunSelection(references: selection.references + (second.map { [$0] } ?? []))
    let runs = try chosen.runs(in: context.workspace.journal)
    guard Set(runs.map(\.id)).count == runs.count, (2...8).contains(runs.count) else {
      throw CellError(
        .argumentError,
        "compare takes 2 to 8 different runs, not \(runs.count == 1 ? "one" : "these")",
        fix: "write compare(run, 2), or compare(runs(last: 2))")
    }
    let comparison = try RunComparison(runs, in: context)
    let value = try context.show(comparison)
    if let figure = comparison.figure { _ = try context.show(figure) }
    return value
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
