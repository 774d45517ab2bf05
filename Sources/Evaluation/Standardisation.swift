public import Tensors

/// The scale of each feature: (x − mean) / deviation over the training images.
public struct Standardisation: Sendable {
  /// The mean of each feature, `[D]`.
  public let mean: Tensor
  /// The deviation of each feature, `[D]`; 1 for one that never varies.
  public let deviation: Tensor

  /// Measures features `[N, D]`, in double precision.
  public init(of features: Tensor) throws(TensorError) {
    guard features.rank == 2, features.count > 0 else {
      throw .shape(
        operation: "standardise", shapes: [features.shape], fix: "give at least one row of features"
      )
    }
    let (count, width) = (features.shape[0], features.shape[1])
    var (means, squares) = (
      [Double](repeating: 0, count: width), [Double](repeating: 0, count: width)
    )
    features.withUnsafeScalars { values in
      for row in 0..<count {
        for i in 0..<width { means[i] += Double(values[row * width + i]) }
      }
      for i in 0..<width { means[i] /= Double(count) }
      for row in 0..<count {
        for i in 0..<width {
          let distance = Double(values[row * width + i]) - means[i]
          squares[i] += distance * distance
        }
      }
    }
    mean = try Tensor(means.map { Float($0) }, shape: [width])
    deviation = try Tensor(
      zip(squares, means).map { square, mean in
        let deviation = (square / Double(count)).squareRoot()
        // What remains of a constant is rounding.
        return deviation > 1e-6 * max(1e-6, abs(mean)) ? Float(deviation) : 1
      }, shape: [width])
  }

  /// Scales features `[N, D]`.
  public func callAsFunction(_ features: Tensor) throws(TensorError) -> Tensor {
    try (features.detached - mean) / deviation
  }
}
