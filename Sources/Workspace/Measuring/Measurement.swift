import CellLanguage
import Datasets
import Evaluation

/// A way to measure features by the classes of images: the same for every row of a table.
protocol Measurement: Sendable {
  /// The word that measures so.
  var word: String { get }
  /// The protocol in words, without the features and the data.
  var text: String { get }
  /// What becomes of a block's maps before they are measured: `averaged over the image`.
  var reading: String { get }
  /// The seed of what is drawn; `nil` where nothing is.
  var seed: UInt64? { get }
  /// The title of the score: `weighted kNN accuracy`.
  var title: String { get }
  /// Measures one row.
  func measure(
    _ subject: Subject, train: ImageSet, test: ImageSet, in context: CellContext
  ) throws -> Measured
}

/// What a measurement finds out about one row.
struct Measured: Sendable {
  /// The answers to the test images.
  let answers: [Int]
  /// More columns of the table.
  var cells: [(title: String, text: String)] = []
  /// More numbers for cells, by name.
  var values: [(name: String, help: String, value: Value)] = []
}

/// A row of a table of scores.
struct ScoreRow: Sendable {
  let subject: Subject
  let score: Score
  let measured: Measured
}

extension Measurement {
  /// The row of one subject.
  func row(
    _ subject: Subject, train: ImageSet, test: ImageSet, in context: CellContext
  ) throws -> ScoreRow {
    let key = subject.key.map {
      [
        $0, title, text, "\(seed ?? 0)", train.recipe, train.checksum, test.recipe, test.checksum,
      ].joined(separator: "\n")
    }
    if let key, let known = context.workspace.baselines.row(key) {
      return ScoreRow(subject: subject, score: known.score, measured: known.measured)
    }
    let measured = try measure(subject, train: train, test: test, in: context)
    let features = subject.isEncoder ? "\(subject.origin), \(reading)" : subject.origin
    let row = ScoreRow(
      subject: subject,
      score: Score(
        name: title, answers: measured.answers, labels: test.labels,
        protocolText: "features: \(features); \(text); train \(train.recipe), test \(test.recipe)",
        seed: seed), measured: measured)
    if let key { context.workspace.baselines.keep(row, as: key) }
    if let weights = subject.weights {
      subject.model?.add(MeasuredScore(row.score, on: test), of: weights)
    }
    return row
  }

  /// The row of a model or of the pixels, and beside a model those of its encoder untrained and of the
  /// pixels.
  func score(
    _ source: FeatureSource, block: Int?, train: ImageSetObject, test: ImageSetObject,
    baselines: Bool, in context: CellContext
  ) throws -> ScoreObject {
    let (train, test) = (train.images, test.images)
    try check(train, test)
    let own = try row(
      source.subject(block: block, in: context), train: train, test: test, in: context)
    var others: [ScoreRow] = []
    if baselines, case .model(let model) = source {
      if let untrained = try Subject.untrained(model, block: block, seeing: train) {
        others.append(try row(untrained, train: train, test: test, in: context))
      }
      others.append(try row(.pixels, train: train, test: test, in: context))
    }
    return ScoreObject(own, beside: others, by: self, train: train, test: test)
  }

  /// Refuses sets that cannot be compared.
  func check(_ train: ImageSet, _ test: ImageSet) throws {
    guard train.classNames == test.classNames else {
      throw CellError(
        .argumentError, "the two sets have different classes", fix: "take both from one data set")
    }
  }

  /// The rows under common heads, with the protocol below.
  func table(_ rows: [ScoreRow], train: ImageSet, test: ImageSet) -> Table {
    let more = rows.first?.measured.cells.map(\.title) ?? []
    let lines = rows.map { row in
      let interval = row.score.interval
      return [
        row.subject.name, Written.percent(row.score.accuracy),
        Written.decimals(100 * interval.lowerBound, 1) + "–"
          + Written.percent(interval.upperBound),
      ] + row.measured.cells.map(\.text)
    }
    let features = rows.filter(\.subject.isEncoder).map {
      "\($0.subject.name): \($0.subject.origin)"
    }
    return Table(
      "\(title), \(Written.count(test.count)) images of \(test.name)",
      columns: [
        .init("features"), .init("accuracy", isNumeric: true),
        .init("95 % interval", isNumeric: true),
      ] + more.map { .init($0, isNumeric: true) },
      rows: lines,
      notes: [
        "\(text); " + (features.isEmpty ? "" : "blocks \(reading); ")
          + "train \(train.recipe), test \(test.recipe); "
          + (seed.map { "seed \($0)" } ?? "nothing is drawn")
      ] + (features.isEmpty ? [] : [features.joined(separator: "; ")]))
  }
}
