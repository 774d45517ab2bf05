import CellLanguage
import JupyterProtocol
import Layers
import Methods
import Synchronization
import Training

/// A model in a cell: its card, its options and what it was trained on.
final class ModelObject: HostConvertible, Displayable {
  static let typeDescription = "model"
  let typeName = "Model"
  /// What learns.
  let learner: any Method
  let seed: UInt64
  /// The options with which it was made, as they are written in a cell.
  let options: [(name: String, text: String)]
  private let history = Mutex<[RunObject]>([])

  /// The number of trainable values.
  ///
  /// Counted once: completion asks for it while the model trains.
  let trainableCount: Int

  init(_ method: any Method, seed: UInt64, options: [(name: String, text: String)]) {
    learner = method
    trainableCount = method.trainableCount
    self.seed = seed
    self.options = options
  }

  private struct Background: Sendable {
    let run: TrainingRun
    var copy: (step: Int, method: any Method)?
  }
  private let background = Mutex<Background?>(nil)

  /// The method as it is between two steps: what learns, or a copy of it while that trains in the background.
  ///
  /// A copy shares its tensors with the learner until the next step replaces them.
  var method: any Method {
    background.withLock { background in
      guard let run = background?.run else { return learner }
      let copy = run.betweenSteps { () -> (step: Int, method: any Method)? in
        if let copy = background?.copy, copy.step == run.step { return copy }
        return (try? learner.copied(seed: seed)).map { (run.step, $0) }
      }
      background?.copy = copy
      // What was made once can be made again; if not, the learner itself is still whole tensors.
      return copy?.method ?? learner
    }
  }

  /// Whether a run trains it in the background.
  var isTraining: Bool { background.withLock { $0 != nil } }

  /// Says that a run trains it in the background from now on; false where another one does already.
  func beginTraining(_ run: TrainingRun) -> Bool {
    background.withLock { background in
      guard background == nil else { return false }
      background = Background(run: run)
      return true
    }
  }

  /// Says that the training in the background has ended.
  func endTraining() { background.withLock { $0 = nil } }

  /// The runs that trained it, oldest first.
  var runs: [RunObject] { history.withLock { $0 } }

  func add(_ run: RunObject) { history.withLock { $0.append(run) } }

  // What training does not change is asked of the learner: a copy would cost every completion the weights.

  var card: MethodCard { type(of: learner).card }

  /// The images that it takes.
  var format: ImageFormat { learner.format }

  /// Where the parameters come from that no run of this model trained: the source in words, the steps and
  /// the normalised batches that it tells of, the runs before they were taken.
  private struct Origin: Sendable {
    let source: String
    let steps: Int?
    let batches: Int?
    let runs: Int
  }
  private let origin = Mutex<Origin?>(nil)

  /// What a workspace keeps of it besides its weights and runs: where the weights came from, and what they were
  /// measured to.
  struct Past: Sendable {
    var source: String?
    var steps: Int?
    var batches: Int?
    var runs: Int
    /// The runs that a workspace keeps and that could not be loaded.
    var missing: [Missing] = []
    var scores: [MeasuredScore] = []
  }

  /// A run that could not be loaded: its number in the workspace, its place among all, the steps that it took, and
  /// whether other weights have taken the place of those that it left.
  struct Missing: Sendable {
    let number: Int, place: Int, steps: Int
    var isBefore: Bool
  }

  /// Where the parameters came from before the current runs.
  var past: Past {
    origin.withLock {
      Past(
        source: $0?.source, steps: $0?.steps, batches: $0?.batches, runs: $0?.runs ?? 0,
        missing: missingRuns.withLock { $0 }, scores: scores)
    }
  }

  /// Takes back what a workspace kept.
  func restore(_ past: Past, runs: [RunObject]) {
    history.withLock { $0 = runs }
    missingRuns.withLock { $0 = past.missing }
    origin.withLock { origin in
      origin = past.source.map {
        Origin(source: $0, steps: past.steps, batches: past.batches, runs: past.runs)
      }
    }
    replacements.add(1, ordering: .relaxed)
    let weights = revision.tensors
    measured.withLock { $0 = (weights, past.scores, $0.count + 1) }
  }

  private let missingRuns = Mutex<[Missing]>([])

  /// How often the parameters were replaced by something else than training.
  private let replacements = Atomic<Int>(0)

  /// What there is to keep: the weights, and what they were measured to.
  var revision: Revision {
    let steps = runs.map { "\($0.run.step) \($0.run.status.word)" }
    return Revision(
      tensors: "\(replacements.load(ordering: .relaxed)): \(steps.joined(separator: ", "))",
      measurements: measured.withLock { $0.count })
  }

  /// What it was measured to, with which weights, and how often.
  private let measured = Mutex<(weights: String, scores: [MeasuredScore], count: Int)>(("", [], 0))

  /// What the model was measured to as it is now, oldest first.
  var scores: [MeasuredScore] {
    let weights = revision.tensors
    return measured.withLock { $0.weights == weights ? $0.scores : [] }
  }

  /// Notes a score, in place of the one by the same protocol, unless the model has other weights by now.
  ///
  /// - Parameter weights: `revision.tensors` as it was when the model was looked at.
  func add(_ score: MeasuredScore, of weights: String) {
    guard weights == revision.tensors else { return }
    let others = scores.filter { !$0.isReplaced(by: score) }
    measured.withLock { $0 = (weights, others + [score], $0.count + 1) }
  }

  /// The runs that trained the parameters as they are: those since the last `load`, oldest first.
  var currentRuns: [RunObject] { Array(runs.dropFirst(origin.withLock { $0?.runs ?? 0 })) }

  /// Steps of the runs that trained the parameters as they are, those that could not be loaded among them.
  private var currentSteps: Int {
    let missing = missingRuns.withLock { $0.filter { !$0.isBefore }.reduce(0) { $0 + $1.steps } }
    return currentRuns.reduce(missing) { $0 + $1.run.step }
  }

  /// Steps behind the parameters as they are, those that a loaded file tells of among them.
  var steps: Int { (origin.withLock { $0?.steps } ?? 0) + currentSteps }

  /// The batches that the normalisations have seen, as PyTorch counts them: one a branch.
  var batches: Int {
    let told = origin.withLock { $0.map { ($0.batches, $0.steps ?? 0) } }
    let before = told.map { $0.0 ?? $0.1 * learner.branches } ?? 0
    return before + currentSteps * learner.branches
  }

  /// Notes that the parameters were replaced; the numbers are what the source says of them.
  func came(from source: String, steps: Int?, batches: Int? = nil) {
    let count = runs.count
    replacements.add(1, ordering: .relaxed)
    missingRuns.withLock { missing in
      for index in missing.indices { missing[index].isBefore = true }
    }
    origin.withLock { $0 = Origin(source: source, steps: steps, batches: batches, runs: count) }
  }

  /// How far it was trained: `untrained`, `after 234 steps, from "aet.safetensors"`.
  var training: String {
    let source = origin.withLock { $0?.source }
    let words =
      steps > 0
      ? "after \(Written.count(steps)) steps" : source == nil ? "untrained" : "steps unknown"
    return source.map { "\(words), from \($0)" } ?? words
  }

  var members: [Member] {
    [
      Member("parameters", "the number of trainable values"),
      Member("multiplyAdds", "the multiply-adds of one image through all layers"),
      Member("steps", "the training steps taken so far"),
      Member("seed", "the seed of its first weights"),
      Member("constantPredictorLoss", "the loss of a predictor that always says the mean"),
      Member("options", "the options that it was made with"),
      Member("runs", "the runs that trained it, oldest first"),
    ]
  }

  func member(_ name: String) throws -> Value {
    switch name {
    case "parameters": return .integer(trainableCount)
    case "multiplyAdds":
      return .integer(try learner.layers().reduce(0) { $0 + $1.multiplyAdds })
    case "steps": return .integer(steps)
    case "seed": return .integer(Int(clamping: seed))
    case "runs": return .array(runs.map { .object($0) })
    case "constantPredictorLoss": return learner.constantPredictorLoss.map { .number($0) } ?? .none
    default:
      var dictionary = ValueDictionary()
      for option in options { dictionary[option.name] = .string(option.text) }
      return .dictionary(dictionary)
    }
  }

  var summary: String {
    "\(card.word) (\(card.title), \(card.year)) for \(format.name), "
      + "\(Written.count(trainableCount)) parameters, "
      + training
  }

  func bundle() throws -> MIMEBundle { try ModelCard(self).bundle() }
}
