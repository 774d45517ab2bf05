public import Tensors

/// Group normalisation (Wu and He, 2018) of images `[N, H, W, C]`: the same in training and outside
/// it, and for any batch.
///
/// y = scale · (x − mean) / √(variance + ε) + shift, with the statistics of each image over all its
/// pixels and a group of neighbouring channels.
public struct GroupNormalisation: Layer {
  /// The scale γ, `[C]`; starts at 1.
  public let weight: Parameter
  /// The shift β, `[C]`; starts at 0.
  public let bias: Parameter
  /// The number of groups that the channels are cut into.
  public let groups: Int
  let epsilon: Float = 1e-5

  /// Makes the layer for a number of channels.
  public init(groups: Int, channels: Int) {
    weight = Parameter(.filled(1, shape: [channels]), decays: false)
    bias = Parameter(.zeros([channels]), decays: false)
    self.groups = groups
  }

  /// `group normalisation, 8 groups`.
  public var title: String { "group normalisation, \(groups) \(groups == 1 ? "group" : "groups")" }

  /// Normalises `[N, ..., C]`.
  public func callAsFunction(_ input: Tensor, in pass: Pass) throws(TensorError) -> Tensor {
    try input.groupNormalised(
      groups: groups, scale: pass(weight), shift: pass(bias), epsilon: epsilon)
  }

  /// The shape of the input.
  public func outputShape(for input: [Int]) throws(TensorError) -> [Int] {
    guard input.last == weight.shape[0] else {
      throw .shape(
        operation: "group normalisation", shapes: [input, weight.shape],
        fix: "this layer takes \(weight.shape[0]) channels")
    }
    guard groups > 0, weight.shape[0] % groups == 0 else {
      throw .argument(
        operation: "group normalisation", name: "groups", value: "\(groups)",
        fix: "\(weight.shape[0]) channels cannot be cut into so many equal parts")
    }
    return input
  }
}
