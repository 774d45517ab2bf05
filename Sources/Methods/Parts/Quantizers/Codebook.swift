public import Layers
public import Tensors
import Training

/// A table of K vectors, of which the nearest takes the place of each encoder output z: the quantiser of
/// VQ-VAE (van den Oord, Vinyals, Kavukcuoglu, NeurIPS 2017, equations 1 to 3).
///
/// With e the code of z and sg the stop-gradient, the terms of the loss are `β ‖z − sg[e]‖²` (commitment),
/// and `‖sg[z] − e‖²` (codebook) where the codes learn by gradient; both are means over all values. β stands
/// before the commitment alone: several public codes have it before the other term.
public struct Codebook: Quantizer {
  /// The constants of a codebook.
  public struct Configuration: Sendable, Equatable {
    /// The number of codes, K.
    public var codes = 128
    /// The number of values of a code, D.
    public var dimension = 16
    /// How the codes learn.
    public var rule = CodebookRule.movingAverage(decay: 0.99)
    /// Whether vectors and codes are scaled to length 1, so that the cosine decides.
    public var isCosine = false
    /// Where the first codes come from.
    public var start = CodebookStart.kMeans
    /// The share of the mean usage below which a code is put in a new place; 0 leaves all where they are.
    public var restart: Float = 0.1
    /// The weight β of the commitment.
    public var commitment: Float = 0.25
    /// How the decoder's gradient reaches the encoder.
    public var gradient = QuantiserGradient.straightThrough

    /// The defaults.
    public init() {}
  }

  /// The codes e, `[K, D]`; a buffer where they follow moving averages.
  public let weight: Parameter
  /// The moving average N of how many vectors of a step each code is nearest to, `[K]`; starts at 1.
  public let clusterSize: Parameter
  /// The moving average m of the sum of these vectors, `[K, D]`; starts at the codes.
  public let clusterSum: Parameter?
  /// The steps since rarely used codes were last put in a new place, a scalar.
  public let steps: Parameter
  /// Whether the first codes have been drawn, 1 or 0, a scalar.
  public let isStarted: Parameter
  /// The constants.
  public let configuration: Configuration

  /// The parameters and buffers.
  public var parts: [(name: String, part: Any)] {
    let sum = clusterSum.map { [("cluster_sum", $0 as Any)] } ?? []
    return [("weight", weight), ("cluster_size", clusterSize)] + sum
      + [("steps", steps), ("is_started", isStarted)]
  }

  /// Draws codes uniformly in ±1/K; `start` takes better ones.
  ///
  /// - Throws: `TensorError.argument` when a constant is out of its range.
  public init(_ configuration: Configuration, generator: inout Generator) throws(TensorError) {
    try configuration.check()
    self.configuration = configuration
    let shape = [configuration.codes, configuration.dimension]
    let bound = 1 / Float(configuration.codes)
    var codes = Tensor.uniform(shape, in: -bound...bound, using: &generator)
    if configuration.isCosine { codes = try codes.euclideanNormalised() }
    let learns = configuration.rule == .gradient
    weight = Parameter(codes, isTrainable: learns, decays: false)
    clusterSize = Parameter(.filled(1, shape: [configuration.codes]), isTrainable: false)
    clusterSum = learns ? nil : Parameter(codes, isTrainable: false)
    steps = Parameter(Tensor(0), isTrainable: false)
    isStarted = Parameter(Tensor(configuration.start == .random ? 1 : 0), isTrainable: false)
  }

  /// The number of codes.
  public var codeCount: Int { configuration.codes }
  /// The number of values of a code.
  public var dimension: Int { configuration.dimension }
  /// A comparison with every code.
  public var multiplyAdds: Int { codeCount * dimension }

  /// `codebook, 128 codes of 16`.
  public var title: String {
    "\(configuration.isCosine ? "cosine codebook" : "codebook"), \(codeCount) codes of \(dimension)"
  }

  /// Looks the codes of maps `[N, h, w, D]` up, and lets them learn after the step.
  public func quantise(
    _ encoded: Tensor, in pass: Pass, using generator: Generator
  ) throws(TensorError) -> Quantised {
    let source = try compared(encoded)
    let table = try compared(pass(weight))
    let rows = try source.detached.reshaped([source.count / max(1, dimension), dimension])
    let codes = try rows.nearestCodes(in: table)
    let chosen = try table.gathered(rows: codes).reshaped(source.shape)
    var terms = [
      NamedTensor("commitment", try source.meanSquaredError(chosen) * configuration.commitment)
    ]
    if configuration.rule == .gradient {
      terms.append(NamedTensor("codebook", try chosen.meanSquaredError(source)))
    }
    pass.afterStep { () throws(TensorError) in
      try follow(rows, codes: codes, using: generator)
    }
    let vectors =
      configuration.gradient == .rotation
      ? try source.rotated(onto: chosen) : try chosen.straightThrough(to: source)
    return Quantised(vectors: vectors, codes: codes, terms: terms)
  }

  /// The nearest code of each vector, the lowest of equals.
  public func codes(of encoded: Tensor) throws(TensorError) -> [Int] {
    try compared(encoded).nearestCodes(in: compared(weight.value))
  }

  /// The codes' vectors, of length 1 where the cosine decides.
  public func vectors(of codes: [Int]) throws(TensorError) -> Tensor {
    try compared(weight.value).gathered(rows: codes)
  }

  /// Vectors or codes as they are compared.
  private func compared(_ vectors: Tensor) throws(TensorError) -> Tensor {
    configuration.isCosine ? try vectors.euclideanNormalised() : vectors
  }

  /// About 4,000, and at least ten for each code; 0 once the codes have been drawn.
  public var vectorsToStart: Int {
    isStarted.value.withUnsafeScalars { $0[0] } == 0 ? max(4096, 10 * codeCount) : 0
  }

  /// Puts the codes in the centres of ten Lloyd iterations on vectors `[M, D]`.
  public func start(from vectors: Tensor, using generator: Generator) throws(TensorError) {
    var generator = generator
    var centres = try compared(vectors).clusterCentres(
      codeCount, iterations: 10, using: &generator)
    if configuration.isCosine { centres = try centres.euclideanNormalised() }
    try weight.assign(centres)
    try clusterSum?.assign(centres)
    try clusterSize.assign(.filled(1, shape: [codeCount]))
    try isStarted.assign(Tensor(1))
  }
}

extension Codebook.Configuration {
  fileprivate func check() throws(TensorError) {
    func refuse(_ name: String, _ value: String, _ fix: String) -> TensorError {
      .argument(operation: "codebook", name: name, value: value, fix: fix)
    }
    guard (2...65_536).contains(codes) else {
      throw refuse("codes", "\(codes)", "take from 2 to 65536 codes")
    }
    guard (1...4096).contains(dimension) else {
      throw refuse("dimension", "\(dimension)", "a code has from 1 to 4096 values")
    }
    guard !isCosine || dimension > 1 else {
      throw refuse("dimension", "1", "with one value there are two directions; take at least 2")
    }
    if case .movingAverage(let decay) = rule, !(decay >= 0 && decay < 1) {
      throw refuse("decay", "\(decay)", "a moving average keeps a share from 0 to below 1")
    }
    guard restart >= 0, restart < 1 else {
      throw refuse("restart", "\(restart)", "give a share of the mean usage from 0 to below 1")
    }
    guard commitment >= 0, commitment.isFinite else {
      throw refuse("commitment", "\(commitment)", "give a weight of at least 0, such as 0.25")
    }
  }
}
