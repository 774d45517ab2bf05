import CellLanguage
import Datasets
import Evaluation
import Tensors

/// Classification by the nearest training images, with the unweighted votes of the field's tables beside.
struct NeighbourMeasurement: Measurement {
  /// The numbers of neighbours of AVT's table, unweighted.
  static let usual = [1, 3, 5, 10, 15, 20]

  /// The vote that the score is of.
  let vote: NearestNeighbours.Vote

  var word: String { "knn" }
  var text: String {
    "k = \(vote.neighbours), cosine, "
      + (vote.temperature.map { "weights exp(cos / τ) with τ = \($0)" } ?? "unweighted")
  }
  var reading: String { "averaged over the image" }
  var seed: UInt64? { nil }
  var title: String { vote.temperature == nil ? "kNN accuracy" : "weighted kNN accuracy" }

  func measure(
    _ subject: Subject, train: ImageSet, test: ImageSet, in context: CellContext
  ) throws -> Measured {
    let beside = Self.usual.filter { $0 <= train.count }
    let classifier = try NearestNeighbours(
      features: subject.features(of: train, in: context), labels: train.labels,
      votes: [vote] + beside.map { .init(neighbours: $0) })
    let queries = try subject.features(of: test, in: context)
    var answers = [[Int]](repeating: [], count: beside.count + 1)
    for start in stride(from: 0, to: queries.shape[0], by: 1024) {
      if context.isInterrupted { throw CellError(.interrupted, "the comparison was interrupted") }
      let part = try queries.rows(start..<min(start + 1024, queries.shape[0]))
      for (place, found) in try classifier.winners(for: part).enumerated() {
        answers[place] += found
      }
    }
    var dictionary = ValueDictionary()
    var cells: [(title: String, text: String)] = []
    for (k, found) in zip(beside, answers.dropFirst()) {
      let right = zip(found, test.labels).count { $0 == $1 }
      let share = Double(right) / Double(max(1, test.count))
      cells.append((k == beside.first ? "unweighted k = \(k)" : "\(k)", Written.percent(share)))
      dictionary["\(k)"] = .number(share)
    }
    return Measured(
      answers: answers[0], cells: cells,
      values: [("unweighted", "the accuracies of unweighted votes by k", .dictionary(dictionary))])
  }
}
