public import Layers
public import Tensors
public import Training

/// Puts a code of a finite set in the place of each vector, so that what follows sees nothing else of it.
///
/// All state that the next step depends on is a `Parameter`, trainable or not: checkpoints and saved models
/// carry it. A pass changes nothing; what learns without a gradient is left for after the step
/// (`Pass.afterStep`).
public protocol Quantizer: Module {
  /// The number of codes, K.
  var codeCount: Int { get }
  /// The number of values of a vector, D.
  var dimension: Int { get }
  /// What it is, for the table of a model: `codebook, 128 codes of 16`.
  var title: String { get }
  /// The multiply-adds of finding the code of one vector.
  var multiplyAdds: Int { get }
  /// Quantises the vectors of maps `[N, h, w, D]` for training: with a gradient for the encoder, and with
  /// the terms of the loss that are the quantiser's own.
  func quantise(
    _ encoded: Tensor, in pass: Pass, using generator: Generator
  ) throws(TensorError) -> Quantised
  /// The code of each vector of `[..., D]`, from 0 to K − 1, in row-major order.
  func codes(of encoded: Tensor) throws(TensorError) -> [Int]
  /// The vectors of codes, `[codes.count, D]`, as the decoder sees them.
  func vectors(of codes: [Int]) throws(TensorError) -> Tensor
  /// The number of vectors that it wants to see before its first step; 0 when it is ready.
  var vectorsToStart: Int { get }
  /// Takes its first codes from vectors `[M, D]`.
  ///
  /// - Throws: `TensorError.argument` when there are more codes than vectors.
  func start(from vectors: Tensor, using generator: Generator) throws(TensorError)
}

/// What a quantiser makes of maps in a training pass.
public struct Quantised: Sendable {
  /// The vectors of the codes, `[N, h, w, D]`, with a gradient for what was quantised.
  public let vectors: Tensor
  /// The code of each vector, row-major.
  public let codes: [Int]
  /// The quantiser's terms of the loss: `commitment`, `codebook`.
  public let terms: [NamedTensor]

  /// Puts the results together.
  public init(vectors: Tensor, codes: [Int], terms: [NamedTensor]) {
    self.vectors = vectors
    self.codes = codes
    self.terms = terms
  }
}

/// How vectors become codes.
public enum QuantiserChoice: Sendable, Equatable {
  /// The nearest code of a codebook by Euclidean distance.
  case euclidean
  /// The nearest by cosine: vectors and codes are scaled to length 1.
  case cosine
  /// Each value rounded to one of a few levels; there is no codebook.
  case finiteScalar(levels: [Int])
}

/// How a codebook learns.
public enum CodebookRule: Sendable, Equatable {
  /// Each code follows the mean of its vectors; a step keeps this share of the past.
  case movingAverage(decay: Float)
  /// By gradient of `‖sg[z] − e‖²`, as in the paper.
  case gradient
}

/// Where the first codes come from.
public enum CodebookStart: String, Sendable, CaseIterable {
  /// Cluster centres of encoder outputs.
  case kMeans
  /// Uniform in ±1/K, whatever the encoder gives.
  case random
}

/// How the decoder's gradient reaches the encoder.
public enum QuantiserGradient: String, Sendable, CaseIterable {
  /// As it is: the straight-through estimator.
  case straightThrough
  /// Turned and scaled as the vector is by quantisation: the rotation trick.
  case rotation
}
