public import Layers
import Synchronization
public import Tensors

/// Everything that the next step of a run depends on, between two steps.
///
/// A run with the same method, images and options that takes it back goes on to the same bits. The order of
/// the data and all draws follow from the seed and the step, so they need no place here.
public struct Checkpoint: Sendable {
  /// A tensor under the path of its parameter.
  public struct Entry: Sendable {
    /// The path.
    public let name: String
    /// The value.
    public let value: Tensor

    /// Names a value.
    public init(name: String, value: Tensor) {
      self.name = name
      self.value = value
    }
  }

  /// Steps taken.
  public let step: Int
  /// Seconds of training.
  public let seconds: Double
  /// The values of every term by step.
  public let history: [String: [Float]]
  /// Parameters and buffers of the method.
  public let parameters: [Entry]
  /// The optimiser's rule and constants.
  public let optimiser: String
  /// What the optimiser keeps for each parameter.
  public let optimiserState: [OptimiserState]
  /// The moving averages, in a run that keeps them.
  public let averages: [Entry]
  /// The steps behind the moving averages.
  public let averageSteps: Int

  /// Writes down a run.
  public init(
    step: Int, seconds: Double, history: [String: [Float]], parameters: [Entry],
    optimiser: String, optimiserState: [OptimiserState], averages: [Entry] = [],
    averageSteps: Int = 0
  ) {
    self.step = step
    self.seconds = seconds
    self.history = history
    self.parameters = parameters
    self.optimiser = optimiser
    self.optimiserState = optimiserState
    self.averages = averages
    self.averageSteps = averageSteps
  }

  /// The same with other values of the parameters, where those are kept elsewhere.
  public func with(parameters: [Entry]) -> Checkpoint {
    Checkpoint(
      step: step, seconds: seconds, history: history, parameters: parameters, optimiser: optimiser,
      optimiserState: optimiserState, averages: averages, averageSteps: averageSteps)
  }

  /// Refuses a checkpoint of another model, naming the first entry that does not fit.
  func check(against own: [NamedParameter]) throws(TensorError) {
    guard parameters.map(\.name) == own.map(\.name) else {
      let theirs = Set(parameters.map(\.name))
      let missing = own.first { !theirs.contains($0.name) }?.name
      throw .argument(
        operation: "restore", name: "parameters",
        value: missing.map { "without \($0)" } ?? "others",
        fix: "restore a run of a model with the same options")
    }
    for (entry, named) in zip(parameters, own) where entry.value.shape != named.parameter.shape {
      throw .shape(
        operation: "restore", shapes: [entry.value.shape, named.parameter.shape],
        fix: "\(entry.name) has another shape; restore a run of a model with the same options")
    }
  }
}

extension TrainingRun {
  /// The trainable parameters' moving averages, in a run that keeps them.
  public var average: MovingAverage? { state.withLock { $0.average } }

  /// Everything that the next step depends on, as it is between two steps; the training waits meanwhile.
  ///
  /// The tensors are shared until the next step changes them, so it takes no time to speak of.
  public func checkpoint() -> Checkpoint {
    betweenSteps {
      state.withLock { state in
        Checkpoint(
          step: state.step, seconds: state.seconds, history: state.history,
          parameters: parameters.entries, optimiser: state.optimiser.description,
          optimiserState: state.optimiser.memory.state,
          averages: state.average?.averages.entries ?? [], averageSteps: state.average?.steps ?? 0)
      }
    }
  }

  /// What the optimiser keeps for each value, by name.
  public var slots: [String] { state.withLock { type(of: $0.optimiser).slots } }
  /// The paths of the method's parameters, in their order, and of those that are averaged.
  public var paths: (parameters: [String], averages: [String]) {
    (parameters.map(\.name), state.withLock { $0.average?.averages.map(\.name) ?? [] })
  }

  /// Takes a checkpoint back; where it does not fit, nothing changes.
  ///
  /// - Parameter failure: why the run ended there, if it failed.
  /// - Throws: `TensorError` when the checkpoint is of another model, optimiser or plan, or while steps are
  ///   being taken.
  public func restore(
    _ checkpoint: Checkpoint, failure: String? = nil
  ) throws(TensorError) {
    try checkpoint.check(against: parameters)
    try state.withLock { (state) throws(TensorError) in
      guard !state.isAdvancing else { throw Self.underWay("restore") }
      func refuse(_ name: String, _ value: String, _ own: String) -> TensorError {
        .argument(operation: "restore", name: name, value: value, fix: "this run has \(own)")
      }
      guard checkpoint.step <= plan.steps else {
        throw refuse("step", "\(checkpoint.step)", "\(plan.steps) steps")
      }
      guard checkpoint.optimiser == state.optimiser.description else {
        throw refuse("optimiser", checkpoint.optimiser, state.optimiser.description)
      }
      let names = checkpoint.averages.map(\.name)
      let own = state.average?.averages.map(\.name) ?? []
      guard names == own else {
        throw refuse("averages", "\(names.count) tensors", "\(own.count)")
      }
      let slots = type(of: state.optimiser).slots
      var memory = state.optimiser.memory
      try memory.restore(checkpoint.optimiserState, slots: slots)
      try state.average?.restore(checkpoint.averages.map(\.value), steps: checkpoint.averageSteps)
      state.optimiser.memory = memory
      for (entry, named) in zip(checkpoint.parameters, parameters) {
        try named.parameter.assign(entry.value)
      }
      state.step = checkpoint.step
      state.seconds = checkpoint.seconds
      state.history = checkpoint.history
      state.order = (-1, [])
      state.status =
        failure.map { .failed($0) }
        ?? (checkpoint.step < plan.steps ? .interrupted : .completed)
    }
  }
}

extension [NamedParameter] {
  /// The values as they are now; later steps change copies.
  public var entries: [Checkpoint.Entry] {
    map { Checkpoint.Entry(name: $0.name, value: $0.parameter.value) }
  }
}
