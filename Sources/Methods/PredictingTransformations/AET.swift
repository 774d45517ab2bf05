public import Imaging
public import Layers
public import Tensors
public import Training

/// Autoencoding transformations (Zhang, Qi, Wang, Luo, CVPR 2019).
///
/// One encoder E sees an image x and its transformed version t(x); a decoder D says from both features
/// what t was: t̂ = D[E(x), E(t(x))]. The loss is the mean squared error of the whitened parameters of t
/// (section 3.1). To say what happened, the features must tell where the parts of the image are.
public struct AET: Method, DecodingTransformations {
  /// The constants of an AET.
  public struct Configuration: MethodConfiguration {
    /// The family that t is drawn from; the projective one when `nil`.
    public var transformation: (any TransformationFamily)?
    /// The encoder E.
    public var encoder = NINConfiguration.published
    /// Whose conventions hold.
    public var mode = AETMode.centred
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
      Option("mode", \.mode, "whose conventions hold: this project's or the released code's"),
      Option(
        "normalisation", \.normalisation,
        "whether the two views are batch-normalised together or separately"),
      Option(
        "augmentation", \.augmentation,
        "what is done to an image before it is transformed; the released code crops and flips"),
    ]
  }

  /// Where AET comes from.
  public static let card = MethodCard(
    word: "AET", title: "Autoencoding transformations",
    paper:
      "L. Zhang, G.-J. Qi, L. Wang, J. Luo: AET vs. AED: Unsupervised Representation Learning by "
      + "Auto-Encoding Transformations rather than Data, CVPR 2019",
    year: 2019,
    objective:
      #"\min_{E,D}\ \mathbb{E}_{x,\,t}\ \lVert t - \hat t\,\rVert^2,\qquad "#
      + #"\hat t = D\,[E(x),\, E(t(x))]"#,
    summary:
      "An encoder sees an image and a transformed version of it; a decoder says from the two features "
      + "which transformation it was.",
    loss: "mean squared error of whitened targets")

  /// Constants that learn well in a few epochs of a small network.
  public static let defaults = TrainingDefaults(rate: 0.004, batch: 128)

  /// The constants.
  public let configuration: Configuration
  /// The images that it takes.
  public let format: ImageFormat
  private let siamese: Siamese
  private let encoder: NIN
  private let decoder: Linear

  /// The parts that hold parameters.
  public var parts: [(name: String, part: Any)] {
    [("whitening", siamese.whitening), ("encoder", encoder), ("decoder", decoder)]
  }

  /// Draws the weights of a new AET.
  public init(_ configuration: Configuration, for format: ImageFormat, seed: UInt64) throws {
    self.configuration = configuration
    self.format = format
    siamese = try Siamese(
      configuration.transformation,
      convention: configuration.mode == .published ? .published : .centred, format: format)
    var generator = Generator(seed: seed).split(.initialisation)
    encoder = NIN(configuration.encoder, channels: format.shape[2], generator: &generator)
    _ = try encoder.rows(input: format.shape)
    decoder = Linear(
      inputs: 2 * encoder.features, outputs: siamese.transformation.targetDimension,
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

  /// What the loss is of a decoder that always says the mean transformation.
  public var constantPredictorLoss: Double? { siamese.chance }

  /// The layers of the encoder and the decoder.
  public func layers() throws(TensorError) -> [LayerRow] {
    try encoder.rows(path: "encoder", input: format.shape)
      + decoder.rows(path: "decoder", input: [2 * encoder.features])
  }

  /// The mean squared error of t̂ over a batch of fresh transformations.
  public func loss(
    of batch: Batch, in pass: Pass, using generator: Generator
  ) throws(TensorError) -> [NamedTensor] {
    let images = try configuration.augmentation(
      batch.images, using: generator.split(.augmentation, 1))
    let pairs = try siamese.draw(images, using: generator)
    return [NamedTensor("loss", try predict(pairs, in: pass).meanSquaredError(pairs.targets))]
  }

  /// The output of block 1 to 4, `[N, H', W', widths]`.
  public func maps(of images: Tensor, block: Int) throws(TensorError) -> Tensor {
    try images.inParts { (part) throws(TensorError) in
      try encoder.maps(siamese.whitening(part), block: block, in: Pass(.evaluation))
    }
  }

  /// Draws a transformation for each image and tells what the decoder says of it.
  public func predictTransformations(
    of images: Tensor, using generator: Generator
  ) throws(TensorError) -> TransformationPredictions {
    let pairs = try siamese.draw(images, using: generator)
    return try siamese.predictions(predict(pairs, in: Pass(.evaluation)), of: pairs)
  }

  /// D[E(x), E(t(x))]: both views go through the encoder as one batch.
  private func predict(_ pairs: TransformedPairs, in pass: Pass) throws(TensorError) -> Tensor {
    let views = try siamese.views(of: pairs)
    let features = try within("encoder") { () throws(TensorError) in try encoder(views, in: pass) }
    let output = try within("decoder") { () throws(TensorError) in
      try decoder(siamese.sideBySide(features), in: pass)
    }
    // The released affine decoder ends in tanh, the projective one does not (section 1.1 of its code).
    return isBounded ? try output.tanh() : output
  }

  private var isBounded: Bool { configuration.mode == .published && transformation is Affine }
}

/// Whose conventions an AET follows.
public enum AETMode: String, Sendable, CaseIterable {
  /// The frame's true centre, whitening from the sampler, a linear decoder.
  case centred
  /// The released code's centre, targets, constants, grey fill and, for affine, tanh.
  case published
}

/// Which images share the statistics of batch normalisation.
public enum BranchNormalisation: String, Sendable, CaseIterable {
  /// Both views together; in published mode each its own.
  case automatic
  /// Each view its own, as two passes one after the other would have.
  ///
  /// There is one set of running statistics, the mixture of both, so that predictions outside of training
  /// are made under statistics that no view was trained under; they are worse for it.
  case perBranch
  /// Both views together.
  case joint

  /// The number of parts of a batch that are normalised separately.
  func branches(isPublished: Bool) -> Int {
    switch self {
    case .automatic: isPublished ? 2 : 1
    case .perBranch: 2
    case .joint: 1
    }
  }
}
