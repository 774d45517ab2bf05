import Compute
public import Layers
public import Tensors

/// Averages of parameters that forget: a ← a + (1 − d) (w − a) after every step.
///
/// They serve as the target of a second encoder, or to evaluate a model by smoother weights than those of
/// the last step (Polyak and Juditsky, 1992; Tarvainen and Valpola, 2017).
public struct MovingAverage: Sendable {
  /// The decay d.
  public let decay: Float
  /// Whether the decay begins small: min(d, (1 + t) / (10 + t)) in step t from 0, so that the first weights
  /// are soon forgotten.
  public let warmsUp: Bool
  /// The steps taken.
  public private(set) var steps = 0
  /// The averages in the order of the parameters, with their paths.
  public let averages: [NamedParameter]
  private let sources: [Parameter]

  /// Averages the trainable parameters of a model, beginning with what they are.
  ///
  /// - Throws: `TensorError.argument` unless the decay is from 0 to 1, 1 left out.
  public init(
    of parameters: [NamedParameter], decay: Float, warmsUp: Bool = false
  ) throws(TensorError) {
    let trained = parameters.filter(\.parameter.isTrainable)
    let averages = trained.map {
      NamedParameter(name: $0.name, parameter: Parameter($0.parameter.value, isTrainable: false))
    }
    try self.init(averages, following: trained.map(\.parameter), decay: decay, warmsUp: warmsUp)
  }

  /// Lets the parameters of one module, such as a target encoder, follow those of another; they stay as
  /// they are until the first step.
  ///
  /// - Throws: `TensorError.argument` for a decay out of its range, `TensorError.shape` where the
  ///   parameters do not correspond.
  public init(
    _ averages: [NamedParameter], following sources: [Parameter], decay: Float,
    warmsUp: Bool = false
  ) throws(TensorError) {
    guard decay >= 0, decay < 1 else {
      throw .argument(
        operation: "moving average", name: "decay", value: "\(decay)",
        fix: "give a number from 0 to below 1, such as 0.999")
    }
    let (own, theirs) = (averages.map(\.parameter.shape), sources.map(\.shape))
    guard own == theirs else {
      let place = zip(own, theirs).enumerated().first { $0.element.0 != $0.element.1 }?.offset
      throw .shape(
        operation: "moving average",
        shapes: place.map { [own[$0], theirs[$0]] } ?? [[own.count], [theirs.count]],
        fix: "an average follows a module of the same layers")
    }
    self.averages = averages
    self.sources = sources
    self.decay = decay
    self.warmsUp = warmsUp
  }

  /// The decay of step `step` from 0.
  public func decay(at step: Int) -> Float {
    warmsUp ? min(decay, Float(1 + step) / Float(10 + step)) : decay
  }

  /// Moves all averages once, in one pass over memory.
  public mutating func step() {
    let share = 1 - decay(at: steps)
    steps += 1
    let values = sources.map(\.value)
    Parameter.update(averages.map(\.parameter)) { targets in
      moveAverages(
        zip(targets, values).compactMap { target, value in
          guard let first = target.baseAddress,
            let source = value.withUnsafeScalars({ $0.baseAddress })
          else { return nil }
          return AveragePart(target: first, source: source, count: target.count)
        }, by: share)
    }
    withExtendedLifetime(values) {}
  }

  /// Gives the averages to the parameters of the same paths, such as those of a copy of the model.
  ///
  /// - Throws: `TensorError.argument` when a path is not there, `TensorError.shape` when a shape differs.
  public func assign(to parameters: [NamedParameter]) throws(TensorError) {
    for average in averages {
      guard let target = parameters.first(where: { $0.name == average.name }) else {
        throw .argument(
          operation: "moving average", name: "parameters", value: "without \(average.name)",
          fix: "assign the averages to a model of the same options")
      }
      try target.parameter.assign(average.parameter.value)
    }
  }

  /// Takes back averages and the number of steps behind them.
  mutating func restore(_ values: [Tensor], steps: Int) throws(TensorError) {
    guard values.map(\.shape) == averages.map(\.parameter.shape) else {
      throw .shape(
        operation: "restore", shapes: values.map(\.shape),
        fix: "restore the averages of the same model")
    }
    for (average, value) in zip(averages, values) { try average.parameter.assign(value) }
    self.steps = steps
  }
}
