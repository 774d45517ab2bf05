import COneDNN

/// Batch normalisation of rows of channels, with an optional rectifier in the same pass, through
/// oneDNN.
///
/// `y = scale · (x − mean) / √(variance + epsilon) + shift`, over `batch · positions` rows of
/// `channels` values. The variance is the biased one.
public struct BatchNormalisation: Hashable, Sendable {
  /// Where mean and variance come from.
  public enum Statistics: Hashable, Sendable {
    /// From the rows themselves; a forward run writes them.
    case computed
    /// From the caller; they are constants for the derivative.
    case given
  }

  /// The outer part of the number of rows.
  public let batch: Int
  /// The inner part of the number of rows.
  public let positions: Int
  /// The number of channels.
  public let channels: Int
  /// What is added to the variance.
  public let epsilon: Float
  /// Where mean and variance come from.
  public let statistics: Statistics
  /// Whether negative results are replaced by zero.
  public let rectify: Bool
  /// Whether a backward run will follow.
  public let training: Bool

  /// Takes the sizes; `nil` when one of them is not positive.
  public init?(
    batch: Int, positions: Int, channels: Int, epsilon: Float, statistics: Statistics,
    rectify: Bool, training: Bool
  ) {
    guard batch > 0, positions > 0, channels > 0 else { return nil }
    self.batch = batch
    self.positions = positions
    self.channels = channels
    self.epsilon = epsilon
    self.statistics = statistics
    self.rectify = rectify
    self.training = training
  }

  private static let forwardKernels = KernelCache<BatchNormalisation>()
  private static let backwardKernels = KernelCache<BatchNormalisation>()

  private var description: orbit_normalisation_shape {
    orbit_normalisation_shape(
      batch: Int64(batch), positions: Int64(positions), channels: Int64(channels),
      epsilon: epsilon, given_statistics: statistics == .given ? 1 : 0, rectify: rectify ? 1 : 0,
      training: training ? 1 : 0)
  }

  private func forwardKernel() throws(ComputeError) -> Kernel {
    try Self.forwardKernels.kernel(self) { kernel in
      var shape = description
      return orbit_normalisation_forward_create(&shape, kernel)
    }
  }

  private func backwardKernel() throws(ComputeError) -> Kernel {
    try Self.backwardKernels.kernel(self) { kernel in
      var shape = description
      return orbit_normalisation_backward_create(&shape, kernel)
    }
  }

  /// The number of `Float`s that a forward run leaves for the backward run.
  public func workspaceCount() throws(ComputeError) -> Int {
    try forwardKernel().workspaceCount
  }

  /// Normalises `source` into `destination`.
  public func forward(
    source: UnsafePointer<Float>, mean: UnsafeMutablePointer<Float>,
    variance: UnsafeMutablePointer<Float>, scale: UnsafePointer<Float>,
    shift: UnsafePointer<Float>, into destination: UnsafeMutablePointer<Float>,
    workspace: UnsafeMutablePointer<Float>?
  ) throws(ComputeError) {
    try forwardKernel().run { kernel, scratch in
      orbit_normalisation_forward(
        kernel, source, mean, variance, scale, shift, destination,
        workspace.map { UnsafeMutableRawPointer($0) }, scratch)
    }
  }

  /// Writes the gradients with respect to source, scale and shift.
  public func backward(
    source: UnsafePointer<Float>, mean: UnsafePointer<Float>, variance: UnsafePointer<Float>,
    scale: UnsafePointer<Float>, gradient: UnsafePointer<Float>,
    workspace: UnsafePointer<Float>?, into sourceGradient: UnsafeMutablePointer<Float>,
    scale scaleGradient: UnsafeMutablePointer<Float>,
    shift shiftGradient: UnsafeMutablePointer<Float>
  ) throws(ComputeError) {
    try backwardKernel().run { kernel, scratch in
      orbit_normalisation_backward(
        kernel, source, mean, variance, scale, gradient,
        workspace.map { UnsafeRawPointer($0) }, sourceGradient, scaleGradient, shiftGradient,
        scratch)
    }
  }

  /// oneDNN's names for the code of the forward and the backward run.
  public func implementations() throws(ComputeError) -> [String] {
    try [forwardKernel().implementation, backwardKernel().implementation]
  }
}
