public import Tensors

/// The rectifier, max(0, x).
public struct Rectifier: Layer {
  /// Makes the layer; it has no parameters.
  public init() {}

  /// `ReLU`.
  public var title: String { "ReLU" }

  /// Replaces negative values by zero.
  public func callAsFunction(_ input: Tensor, in pass: Pass) throws(TensorError) -> Tensor {
    try input.rectified()
  }

  /// The shape of the input.
  public func outputShape(for input: [Int]) throws(TensorError) -> [Int] { input }
}
