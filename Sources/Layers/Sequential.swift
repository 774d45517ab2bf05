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

  /// Where one of the layers does.
  public func couplesImages(in mode: Pass.Mode) -> Bool {
    layers.contains { $0.couplesImages(in: mode) }
  }

  /// Applies each layer to what the one before it gave.
  ///
  /// Where several convolution units follow one another, they are trained as one chain with the pooling
  /// behind them: the same numbers up to rounding, in less than half of the memory traffic.
  public func callAsFunction(_ input: Tensor, in pass: Pass) throws(TensorError) -> Tensor {
    var value = input
    var index = 0
    while index < layers.count {
      // A diagnosis looks at every layer, so it takes them one by one.
      if pass.mode == .training, !Diagnosis.isOn, let chain = chain(from: index) {
        value = try chain(value, in: pass)
        index = chain.end
        continue
      }
      if let end = alone(from: index, input: value, in: pass) {
        let start = index
        value = try pass.inParts(value) { (part, pass) throws(TensorError) in
          try apply(start..<end, to: part, in: pass)
        }
        index = end
        continue
      }
      value = try apply(index..<index + 1, to: value, in: pass)
      index += 1
    }
    return value
  }

  /// Applies some of the layers.
  private func apply(
    _ range: Range<Int>, to input: Tensor, in pass: Pass
  ) throws(TensorError) -> Tensor {
    var value = input
    for index in range {
      let layer = layers[index]
      value = try within(String(index)) { () throws(TensorError) in try layer(value, in: pass) }
    }
    return value
  }

  /// The end of the longest row of layers from one on that map images to images, each of them alone.
  private func alone(from start: Int, input: Tensor, in pass: Pass) -> Int? {
    guard input.rank == 4, input.shape[0] > 1, !pass.isPart else { return nil }
    var shape = Array(input.shape.dropFirst())
    var end = start
    while end < layers.count, !layers[end].couplesImages(in: pass.mode),
      let next = try? layers[end].outputShape(for: shape), next.count == 3
    {
      shape = next
      end += 1
    }
    // A single layer gains nothing from the cache.
    return end > start + 1 ? end : nil
  }

  /// The longest chain of units that starts at a layer, if there is one.
  private func chain(from start: Int) -> UnitChain? {
    let units = layers[start...].prefix { $0 is ConvolutionUnit }.compactMap {
      $0 as? ConvolutionUnit
    }
    guard !units.isEmpty else { return nil }
    let behind = start + units.count
    let pooling = behind < layers.count ? (layers[behind] as? any ChainablePooling) : nil
    return UnitChain(units: units, pooling: pooling?.chainPooling, start: start)
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
