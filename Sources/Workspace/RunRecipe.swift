import CellLanguage
import Datasets
import JupyterProtocol
import Methods
import Training

/// What `train` was asked for, from which a run is made and can be made again.
struct RunRecipe: Sendable {
  var epochs: Int
  var batch: Int?
  var learningRate: Double?
  var schedule: ScheduleChoice
  var warmUp: Double?
  var optimiser: OptimiserChoice
  var momentum: Double?
  var weightDecay: Double?
  var rates: [String: Double]
  var frozen: [String]
  var average: Double?
  var precision: PrecisionChoice
  var seed: Int

  /// The factors on the learning rate by path: the method's own, unless the user says otherwise.
  func factors(of method: any Method) -> [String: Double] {
    method.rates.mapValues { Double($0) }.merging(rates) { $1 }
  }

  /// Images a step.
  func batch(for method: any Method) -> Int { batch ?? type(of: method).defaults.batch }

  /// The run, before its first step.
  ///
  /// - Throws: `TensorError` or `CellError` when an option is out of its range.
  func run(
    of method: any Method, on images: ImageSet, labelled: ImageSet?
  ) throws -> (run: TrainingRun, rule: any Optimiser) {
    let defaults = type(of: method).defaults
    let rule = try optimiser.rule(momentum: momentum, weightDecay: weightDecay)
    let plan = RunPlan(
      images: images.count, batch: min(batch(for: method), images.count), epochs: epochs)
    let run = try TrainingRun(
      method, on: ImageBatches(images, labelled: labelled),
      options: .init(
        epochs: epochs, batch: batch(for: method),
        rate: learningRate.map { Float($0) } ?? defaults.rate,
        schedule: schedule.schedule(plan, warmUp: warmUp), seed: UInt64(seed),
        averageDecay: average.map { Float($0) }, precision: precision.precision),
      optimiser: rule, groups: groups(of: method))
    return (run, rule)
  }

  /// The groups of a run: what is frozen first, then the longer paths before those that they lie under.
  private func groups(of method: any Method) -> [ParameterGroup] {
    let ordered = factors(of: method).sorted {
      ($1.key.utf8.count, $0.key) < ($0.key.utf8.count, $1.key)
    }
    return frozen.map { ParameterGroup([$0], rate: 0) }
      + ordered.map { ParameterGroup([$0.key], rate: Float($0.value)) }
  }

  // MARK: As JSON

  /// The recipe as it is kept in the workspace.
  var json: JSONValue {
    func real(_ number: Double?) -> JSONValue { number.map { .number($0) } ?? .null }
    return [
      "epochs": .integer(epochs), "batch": batch.map { .integer($0) } ?? .null,
      "learningRate": real(learningRate), "schedule": .string(schedule.cellText),
      "warmUp": real(warmUp), "optimiser": .string(optimiser.rawValue), "momentum": real(momentum),
      "weightDecay": real(weightDecay),
      "rates": .array(
        rates.sorted { $0.key < $1.key }.map { .array([.string($0.key), .number($0.value)]) }),
      "frozen": .array(frozen.map { .string($0) }), "average": real(average),
      "precision": .string(precision.rawValue), "seed": .integer(seed),
    ]
  }

  /// Reads what `json` gave.
  ///
  /// - Parameter value: computes an expression, for the schedule.
  /// - Throws: `NotKept` for anything else, and what `value` throws.
  init(_ json: JSONValue, value: (String) throws -> Value) throws {
    func real(_ key: String) -> Double? {
      switch json[key] {
      case .number(let number)?: number
      case .integer(let integer)?: Double(integer)
      default: nil
      }
    }
    guard let epochs = json["epochs"]?.whole, let seed = json["seed"]?.whole,
      let schedule = json["schedule"]?.text,
      let optimiser = json["optimiser"]?.text.flatMap(OptimiserChoice.init(rawValue:)),
      let precision = json["precision"]?.text.flatMap(PrecisionChoice.init(rawValue:))
    else { throw NotKept(reason: "the recipe of a run that this version does not know") }
    var rates: [String: Double] = [:]
    for pair in json["rates"]?.elements ?? [] {
      guard let parts = pair.elements, parts.count == 2, let path = parts[0].text else { continue }
      switch parts[1] {
      case .number(let factor): rates[path] = factor
      case .integer(let factor): rates[path] = Double(factor)
      default: break
      }
    }
    self.init(
      epochs: epochs, batch: json["batch"]?.whole, learningRate: real("learningRate"),
      schedule: try ScheduleChoice.from(try value(schedule)), warmUp: real("warmUp"),
      optimiser: optimiser, momentum: real("momentum"), weightDecay: real("weightDecay"),
      rates: rates, frozen: (json["frozen"]?.elements ?? []).compactMap(\.text),
      average: real("average"), precision: precision, seed: seed)
  }

  init(
    epochs: Int, batch: Int?, learningRate: Double?, schedule: ScheduleChoice, warmUp: Double?,
    optimiser: OptimiserChoice, momentum: Double?, weightDecay: Double?, rates: [String: Double],
    frozen: [String], average: Double?, precision: PrecisionChoice, seed: Int
  ) {
    self.epochs = epochs
    self.batch = batch
    self.learningRate = learningRate
    self.schedule = schedule
    self.warmUp = warmUp
    self.optimiser = optimiser
    self.momentum = momentum
    self.weightDecay = weightDecay
    self.rates = rates
    self.frozen = frozen
    self.average = average
    self.precision = precision
    self.seed = seed
  }
}
