public import Tensors

/// A module that maps images, or rows of features, to the same.
public protocol Layer: Module {
  /// What the layer is called in tables: `convolution 5×5, 1→32`.
  var title: String { get }
  /// Applies the layer to a batch `[N, …]`.
  func callAsFunction(_ input: Tensor, in pass: Pass) throws(TensorError) -> Tensor
  /// Whether what becomes of an image depends on the others of its batch.
  func couplesImages(in mode: Pass.Mode) -> Bool
  /// The shape of one output for the shape of one input, both without the batch.
  func outputShape(for input: [Int]) throws(TensorError) -> [Int]
  /// The multiply-adds of one forward pass of one input of this shape.
  func multiplyAdds(for input: [Int]) throws(TensorError) -> Int
  /// One row for each layer within, with paths below `path`.
  func rows(path: String, input: [Int]) throws(TensorError) -> [LayerRow]
}

/// A row of a model's table.
public struct LayerRow: Sendable, Equatable {
  /// The path of the layer, as in the names of its parameters.
  public let path: String
  /// What the layer is.
  public let title: String
  /// The shape of one output.
  public let output: [Int]
  /// The number of trainable values.
  public let parameters: Int
  /// The multiply-adds of one image.
  public let multiplyAdds: Int

  /// Describes a layer, or something else that stands in a model's table.
  public init(path: String, title: String, output: [Int], parameters: Int, multiplyAdds: Int) {
    self.path = path
    self.title = title
    self.output = output
    self.parameters = parameters
    self.multiplyAdds = multiplyAdds
  }
}

extension Layer {
  /// No, unless the layer says otherwise.
  public func couplesImages(in mode: Pass.Mode) -> Bool { false }

  /// None, unless the layer says otherwise.
  public func multiplyAdds(for input: [Int]) throws(TensorError) -> Int { 0 }

  /// The layer itself as the only row.
  public func rows(path: String, input: [Int]) throws(TensorError) -> [LayerRow] {
    [
      LayerRow(
        path: path, title: title, output: try outputShape(for: input), parameters: trainableCount,
        multiplyAdds: try multiplyAdds(for: input))
    ]
  }
}

/// Runs `body`, adding `path` to the errors it throws, so that they name the layer.
///
/// During a diagnosis an output that is not finite is an error, too.
public func within<Result>(
  _ path: String, _ body: () throws(TensorError) -> Result
) throws(TensorError) -> Result {
  do {
    let result = try body()
    try Diagnosis.check(result)
    return result
  } catch {
    if case .within(let inner, let cause) = error {
      throw .within(path: "\(path).\(inner)", cause)
    }
    throw .within(path: path, error)
  }
}
