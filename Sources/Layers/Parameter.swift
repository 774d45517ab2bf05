import Synchronization
public import Tensors

/// A named place for a tensor that learning changes: the only mutable leaf of a `Module`.
///
/// Readers always see a whole tensor, also while another thread trains.
public final class Parameter: Sendable {
  private let state: Mutex<Tensor>
  /// The sizes of the value, which never change.
  public let shape: [Int]
  /// Whether the optimiser changes it; what is not trainable is a buffer, such as a running mean.
  public let isTrainable: Bool
  /// Whether weight decay applies: weights decay, biases and normalisation parameters may not.
  public let decays: Bool

  /// Makes a parameter with its first value.
  public init(_ value: Tensor, isTrainable: Bool = true, decays: Bool = true) {
    state = Mutex(value.detached)
    shape = value.shape
    self.isTrainable = isTrainable
    self.decays = decays
  }

  /// The value now.
  public var value: Tensor { state.withLock { $0 } }

  /// Replaces the value.
  ///
  /// - Throws: `TensorError.shape` when the new value has another shape.
  public func assign(_ value: Tensor) throws(TensorError) {
    guard value.shape == shape else {
      throw .shape(
        operation: "assign", shapes: [shape, value.shape], fix: "a parameter keeps its shape")
    }
    state.withLock { $0 = value.detached }
  }

  /// Changes the values in place, or in a copy where somebody still reads the old ones.
  public func update(_ body: (UnsafeMutableBufferPointer<Float>) -> Void) {
    state.withLock { $0.update(body) }
  }

  /// Changes the values of several parameters together, each of them listed once.
  ///
  /// All of them are held while `body` runs, so that one pass over memory can change them all and a reader
  /// still sees whole tensors.
  public static func update(
    _ parameters: [Parameter], _ body: ([UnsafeMutableBufferPointer<Float>]) -> Void
  ) {
    var values: [UnsafeMutableBufferPointer<Float>] = []
    values.reserveCapacity(parameters.count)
    func hold(_ index: Int) {
      guard index < parameters.count else { return body(values) }
      parameters[index].update { own in
        values.append(own)
        hold(index + 1)
      }
    }
    hold(0)
  }
}
