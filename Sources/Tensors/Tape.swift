import Compute
import Synchronization

/// A tensor's place on a tape.
///
/// The reference is weak: the tape's own derivatives hold tensors.
struct Variable: Sendable {
  weak let tape: Tape?
  let index: Int
}

/// The record of one forward pass, from which gradients are computed in reverse order.
///
/// ```swift
/// let tape = Tape()
/// let w = tape.watch(weight)
/// let loss = try (x * w - y).squared().mean()
/// let gradient = try tape.gradients(of: loss)[w]
/// ```
///
/// A tape serves one backward pass: `gradients(of:)` empties it from its end to its beginning, so that
/// every activation returns to the pool as soon as it has served.
public final class Tape: Sendable {
  /// Maps the gradient with respect to an output to the gradients with respect to the inputs; where
  /// `needed` is false the gradient is not asked for and may be `nil`.
  public typealias Derivative =
    @Sendable (_ upstream: Tensor, _ needed: [Bool]) throws(TensorError) -> [Tensor?]

  private struct Record: Sendable {
    let operation: String
    let inputs: [Int?]
    let shape: [Int]
    let derivative: Derivative?
  }

  private let records = Mutex<[Record]>([])
  private let isAbandoned: (@Sendable () -> Bool)?

  /// Makes an empty tape.
  ///
  /// - Parameter isAbandoned: Asked at every operation, forward and back: once it says so, the operation
  ///   throws `TensorError.abandoned`.
  public init(isAbandoned: (@Sendable () -> Bool)? = nil) { self.isAbandoned = isAbandoned }

  private func checkAbandonment() throws(TensorError) {
    if isAbandoned?() == true { throw .abandoned }
  }

  /// The number of records, watched tensors included.
  public var count: Int { records.withLock { $0.count } }

  /// Puts a tensor on the tape as a leaf: what is computed from the result is recorded.
  public func watch(_ tensor: Tensor) -> Tensor {
    append(Record(operation: "watch", inputs: [], shape: tensor.shape, derivative: nil), tensor)
  }

  private func append(_ record: Record, _ output: Tensor) -> Tensor {
    let index = records.withLock { records in
      records.append(record)
      return records.count - 1
    }
    return Tensor(
      shape: output.shape, buffer: output.buffer, offset: output.offset,
      variable: Variable(tape: self, index: index))
  }

  /// Records `output` as computed from `inputs` when one of them is tracked; returns it as it is
  /// otherwise.
  ///
  /// The derivative must hold tensors only as `detached`, or activations would outlive the tape.
  ///
  /// - Throws: `TensorError.derivative` when the inputs are on different tapes.
  public static func record(
    _ operation: String, _ inputs: [Tensor], output: Tensor, derivative: @escaping Derivative
  ) throws(TensorError) -> Tensor {
    var tape: Tape?
    for input in inputs {
      guard let its = input.variable?.tape else { continue }
      if let tape, tape !== its {
        throw .derivative(
          operation: operation, fix: "its inputs are on two tapes; use one tape a forward pass")
      }
      tape = its
    }
    guard let tape else { return output }
    try tape.checkAbandonment()
    let places = inputs.map { $0.variable?.tape == nil ? nil : $0.variable?.index }
    return tape.append(
      Record(operation: operation, inputs: places, shape: output.shape, derivative: derivative),
      output)
  }

  /// The gradients of a scalar with respect to everything the tape watches; empties the tape.
  ///
  /// - Throws: `TensorError.derivative` when `loss` is not a scalar on this tape.
  public func gradients(of loss: Tensor) throws(TensorError) -> Gradients {
    guard loss.variable?.tape === self, loss.count == 1 else {
      throw .derivative(
        operation: "gradients",
        fix: "the loss must be a single value computed from a tensor that this tape watches")
    }
    return try gradients(of: loss, given: .filled(1, shape: loss.shape))
  }

  /// The gradients of anything with respect to everything the tape watches, given the gradient of a
  /// scalar with respect to it; empties the tape.
  ///
  /// - Throws: `TensorError.derivative` when `output` is not on this tape or has another shape.
  public func gradients(
    of output: Tensor, given upstream: Tensor
  ) throws(TensorError) -> Gradients {
    guard let variable = output.variable, variable.tape === self, upstream.shape == output.shape
    else {
      throw .derivative(
        operation: "gradients",
        fix: "the output must be on this tape, and its gradient must have its shape")
    }
    var records = self.records.withLock { records in
      let taken = records
      records = []
      return taken
    }
    guard variable.index < records.count else {
      throw .derivative(
        operation: "gradients", fix: "a tape serves one backward pass")
    }
    records.removeSubrange((variable.index + 1)...)
    var gradients = [Tensor?](repeating: nil, count: records.count)
    gradients[variable.index] = upstream.detached
    while let record = records.popLast() {
      guard let derivative = record.derivative else { continue }
      let index = records.count
      guard let upstream = gradients[index] else { continue }
      try checkAbandonment()
      gradients[index] = nil
      let parts = try derivative(upstream, record.inputs.map { $0 != nil })
      for case (let place?, let part?) in zip(record.inputs, parts) {
        if gradients[place] == nil {
          gradients[place] = part.detached
        } else {
          try gradients[place]?.accumulate(part, operation: record.operation)
        }
      }
    }
    return Gradients(tape: self, values: gradients)
  }
}

/// The gradients that a backward pass left at the watched tensors.
public struct Gradients: Sendable {
  let tape: Tape
  let values: [Tensor?]

  /// The gradient with respect to a watched tensor; `nil` when the loss does not depend on it.
  public subscript(_ watched: Tensor) -> Tensor? {
    guard let variable = watched.variable, variable.tape === tape, variable.index < values.count
    else { return nil }
    return values[variable.index]
  }
}

extension Tensor {
  /// Adds a tensor of the same shape to this one, in place where nobody else holds the values.
  mutating func accumulate(_ other: Tensor, operation: String) throws(TensorError) {
    guard other.shape == shape else {
      throw .shape(
        operation: "gradient of \(operation)", shapes: [shape, other.shape],
        fix: "a derivative must have the shape of its input")
    }
    guard isKnownUniquelyReferenced(&buffer) else {
      self = combined(other, by: .sum)
      return
    }
    update { target in
      guard let target = target.baseAddress else { return }
      withExtendedLifetime(other) {
        Elementwise.combine(target, other.pointer, by: .sum, into: target, count: other.count)
      }
    }
  }
}
