public import Tensors

/// Layers one after the other, named by their places.
public struct Sequential: Layer {
  /// The layers in order.
  public let layers: [any Layer]

  /// Puts layers in a row.
  public init(_ layers: [any Layer]) { self.layers = layers }

  /// The layers, named by their places.
  public var parts: [(name: String, part: Any)] {
    layers.enumerated().map { (String($0.offset), $0.element) }
  }

  /// The number of layers.
  public var title: String { "\(layers.count) layers" }

  /// Applies each layer to what the one before it gave.
  public func callAsFunction(_ input: Tensor, in pass: Pass) throws(TensorError) -> Tensor {
    var value = input
    for (index, layer) in layers.enumerated() {
      value = try within(String(index)) { () throws(TensorError) in try layer(value, in: pass) }
    }
    return value
  }

  /// The shape after the last layer.
  public func outputShape(for input: [Int]) throws(TensorError) -> [Int] {
    var shape = input
    for (index, layer) in layers.enumerated() {
      shape = try within(String(index)) { () throws(TensorError) in
        try layer.outputShape(for: shape)
      }
    }
    return shape
  }

  /// The sum over the layers.
  public func multiplyAdds(for input: [Int]) throws(TensorError) -> Int {
    try rows(path: "", input: input).reduce(0) { $0 + $1.multiplyAdds }
  }

  /// The rows of all layers.
  public func rows(path: String, input: [Int]) throws(TensorError) -> [LayerRow] {
    var shape = input
    var rows: [LayerRow] = []
    for (index, layer) in layers.enumerated() {
      let name = path.isEmpty ? String(index) : "\(path).\(index)"
      let (above, below) = (shape, layer)
      shape = try within(name) { () throws(TensorError) in try below.outputShape(for: above) }
      rows += try below.rows(path: name, input: above)
    }
    return rows
  }
}
