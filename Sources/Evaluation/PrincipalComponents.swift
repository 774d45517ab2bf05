public import Tensors

/// The directions in which features vary most (Pearson, 1901; Hotelling, 1933).
///
/// The sign of each direction is fixed so that its largest entry is positive: the same features give
/// the same picture.
public struct PrincipalComponents: Sendable {
  /// The mean feature, `[D]`.
  public let mean: Tensor
  /// The directions, one a row, `[components, D]`, each of length 1.
  public let directions: Tensor
  /// The share of the whole variance along each direction, from 0 to 1.
  public let explained: [Float]

  /// Finds the first `components` directions of `[N, D]`.
  ///
  /// - Throws: `TensorError` for fewer than 2 rows or more components than D.
  public init(of features: Tensor, components: Int = 2) throws(TensorError) {
    guard features.rank == 2, features.shape[0] >= 2, components >= 1,
      components <= features.shape[1]
    else {
      throw .shape(
        operation: "principal components", shapes: [features.shape],
        fix: "give at least 2 rows of at least \(components) features")
    }
    let (rows, width) = (features.shape[0], features.shape[1])
    mean = try features.detached.mean(axes: [0])
    let centred = try features.detached - mean
    let covariance =
      try centred.matrixProduct(centred, transposingLeft: true) * (1 / Float(rows - 1))
    let (values, vectors) = try covariance.symmetricEigen()
    // The order is rising, and direction i is column i.
    let (spread, basis) = (values.scalars.map { max(0, $0) }, vectors.scalars)
    let total = max(spread.reduce(0, +), .leastNormalMagnitude)
    var kept: [Float] = []
    for component in 0..<components {
      let place = width - 1 - component
      let direction = (0..<width).map { basis[$0 * width + place] }
      let largest = direction.max { abs($0) < abs($1) } ?? 1
      kept += direction.map { largest < 0 ? -$0 : $0 }
    }
    directions = try Tensor(kept, shape: [components, width])
    explained = (0..<components).map { spread[width - 1 - $0] / total }
  }

  /// The coordinates of `[N, D]` along the directions, `[N, components]`.
  public func project(_ features: Tensor) throws(TensorError) -> Tensor {
    try (features.detached - mean).matrixProduct(directions, transposingRight: true)
  }
}
