public import Tensors

/// A linear map of rows of features: y = x Wᵀ + b.
///
/// Input `[N, inputs]`, output `[N, outputs]`, weight `[outputs, inputs]`, bias `[outputs]`.
public struct Linear: Layer {
  /// The weight W, `[outputs, inputs]`.
  public let weight: Parameter
  /// The bias b, `[outputs]`.
  public let bias: Parameter

  /// Draws W from Normal(0, √(1 / inputs)); the bias starts at 0.
  public init(inputs: Int, outputs: Int, generator: inout Generator) {
    weight = Parameter(
      .normal([outputs, inputs], deviation: (1 / Float(inputs)).squareRoot(), using: &generator))
    bias = Parameter(.zeros([outputs]), decays: false)
  }

  /// `linear 128→8`.
  public var title: String { "linear \(weight.shape[1])→\(weight.shape[0])" }

  /// Applies the map to `[N, inputs]`.
  public func callAsFunction(_ input: Tensor, in pass: Pass) throws(TensorError) -> Tensor {
    try input.linear(weight: pass(weight), bias: pass(bias), precision: pass.precision)
  }

  /// `[outputs]`.
  public func outputShape(for input: [Int]) throws(TensorError) -> [Int] {
    guard input == [weight.shape[1]] else {
      throw .shape(
        operation: "linear", shapes: [input, weight.shape],
        fix: "this layer takes rows of \(weight.shape[1]) features")
    }
    return [weight.shape[0]]
  }

  /// One for each weight.
  public func multiplyAdds(for input: [Int]) throws(TensorError) -> Int { weight.shape.product }
}
