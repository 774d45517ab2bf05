import CellLanguage
import Datasets
import JupyterProtocol
import Layers
import Methods
import Training

/// A training run in a cell: `run.loss`, `run.metrics`, `run.samplesPerSecond`, `run.status`.
final class RunObject: HostConvertible, Displayable {
  static let typeDescription = "run"
  let typeName = "Run"
  let run: TrainingRun
  /// What is trained.
  ///
  /// Not the `ModelObject`: it holds its runs, and each would keep the other alive.
  let method: any Method
  let images: ImageSetObject
  /// The images whose labels it may use, where they are not those of all.
  let labelled: ImageSetObject?
  /// What was asked for.
  let recipe: RunRecipe
  /// The rule of the steps, for the record.
  let optimiser: String
  /// Its number in the workspace's store, where it could be recorded.
  let record: Int?
  let options: [(name: String, text: String)]
  let modelSeed: UInt64
  private let trained: Weakly
  private struct Weakly: Sendable {
    weak let model: ModelObject?
  }

  init(
    _ run: TrainingRun, of model: ModelObject, on images: ImageSetObject,
    labelled: ImageSetObject?, recipe: RunRecipe, optimiser: String, record: Int?
  ) {
    self.run = run
    method = model.learner
    trained = Weakly(model: model)
    options = model.options
    modelSeed = model.seed
    self.images = images
    self.labelled = labelled
    self.recipe = recipe
    self.optimiser = optimiser
    self.record = record
  }

  /// The model that it trains, while a cell or something else holds it.
  func model() -> ModelObject? { trained.model }

  /// The mean loss over the steps of the last epoch, or of what there is of it.
  var finalLoss: Double? {
    guard let losses = run.history["loss"], !losses.isEmpty else { return nil }
    let inEpoch = (losses.count - 1) % run.plan.stepsPerEpoch + 1
    let last = losses.suffix(inEpoch)
    return last.reduce(0.0) { $0 + Double($1) } / Double(last.count)
  }

  var members: [Member] {
    [
      Member("loss", "the mean loss over the last epoch"),
      Member("losses", "the loss by step"),
      Member("metrics", "every term of the loss by step"),
      Member("constantPredictorLoss", "the loss of a predictor that always says the mean"),
      Member("samplesPerSecond", "images trained on each second"),
      Member("seconds", "seconds of training"),
      Member("status", "running, completed, interrupted or failed"),
      Member("steps", "steps taken"),
      Member("epochs", "epochs in all"),
      Member("seed", "the seed of data order and transformations"),
      Member("averaged", "a copy of the model with the moving average of its weights"),
    ]
  }

  func member(_ name: String) throws -> Value {
    switch name {
    case "loss": return finalLoss.map { .number($0) } ?? .none
    case "losses": return Self.numbers(run.history["loss"] ?? [])
    case "metrics":
      var dictionary = ValueDictionary()
      for (name, values) in run.history.sorted(by: { $0.key < $1.key }) {
        dictionary[name] = Self.numbers(values)
      }
      return .dictionary(dictionary)
    case "constantPredictorLoss":
      return method.constantPredictorLoss.map { .number($0) } ?? .none
    case "samplesPerSecond": return .number(run.progress.imagesPerSecond)
    case "seconds": return .number(run.progress.seconds)
    case "status": return .string(run.status.word)
    case "steps": return .integer(run.step)
    case "epochs": return .integer(run.plan.epochs)
    case "averaged": return .object(try averaged())
    default: return .integer(Int(clamping: run.options.seed))
    }
  }

  /// A model of its own with the averages as they are now, and the running statistics of the trained one.
  private func averaged() throws -> ModelObject {
    guard run.average != nil else {
      throw CellError(
        .argumentError, "the run kept no moving average", fix: "train with average: 0.999")
    }
    let twin = try run.betweenSteps {
      let twin = try method.copied(seed: modelSeed)
      try run.average?.assign(to: twin.parameters)
      return twin
    }
    let model = ModelObject(twin, seed: modelSeed, options: options)
    model.came(from: "the moving average of a run", steps: run.step)
    return model
  }

  /// The terms of the loss by step, where there are several.
  var terms: [(name: String, values: [Float])] {
    let history = run.history
    return run.termNames.filter { $0 != "loss" }.map { ($0, history[$0] ?? []) }
  }

  private static func numbers(_ values: [Float]) -> Value {
    .array(values.map { .number(Double($0)) })
  }

  /// What is trained on what.
  var title: String {
    "\(type(of: method).card.word) on \(images.images.name), \(Written.count(images.images.count)) images"
  }

  var summary: String {
    let loss = finalLoss.map { ", loss \(Written.decimals($0, 4))" } ?? ""
    return "run of \(title): \(run.status.word), step \(Written.count(run.step)) of "
      + "\(Written.count(run.plan.steps))\(loss)"
  }

  func bundle() throws -> MIMEBundle {
    try Picture(
      figure: TrainingPanel(
        title: title, progress: run.progress, status: run.status,
        losses: run.history["loss"] ?? [], terms: terms,
        reference: method.constantPredictorLoss),
      cell: ""
    ).bundle()
  }
}
