public import Imaging
public import Layers
public import Tensors
public import Training

/// Autoencoding variational transformations (Qi, Zhang, Chen, Tian, ICCV 2019).
///
/// The representation of a view is random: behind block 2 it is z = μ + factor · σ ε, with the maps of the
/// block as μ and log σ² from a 1×1 convolution and a batch normalisation. A decoder reads the features of
/// both views and gives a normal distribution over the whitened parameters of t; what is minimised is the
/// negative log-likelihood: less the entropy of t given z̃ it bounds −I(t; z | z̃) from above.
///
/// In published mode factor is 0.001 and the decoder's log-variances are divided by 1,000, as in the released
/// code: numerically almost an AET, with error bars that say nothing. In honest mode factor is 1 and the
/// log-variances are free between −7 and 7.
///
/// Features do not vary: blocks take μ. In published mode block 2 gives the mean of five draws of z, as the
/// released code's probes read it, with the same five draws of ε for every image. Predictions are made from one
/// draw of z for each view, as in training: what the decoder says of its errors holds for what it has learned to
/// read, and it never read μ.
public struct AVT: Method, UncertainTransformations {
  /// The constants of an AVT.
  public struct Configuration: MethodConfiguration {
    /// The family that t is drawn from; the projective one when `nil`.
    public var transformation: (any TransformationFamily)?
    /// The encoder.
    public var encoder = NINConfiguration.published
    /// Whose constants hold.
    public var mode = AVTMode.honest
    /// The weight β of the divergence of the representation from the standard normal distribution.
    public var divergence: Float = 0
    /// Steps for which the decoder's variance is held at 1; honest mode only.
    public var varianceWarmUp = 50
    /// Which images share the statistics of batch normalisation.
    public var normalisation = BranchNormalisation.automatic
    /// What is done to an image before it is transformed, alike for both views.
    public var augmentation = Augmentation.none

    /// The defaults.
    public init() {}

    /// Every option.
    public static let options: [Option<Configuration>] = [
      Option(
        "transformation", \.transformation,
        "the family of transformations to predict, such as Projective() or Affine()"),
      Option(
        "encoder", \.encoder, "the network that sees both views, such as NIN(widths: [32, 64])"),
      Option("mode", \.mode, "whose constants hold: honest error bars or the released code's"),
      Option(
        "divergence", \.divergence, in: 0...1000,
        "the weight β of the representation's divergence from N(0, 1); 0 as in the paper"),
      Option(
        "varianceWarmUp", \.varianceWarmUp, in: 0...1_000_000,
        "first steps in which the predicted variance stays at 1, in honest mode"),
      Option(
        "normalisation", \.normalisation,
        "whether the two views are batch-normalised together or separately"),
      Option(
        "augmentation", \.augmentation,
        "what is done to an image before it is transformed; the released code crops and flips"),
    ]
  }

  /// Where AVT comes from.
  public static let card = MethodCard(
    word: "AVT", title: "Autoencoding variational transformations",
    paper:
      "G.-J. Qi, L. Zhang, C. W. Chen, Q. Tian: AVT: Unsupervised Learning of Transformation "
      + "Equivariant Representations by Autoencoding Variational Transformations, ICCV 2019",
    year: 2019,
    objective:
      #"\min_{\theta,\phi}\ \mathbb{E}_{x,\,t}\ \mathbb{E}_{z,\,\tilde z}\ "#
      + #"-\log q_\phi(t \mid z, \tilde z),\qquad z \sim p_\theta(z \mid t, x),\ "#
      + #"q_\phi = \mathcal{N}(\mu_\phi, \sigma_\phi^2)"#,
    summary:
      "An encoder gives a random representation of an image and of a transformed version of it; a decoder "
      + "says from the two which transformation it was, and how sure it is.",
    loss: "negative log-likelihood (nats)")

  /// Constants that learn well in a few epochs of a small network.
  public static let defaults = TrainingDefaults(rate: 0.004, batch: 128)

  /// The constants.
  public let configuration: Configuration
  /// The images that it takes.
  public let format: ImageFormat
  private let siamese: Siamese
  private let encoder: NIN
  private let spread: Sequential
  private let decoder: GaussianHead

  /// The range of log-variances in honest mode.
  private static let range: ClosedRange<Float> = -7...7
  /// The block whose maps are the means of the representation.
  private static let randomBlock = 2

  /// The parts that hold parameters.
  public var parts: [(name: String, part: Any)] {
    [
      ("whitening", siamese.whitening), ("encoder", encoder), ("log_variance", spread),
      ("decoder", decoder),
    ]
  }

  /// Draws the weights of a new AVT.
  public init(_ configuration: Configuration, for format: ImageFormat, seed: UInt64) throws {
    let isPublished = configuration.mode == .published
    guard configuration.divergence >= 0, configuration.divergence.isFinite,
      !isPublished || configuration.divergence == 0
    else {
      throw TensorError.argument(
        operation: "AVT", name: "divergence", value: "\(configuration.divergence)",
        fix: isPublished
          ? "the released code has none; leave it out, or write mode: .honest"
          : "give a weight of 0 or more, such as 0.001")
    }
    self.configuration = configuration
    self.format = format
    siamese = try Siamese(
      configuration.transformation, convention: isPublished ? .published : .centred, format: format)
    var generator = Generator(seed: seed).split(.initialisation)
    encoder = NIN(configuration.encoder, channels: format.shape[2], generator: &generator)
    _ = try encoder.rows(input: format.shape)
    let width = try encoder.outputShape(for: format.shape, block: Self.randomBlock)[2]
    spread = Sequential([
      Convolution(inputs: width, outputs: width, window: 1, generator: &generator),
      BatchNormalisation(channels: width, rectifies: false),
    ])
    decoder = GaussianHead(
      inputs: 2 * encoder.features, outputs: siamese.transformation.targetDimension,
      scaling: isPublished
        ? .divided(by: 1000) : .clamped(to: Self.range, warmUp: configuration.varianceWarmUp),
      generator: &generator)
  }

  /// The family that t is drawn from.
  public var transformation: any TransformationFamily { siamese.transformation }

  /// Two when each view has its own statistics.
  public var branches: Int {
    configuration.normalisation.branches(isPublished: configuration.mode == .published)
  }

  /// The image and its transformed version.
  public var viewsPerImage: Int { 2 }

  /// The number of blocks of the encoder.
  public var blockCount: Int { encoder.blocks.count }

  /// In published mode the map to the log-variances learns at twice the rate: 0.01 where the released code
  /// trains the rest at 0.005.
  public var rates: [String: Float] {
    configuration.mode == .published ? ["decoder.log_variance": 2] : [:]
  }

  /// What the loss is of a decoder that always says the mean transformation, and a variance of 1.
  public var constantPredictorLoss: Double? {
    siamese.chance.map { chance in
      let count = Double(transformation.targetDimension)
      return configuration.mode == .published
        ? count * chance / (1 + Double(Self.publishedFloor))
        : count * (chance + 1.8378770664093453) / 2  // log 2π
    }
  }

  /// The layers of the encoder, of the representation's log-variance and of the decoder.
  public func layers() throws(TensorError) -> [LayerRow] {
    try encoder.rows(path: "encoder", input: format.shape)
      + spread.rows(
        path: "log_variance",
        input: encoder.outputShape(for: format.shape, block: Self.randomBlock))
      + decoder.rows(path: "decoder", input: [2 * encoder.features])
  }

  /// The negative log-likelihood of a batch of fresh transformations, in nats, and with β the divergence.
  ///
  /// The likelihood is summed over the coordinates and averaged over the batch, the weighted divergence averaged
  /// over the views. The mean squared error is reported beside them.
  ///
  /// In published mode the likelihood's term is [Σ s + Σ (μ − t)² / (e^s + 10⁻⁴)] / N, as in the released code:
  /// about twice the nats, but for a constant.
  public func loss(
    of batch: Batch, in pass: Pass, using generator: Generator
  ) throws(TensorError) -> [NamedTensor] {
    let images = try configuration.augmentation(
      batch.images, using: generator.split(.augmentation, 1))
    let pairs = try siamese.draw(images, using: generator)
    let said = try predict(pairs, in: pass, noise: generator.split(.sampling, 1))
    var terms = [
      NamedTensor("negativeLogLikelihood", try negativeLogLikelihood(of: pairs.targets, said))
    ]
    if configuration.divergence > 0 {
      let divergence = try said.representation.mean.gaussianDivergence(
        logVariance: said.representation.logVariance)
      terms.append(NamedTensor("divergence", try divergence.mean() * configuration.divergence))
    }
    let error = try said.mean.detached.meanSquaredError(pairs.targets)
    return terms + [NamedTensor("meanSquaredError", error, isMinimised: false)]
  }

  private static let publishedFloor: Float = 1e-4

  private func negativeLogLikelihood(
    of targets: Tensor, _ said: Prediction
  ) throws(TensorError) -> Tensor {
    guard configuration.mode == .published else {
      return try said.mean.gaussianNegativeLogLikelihood(
        of: targets, logVariance: said.logVariance
      ).mean()
    }
    let variance = try said.logVariance.exponential() + Self.publishedFloor
    let error = try (said.mean - targets).squared() / variance
    return try (said.logVariance.sum() + error.sum()) / Float(max(1, targets.shape[0]))
  }

  /// The output of block 1 to 4, `[N, H', W', widths]`.
  public func maps(of images: Tensor, block: Int) throws(TensorError) -> Tensor {
    try images.inParts { (part) throws(TensorError) in
      let pass = Pass(.evaluation)
      let maps = try encoder.maps(siamese.whitening(part), block: block, in: pass)
      guard block == Self.randomBlock, configuration.mode == .published else { return maps }
      return try maps + meanNoise(maps, in: pass)
    }
  }

  /// The mean of five draws of σ ε · 0.001, with the same ε for every image: features of an image depend on
  /// nothing else.
  private func meanNoise(_ maps: Tensor, in pass: Pass) throws(TensorError) -> Tensor {
    let shape = Array(maps.shape.dropFirst())
    var noise = Tensor.zeros(shape)
    for draw in 0..<5 {
      var stream = Generator(seed: 0).split(.evaluation, draw)
      noise = try noise + Tensor.normal(shape, deviation: noiseFactor / 5, using: &stream)
    }
    let deviation = try (logVariance(of: maps, in: pass) * 0.5).exponential()
    return try deviation * noise
  }

  /// Draws a transformation for each image and a representation of both views, and tells which distribution the
  /// decoder gives to the transformation.
  public func predictDistributions(
    of images: Tensor, using generator: Generator
  ) throws(TensorError) -> TransformationDistributions {
    let pairs = try siamese.draw(images, using: generator)
    let said = try predict(
      pairs, in: Pass(.evaluation), noise: generator.split(.sampling, 1))
    var variance = try said.logVariance.exponential()
    if configuration.mode == .published { variance = try variance + Self.publishedFloor }
    return TransformationDistributions(
      predictions: try siamese.predictions(said.mean, of: pairs),
      deviations: try variance.squareRoot())
  }

  private struct Prediction {
    let mean: Tensor
    let logVariance: Tensor
    /// The distributions of the representations of both views, `[2N, H', W', C]`.
    let representation: (mean: Tensor, logVariance: Tensor)
  }

  private var noiseFactor: Float { configuration.mode == .published ? 0.001 : 1 }

  /// Both views go through the encoder as one batch.
  private func predict(
    _ pairs: TransformedPairs, in pass: Pass, noise: Generator
  ) throws(TensorError) -> Prediction {
    let views = try siamese.views(of: pairs)
    let mean = try within("encoder") { () throws(TensorError) in
      try encoder.maps(views, block: Self.randomBlock, in: pass)
    }
    let logVariance = try logVariance(of: mean, in: pass)
    var stream = noise
    let representation = try mean.reparameterised(
      logVariance: logVariance, factor: noiseFactor, using: &stream)
    let features = try within("encoder") { () throws(TensorError) in
      try encoder.maps(representation, after: Self.randomBlock, in: pass).globallyAveraged()
    }
    let said = try within("decoder") { () throws(TensorError) in
      try decoder(siamese.sideBySide(features), in: pass)
    }
    return Prediction(
      mean: said.mean, logVariance: said.logVariance, representation: (mean, logVariance))
  }

  /// The log-variance of the representation, from its mean.
  private func logVariance(of mean: Tensor, in pass: Pass) throws(TensorError) -> Tensor {
    let output = try within("log_variance") { () throws(TensorError) in try spread(mean, in: pass) }
    return configuration.mode == .published ? output : try output.clamped(to: Self.range)
  }
}

/// Whose constants an AVT follows.
public enum AVTMode: String, Sendable, CaseIterable {
  /// Noise of the representation's own size, log-variances between −7 and 7, centred targets.
  case honest
  /// The released code's: noise of a thousandth, log-variances divided by 1,000, its targets and grey fill.
  case published
}
