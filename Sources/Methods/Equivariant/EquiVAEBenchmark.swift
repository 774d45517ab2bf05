import Glibc
public import Layers
public import Tensors
public import Training

/// The classifier that EquiVAE is compared with: the equivalent network and two dropout layers, trained on the
/// labelled images alone (Feige, ICML 2019).
///
/// The paper's rate of dropout was not to be had; 0.5 is this project's.
public struct EquiVAEBenchmark: Method, Classifying {
  /// The constants of the benchmark.
  public struct Configuration: MethodConfiguration {
    /// The share of the values that is dropped behind the convolutions, and behind the linear layer.
    public var dropout: Float = 0.5

    /// The defaults.
    public init() {}

    /// Every option.
    public static let options: [Option<Configuration>] = [
      Option(
        "dropout", \.dropout, in: 0...0.95,
        "the share of values dropped behind the convolutions and behind the linear layer")
    ]
  }

  /// Where the benchmark comes from.
  public static let card = MethodCard(
    word: "EquiVAEBenchmark", title: "The supervised benchmark of EquiVAE",
    paper:
      "I. Feige: Invariant-equivariant representation learning for multi-class data, ICML 2019",
    year: 2019,
    objective: #"\min\ -\log q(y|x)"#,
    summary:
      "The encoder of EquiVAE with two dropout layers says the class, and learns from labelled images alone."
  )

  /// Those of EquiVAE.
  public static let defaults = EquiVAE.defaults

  /// The constants.
  public let configuration: Configuration
  /// The images that it takes.
  public let format: ImageFormat
  private let whitening: InputWhitening
  private let trunk: ConvolutionTrunk
  private let classifier: Linear

  /// The parts that hold parameters.
  public var parts: [(name: String, part: Any)] {
    [("whitening", whitening), ("trunk", trunk), ("classifier", classifier)]
  }

  /// Draws the weights of a new classifier.
  public init(
    _ configuration: Configuration, for format: ImageFormat, seed: UInt64
  ) throws(TensorError) {
    guard !format.classNames.isEmpty else {
      throw .argument(
        operation: "EquiVAEBenchmark", name: "for", value: "a data set without classes",
        fix: "take one whose images are in classes, such as FashionMNIST()")
    }
    self.configuration = configuration
    self.format = format
    var generator = Generator(seed: seed).split(.initialisation)
    whitening = InputWhitening(format)
    trunk = try ConvolutionTrunk(
      shape: format.shape, for: "EquiVAEBenchmark", generator: &generator)
    classifier = Linear(
      inputs: ConvolutionTrunk.features, outputs: format.classNames.count, generator: &generator)
  }

  /// One.
  public var viewsPerImage: Int { 1 }

  /// Two: the convolutions, and the linear layer.
  public var blockCount: Int { 2 }

  /// The cross entropy of one who knows nothing: log of the number of classes.
  public var constantPredictorLoss: Double? {
    log(Double(format.classNames.count))
  }

  /// The layers of the trunk and the classifier.
  public func layers() throws(TensorError) -> [LayerRow] {
    try trunk.rows(path: "trunk", input: format.shape)
      + classifier.rows(path: "classifier", input: [ConvolutionTrunk.features])
  }

  /// Refuses images of which no classes are known.
  public func check(_ source: any BatchSource) throws(TensorError) {
    try checkLabels(
      of: source, for: Self.card.word, classNames: format.classNames, atLeast: 1)
  }

  /// −log q(y|x) of the batch, or of the labelled images that EquiVAE would see where the classes of the
  /// batch are not known.
  public func loss(
    of batch: Batch, in pass: Pass, using generator: Generator
  ) throws(TensorError) -> [NamedTensor] {
    let (images, labels) = try batch.withLabels(
      for: Self.card.word, most: EquiVAE.labelledBatch, using: generator.split(.initialisation))
    let logits = try within("trunk") { () throws(TensorError) in
      try trunk(
        whitening(images), in: pass, dropping: configuration.dropout,
        using: generator.split(.augmentation))
    }
    return [NamedTensor("loss", try classifier(logits, in: pass).crossEntropy(labels: labels))]
  }

  /// Block 1 is what the convolutions make of images, `[N, H/4, W/4, 64]`, block 2 the features `[N, 128]`.
  public func maps(of images: Tensor, block: Int) throws(TensorError) -> Tensor {
    guard (1...2).contains(block) else {
      throw .argument(
        operation: "EquiVAEBenchmark", name: "block", value: "\(block)",
        fix: "1 is behind the convolutions, 2 behind the linear layer")
    }
    return try images.inParts { (part) throws(TensorError) in
      let whitened = try whitening(part)
      return block == 1
        ? try trunk.maps(whitened, in: Pass(.evaluation))
        : try trunk(whitened, in: Pass(.evaluation))
    }
  }

  /// The probabilities q(y|x) of images `[N, H, W, C]`, `[N, classes]`.
  public func classProbabilities(of images: Tensor) throws(TensorError) -> Tensor {
    try images.inParts { (part) throws(TensorError) in
      let pass = Pass(.evaluation)
      return try classifier(trunk(whitening(part), in: pass), in: pass).softmax()
    }
  }
}
