import Datasets
import Evaluation
import Synchronization

/// What models were measured to, for their cards.
final class MeasuredScores: Sendable {
  /// A score, the images that it was measured on, and the steps that the model had taken by then.
  struct Entry: Sendable {
    let score: Score
    let test: ImageSet
    let steps: Int
  }

  private struct Scores: Sendable {
    weak var model: ModelObject?
    var entries: [Entry]
  }

  private let state = Mutex<[ObjectIdentifier: Scores]>([:])

  /// Keeps a score; one of the same protocol takes the place of the one before.
  func add(_ score: Score, of model: ModelObject, on test: ImageSet) {
    let entry = Entry(score: score, test: test, steps: model.steps)
    state.withLock { state in
      state = state.filter { $0.value.model != nil }
      var entries = state[ObjectIdentifier(model)]?.entries ?? []
      entries.removeAll {
        $0.score.name == score.name && $0.score.protocolText == score.protocolText
          && $0.score.seed == score.seed
      }
      state[ObjectIdentifier(model)] = Scores(model: model, entries: entries + [entry])
    }
  }

  /// What a model was measured to as it is now, oldest first.
  func of(_ model: ModelObject) -> [Entry] {
    let steps = model.steps
    return state.withLock { state in
      guard let scores = state[ObjectIdentifier(model)], scores.model === model else { return [] }
      return scores.entries.filter { $0.steps == steps }
    }
  }
}
