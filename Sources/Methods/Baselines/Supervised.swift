import Glibc
public import Layers
public import Tensors
public import Training

/// A classifier that learns from labels: what a representation without labels is measured against.
///
/// Three blocks of the NIN, a global average and a linear map, as the released code of RotNet trains its
/// supervised network; the loss is the cross-entropy. Where only some labels are known, a step takes a batch
/// of the labelled images and leaves the others.
public struct Supervised: Method, Classifying {
  /// The constants of a supervised classifier.
  public struct Configuration: MethodConfiguration {
    /// The network whose first three blocks are trained.
    public var encoder = NINConfiguration.published
    /// What is done to the images of a step.
    public var augmentation = Augmentation.none

    /// The defaults.
    public init() {}

    /// Every option.
    public static let options: [Option<Configuration>] = [
      Option(
        "encoder", \.encoder,
        "the network whose first three blocks are trained, such as NIN(widths: [32, 64])"),
      Option(
        "augmentation", \.augmentation, "what is done to the images of a step; nothing for digits"),
    ]
  }

  /// Where the network comes from.
  public static let card = MethodCard(
    word: "Supervised", title: "Supervised network in network",
    paper: "M. Lin, Q. Chen, S. Yan: Network In Network, ICLR 2014",
    year: 2014,
    objective: #"\min_{F}\ \mathbb{E}_{x,\,y}\ -\log F(y \mid x)"#,
    summary:
      "A classifier learns from labels, to measure against what methods without labels learn.",
    loss: "cross-entropy (nats)")

  /// Constants that learn well in a few epochs of a small network.
  public static let defaults = TrainingDefaults(rate: 0.004, batch: 128)

  /// The constants.
  public let configuration: Configuration
  /// The images that it takes.
  public let format: ImageFormat
  private let whitening: InputWhitening
  private let encoder: NIN
  private let classifier: Linear

  /// The parts that hold parameters.
  public var parts: [(name: String, part: Any)] {
    [("whitening", whitening), ("encoder", encoder), ("classifier", classifier)]
  }

  /// Draws the weights of a new classifier.
  public init(_ configuration: Configuration, for format: ImageFormat, seed: UInt64) throws {
    guard format.classNames.count > 1 else {
      throw TensorError.argument(
        operation: "Supervised", name: "for", value: "\(format.name)",
        fix: "a classifier needs a data set of at least 2 classes; this one has "
          + "\(format.classNames.count)")
    }
    self.configuration = configuration
    self.format = format
    var generator = Generator(seed: seed).split(.initialisation)
    encoder = NIN(
      configuration.encoder, channels: format.shape[2], depth: 3, generator: &generator)
    _ = try encoder.rows(input: format.shape)
    classifier = Linear(
      inputs: encoder.features, outputs: format.classNames.count, generator: &generator)
    whitening = InputWhitening(format)
  }

  /// One.
  public var viewsPerImage: Int { 1 }

  /// The number of blocks of the encoder.
  public var blockCount: Int { encoder.blocks.count }

  /// What the loss is of a classifier that finds all classes equally probable.
  public var constantPredictorLoss: Double? { log(Double(format.classNames.count)) }

  /// The layers of the encoder and the classifier.
  public func layers() throws(TensorError) -> [LayerRow] {
    try encoder.rows(path: "encoder", input: format.shape)
      + classifier.rows(path: "classifier", input: [encoder.features])
  }

  /// Refuses images of which no class is known, and classes that it has not.
  public func check(_ source: any BatchSource) throws(TensorError) {
    let known = source.labels.map { Set($0) }
    let members = source.labelled?.members ?? []
    let classes = known ?? Set(members.indices.filter { !members[$0].isEmpty })
    guard let least = classes.min(), let most = classes.max() else {
      throw .argument(
        operation: "train", name: "on", value: "images without labels",
        fix:
          "a supervised classifier learns from labels; give labelled: fashion.train.labelled(100)")
    }
    guard least >= 0, most < format.classNames.count else {
      throw .argument(
        operation: "train", name: "on", value: "images of class \(least < 0 ? least : most)",
        fix: "the model knows \(format.classNames.count) classes; make one for this data set")
    }
  }

  /// The cross-entropy of a batch of labelled images; the share of right answers is reported beside it.
  public func loss(
    of batch: Batch, in pass: Pass, using generator: Generator
  ) throws(TensorError) -> [NamedTensor] {
    let (images, labels) = try batch.withLabels(
      for: Self.card.word, most: batch.images.shape[0], using: generator.split(.sampling))
    let seen = try configuration.augmentation(images, using: generator)
    return try logits(seen, in: pass).classificationTerms(labels: labels)
  }

  /// The output of block 1 to 3, `[N, H', W', widths]`.
  public func maps(of images: Tensor, block: Int) throws(TensorError) -> Tensor {
    try images.inParts { (part) throws(TensorError) in
      try encoder.maps(whitening(part), block: block, in: Pass(.evaluation))
    }
  }

  /// The probability of each class, `[N, classes]`.
  public func classProbabilities(of images: Tensor) throws(TensorError) -> Tensor {
    try images.inParts { (part) throws(TensorError) in
      try logits(part, in: Pass(.evaluation)).softmax()
    }
  }

  private func logits(_ images: Tensor, in pass: Pass) throws(TensorError) -> Tensor {
    let whitened = try whitening(images)
    let features = try within("encoder") { () throws(TensorError) in try encoder(whitened, in: pass)
    }
    return try within("classifier") { () throws(TensorError) in try classifier(features, in: pass) }
  }
}
