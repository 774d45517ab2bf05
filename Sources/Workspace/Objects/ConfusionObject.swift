import CellLanguage
import Datasets
import Evaluation
import JupyterProtocol
import Methods
import Tensors

/// How often a model takes a class, or a transformation, for another.
struct ConfusionCounts {
  /// The names of the classes.
  let names: [String]
  /// By true class, then by answer.
  let counts: [[Int]]
  /// What was classified: `every turn of 1,000 images`.
  let subject: String

  /// Classifies a set of images, a part at a time.
  init(_ model: ModelObject, on images: ImageSet, in context: CellContext) throws {
    guard images.imageShape == model.format.shape else {
      throw TensorError.shape(
        operation: "confusion", shapes: [images.imageShape, model.format.shape],
        fix: "the model takes images of \(Written.shape(model.format.shape))")
    }
    let answer: (Tensor, [Int]) throws -> [(truth: Int, answer: Int)]
    switch model.method {
    case let method as any ClassifyingTransformations:
      names = method.transformationNames
      subject = "every transformation of \(Written.count(images.count)) images"
      answer = { part, _ in
        let found = try method.classifyTransformations(of: part).probabilities.argumentOfMaximum()
        return found.enumerated().map { ($0.offset / part.shape[0], $0.element) }
      }
    case let method as any Classifying:
      guard images.classNames == method.format.classNames else {
        throw CellError(
          .argumentError, "the model knows other classes than these images have",
          fix: "take images of \(method.format.name)")
      }
      names = images.classNames
      subject = "\(Written.count(images.count)) images"
      answer = { part, labels in
        let found = try method.classProbabilities(of: part).argumentOfMaximum()
        return zip(labels, found).map { ($0, $1) }
      }
    default:
      throw CellError(
        .typeError, "\(model.card.word) does not classify",
        fix: "Supervised and RotNet do: Supervised(for: fashion)")
    }
    var counts = [[Int]](repeating: [Int](repeating: 0, count: names.count), count: names.count)
    try images.eachPart(in: context, "classifying") { places, part in
      for pair in try answer(part, Array(images.labels[places])) {
        counts[pair.truth][pair.answer] += 1
      }
    }
    self.counts = counts
  }

  /// The number of right answers.
  var right: Int { counts.indices.reduce(0) { $0 + counts[$1][$1] } }
  /// The number of answers.
  var count: Int { counts.joined().reduce(0, +) }
}

/// A table of confusions in a cell: `confusion(rotnet, on: …).accuracy`.
final class ConfusionObject: HostConvertible, Displayable {
  static let typeDescription = "table of confusions"
  let typeName = "Confusion"
  private let counts: ConfusionCounts
  let score: Score

  init(_ counts: ConfusionCounts, protocolText: String) {
    self.counts = counts
    score = Score(
      name: "accuracy", right: counts.right, count: counts.count, protocolText: protocolText)
  }

  var members: [Member] {
    [
      Member("accuracy", "the share of right answers, from 0 to 1"),
      Member("count", "the number of answers"),
      Member("lower", "the lower end of the 95 % interval"),
      Member("upper", "the upper end of the 95 % interval"),
      Member("counts", "how often each class, in its order, was taken for each"),
      Member("protocol", "all that the numbers depend on"),
    ]
  }

  func member(_ name: String) throws -> Value {
    switch name {
    case "accuracy": .number(score.accuracy)
    case "count": .integer(score.count)
    case "lower": .number(score.interval.lowerBound)
    case "upper": .number(score.interval.upperBound)
    case "counts": .array(counts.counts.map { .array($0.map { .integer($0) }) })
    default: .string(score.protocolText)
    }
  }

  var summary: String {
    "accuracy \(Written.percent(score.accuracy)) (95 % interval "
      + "\(Written.percent(score.interval.lowerBound)) to "
      + "\(Written.percent(score.interval.upperBound)))"
  }

  func bundle() throws -> MIMEBundle {
    Table(
      summary,
      columns: [.init("true")] + counts.names.map { .init($0, isNumeric: true) } + [
        .init("right", isNumeric: true)
      ],
      rows: counts.names.indices.map { row in
        let all = counts.counts[row].reduce(0, +)
        let share = Double(counts.counts[row][row]) / Double(max(1, all))
        return [counts.names[row]] + counts.counts[row].map { Written.count($0) }
          + [all == 0 ? "–" : Written.percent(share)]
      }, notes: [score.protocolText]
    ).bundle()
  }
}
