public import Tensors

/// One forward pass: whether it trains, what it records, and what it will change afterwards.
///
/// Layers read their parameters through the pass (`pass(weight)`), so that a training pass watches
/// each of them once. State that is no gradient's business (running statistics) is handed to
/// `afterStep` and changes when the training loop commits the pass, never inside forward or backward.
/// A pass belongs to one thread.
public final class Pass {
  /// What a pass is for.
  public enum Mode: Sendable, Equatable {
    /// Batch statistics are used and gradients are recorded.
    case training
    /// Running statistics are used and nothing is recorded.
    case evaluation
  }

  /// What the pass is for.
  public let mode: Mode
  /// The number of equal consecutive parts of the batch that are normalised separately.
  public let branches: Int
  private let tape: Tape?
  private var watched: [ObjectIdentifier: (parameter: Parameter, value: Tensor)] = [:]
  private var order: [ObjectIdentifier] = []
  private var updates: [() throws(TensorError) -> Void] = []

  /// Starts a pass.
  public init(_ mode: Mode, branches: Int = 1) {
    self.mode = mode
    self.branches = branches
    tape = mode == .training ? Tape() : nil
  }

  /// The value of a parameter, watched when the pass trains.
  public func callAsFunction(_ parameter: Parameter) -> Tensor {
    guard let tape, parameter.isTrainable else { return parameter.value }
    let key = ObjectIdentifier(parameter)
    if let known = watched[key] { return known.value }
    let value = tape.watch(parameter.value)
    watched[key] = (parameter, value)
    order.append(key)
    return value
  }

  /// Leaves a change of state for after the step.
  public func afterStep(_ update: @escaping () throws(TensorError) -> Void) {
    if mode == .training { updates.append(update) }
  }

  /// The gradients of the loss with respect to the parameters read so far, in the order of reading.
  ///
  /// - Throws: `TensorError.derivative` in an evaluation pass, or when `loss` is not a scalar.
  public func gradients(
    of loss: Tensor
  ) throws(TensorError) -> [(parameter: Parameter, gradient: Tensor)] {
    guard let tape else {
      throw .derivative(operation: "gradients", fix: "only a training pass records derivatives")
    }
    let gradients = try tape.gradients(of: loss)
    // The watched values go now, so that the optimiser can update parameters in place.
    let known = order.compactMap { watched[$0] }
    watched = [:]
    order = []
    return known.compactMap { entry in
      gradients[entry.value].map { (entry.parameter, $0) }
    }
  }

  /// Carries out the changes of state, in the order in which they were left.
  public func commit() throws(TensorError) {
    for update in updates { try update() }
    updates = []
  }
}
