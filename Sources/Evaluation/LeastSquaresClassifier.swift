public import Tensors

/// A linear classifier by ridge regression on standardised features: the class whose indicator is predicted
/// highest.
public struct LeastSquaresClassifier: Sendable {
  /// What it is, for protocols.
  public static let protocolText =
    "ridge regression of the class indicators on standardised features, penalty 0.001 N"
  private let mean: Tensor
  private let deviation: Tensor
  private let weight: Tensor
  private let bias: Tensor

  /// Fits features `[N, D]` to their labels.
  public init(features: Tensor, labels: [Int], classes: Int) throws(TensorError) {
    guard features.rank == 2, features.shape[0] == labels.count, !labels.isEmpty else {
      throw .shape(
        operation: "probe", shapes: [features.shape, [labels.count]],
        fix: "give one label for each row of features")
    }
    let count = Float(labels.count)
    mean = try features.detached.mean(axes: [0])
    let centred = try features.detached - mean
    deviation = try (centred.squared().mean(axes: [0]) + 1e-12).squareRoot()
    let indicators = Tensor(shape: [labels.count, classes]) { target in
      target.update(repeating: 0)
      for (row, label) in labels.enumerated() { target[row * classes + label] = 1 }
    }
    bias = try indicators.mean(axes: [0])
    weight = try (centred / deviation)
      .ridgeRegression(indicators - bias, penalty: 1e-3 * count)
  }

  /// The class of each row of `[M, D]`.
  public func classify(_ features: Tensor) throws(TensorError) -> [Int] {
    try (((features.detached - mean) / deviation).matrixProduct(weight) + bias)
      .argumentOfMaximum()
  }
}
