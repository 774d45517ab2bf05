public import Tensors

/// What of a transformation can be read off the outline of the image's frame alone.
///
/// A random-feature regression sees the binary mask of the pixels that come from beyond the frame, and
/// nothing of any image, and predicts the targets. What it can tell, a model may have learned from the
/// fill instead of the content: its R² belongs beside the model's.
public struct MaskOnlyControl: Sendable, Equatable {
  /// R² of each coordinate over the held-out draws; `nil` where the truth never varies.
  public let rSquared: [Double?]
  /// The number of draws that the regression was fitted to.
  public let trained: Int
  /// The number of draws that it was measured on.
  public let heldOut: Int
  /// The random features.
  public let features: Int

  /// Fits all but the last `heldOut` of the masks `[N, H, W, 1]` to their targets `[N, D]`, and measures
  /// on those.
  ///
  /// - Throws: `TensorError.shape` when the sizes do not fit or too few draws are left.
  public init(
    masks: Tensor, targets: Tensor, heldOut: Int = 1_000, features: Int = 1024, seed: UInt64
  ) throws(TensorError) {
    let count = targets.shape.first ?? 0
    guard masks.rank == 4, masks.shape[0] == count, heldOut >= 2, count - heldOut >= 10 else {
      throw .shape(
        operation: "mask-only control", shapes: [masks.shape, targets.shape],
        fix: "give masks [N, H, W, 1] and targets [N, D] with at least \(heldOut + 10) rows")
    }
    let trained = count - heldOut
    let inputs = try masks.reshaped([count, masks.shape[1...].reduce(1, *)])
    let regression = try RandomFeatureRegression(
      inputs: inputs.rows(0..<trained), targets: targets.rows(0..<trained), features: features,
      using: Generator(seed: seed).split(.evaluation))
    rSquared = try TransformationScores.rSquared(
      truths: targets.rows(trained..<count),
      predictions: regression.predict(inputs.rows(trained..<count)))
    self.trained = trained
    self.heldOut = heldOut
    self.features = features
  }

  /// How the control comes about, in words.
  public var text: String {
    "mask only: ridge regression on \(features) random ReLU features of the binary mask of pixels from "
      + "beyond the frame, without any image; fitted to \(trained) draws, R² over \(heldOut) others"
  }
}
