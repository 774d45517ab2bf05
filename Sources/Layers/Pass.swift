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
  /// The precision in which the layers multiply.
  public let precision: Precision
  /// Whether it is the pass of a part of a batch, which is not cut again.
  let isPart: Bool
  /// What the statistics of batches are added to, in a pass that gathers them.
  let statistics: StatisticsSums?
  private let tape: Tape?
  private let isAbandoned: (@Sendable () -> Bool)?
  private var watched: [ObjectIdentifier: (parameter: Parameter, value: Tensor)] = [:]
  private var order: [ObjectIdentifier] = []
  private var updates: [() throws(TensorError) -> Void] = []

  /// Starts a pass.
  ///
  /// - Parameter isAbandoned: Asked at every recorded operation; once it says so, the pass ends with
  ///   `TensorError.abandoned`.
  public convenience init(
    _ mode: Mode, branches: Int = 1, precision: Precision = .float32,
    isAbandoned: (@Sendable () -> Bool)? = nil
  ) {
    self.init(
      mode, branches: branches, precision: precision, isPart: false, isAbandoned: isAbandoned)
  }

  /// Starts a training pass that records nothing: the statistics of the batch are added to `statistics`
  /// when it is committed.
  convenience init(gathering statistics: StatisticsSums, precision: Precision) {
    self.init(
      .training, branches: 1, precision: precision, isPart: false, statistics: statistics)
  }

  private init(
    _ mode: Mode, branches: Int, precision: Precision, isPart: Bool,
    statistics: StatisticsSums? = nil, isAbandoned: (@Sendable () -> Bool)? = nil
  ) {
    self.isAbandoned = isAbandoned
    self.mode = mode
    self.precision = precision
    self.isPart = isPart
    self.branches = branches
    self.statistics = statistics
    tape = mode == .training && statistics == nil ? Tape(isAbandoned: isAbandoned) : nil
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

  /// Applies `body` to parts of the images `[N, H, W, C]`, several at a time, each with a pass of its
  /// own, and puts the parts of the output together.
  ///
  /// For layers that treat every image alone: a part goes through all of them in the cache of one
  /// core, forward and back, and the threads meet once instead of once for each operation. The parts
  /// depend on N alone and their gradients are added in order, so the bits depend neither on timing
  /// nor on the number of threads.
  func inParts(
    _ images: Tensor, _ body: (Tensor, Pass) throws(TensorError) -> Tensor
  ) throws(TensorError) -> Tensor {
    let count = images.shape[0]
    let ranges = Tensor.parts(of: count)
    guard ranges.count > 1, !isPart else { return try body(images, self) }
    var parts: [Part] = try Tensor.computingParts(ranges.count) { (index) throws(TensorError) in
      let pass = Pass(
        mode, branches: branches, precision: precision, isPart: true, statistics: statistics,
        isAbandoned: isAbandoned)
      let source = try images.detached.rows(ranges[index])
      let watched = images.isTracked ? pass.tape?.watch(source) : nil
      return Part(pass: pass, input: watched, output: try body(watched ?? source, pass))
    }
    for part in parts { updates += part.pass.updates }
    let output = try Tensor.concatenated(parts.map(\.output.detached), axis: 0)
    guard tape != nil, let first = parts.first else { return output }
    // Every part reads the same parameters in the same order.
    let parameters = first.pass.order.compactMap { first.pass.watched[$0]?.parameter }
    let inputs = [images] + parameters.map { self($0) }
    let held = Held(parts.map(\.graph))
    parts = []
    return try Tape.record("parts", inputs, output: output) {
      (upstream, needed) throws(TensorError) in
      guard let graphs = held.take() else {
        throw .derivative(operation: "parts", fix: "a tape serves one backward pass")
      }
      let found = try Tensor.computingParts(ranges.count) { (index) throws(TensorError) in
        try graphs[index].gradients(given: upstream.rows(ranges[index]))
      }
      var gradients: [Tensor?] = [
        needed[0] ? try .concatenated(found.compactMap { $0[0] }, axis: 0) : nil
      ]
      for place in parameters.indices {
        gradients.append(try .summed(found.compactMap { $0[place + 1] }))
      }
      return gradients
    }
  }

  private struct Part {
    let pass: Pass
    let input: Tensor?
    let output: Tensor

    var graph: PartGraph {
      PartGraph(
        tape: pass.tape, input: input, output: output,
        parameters: pass.order.compactMap { pass.watched[$0]?.value })
    }
  }

  /// Carries out the changes of state, in the order in which they were left.
  public func commit() throws(TensorError) {
    for update in updates { try update() }
    updates = []
  }
}
