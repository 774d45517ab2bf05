public import Tensors
public import Training

/// Frozen maps with their labels, as the training loop draws from them.
public struct FrozenMaps: BatchSource {
  /// The maps, `[N, H, W, C]` or `[N, D]`.
  public let maps: Tensor
  /// The class of each.
  public let labels: [Int]?

  /// Puts maps and labels together.
  ///
  /// - Throws: `TensorError.shape` unless there is one label for each map.
  public init(_ maps: Tensor, labels: [Int]) throws(TensorError) {
    guard maps.shape.first == labels.count else {
      throw .shape(
        operation: "probe", shapes: [maps.shape, [labels.count]],
        fix: "give one label for each image")
    }
    self.maps = maps.detached
    self.labels = labels
  }

  /// The number of maps.
  public var count: Int { maps.shape[0] }

  /// The maps at these places.
  public func images(at places: [Int]) throws -> Tensor { try maps.gathered(rows: places) }
}
