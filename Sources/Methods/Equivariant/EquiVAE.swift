public import Layers
public import Tensors
public import Training

/// Invariant and equivariant representations of images in classes (Feige, ICML 2019).
///
/// Two latents: r, the same for a whole class, is the mean of f_inv over m complementary images, which are
/// of the class of x but never x itself; v, drawn from q(v|r, x), holds what is left to tell of x. The loss
/// is the negative evidence lower bound of p(x|r, v), summed exactly over the classes where the class of x
/// is not known. The paper's equations are followed; its layer sizes, m and weights were not to be had,
/// so those here are this project's own.
public struct EquiVAE: Method {
  /// The constants of an EquiVAE.
  public struct Configuration: MethodConfiguration {
    /// The size of r.
    public var invariant = 16
    /// The size of v.
    public var equivariant = 16
    /// The numbers of complements m from which each step draws one.
    public var complements = 1...7
    /// Whether q(v|r, x) has one variance, or one a coordinate.
    public var variance = LatentVariance.vector
    /// The distribution p(x|r, v).
    public var likelihood = ImageLikelihood.automatic
    /// The weight of the labelled −log q(y|x) before it is scaled by N over the labelled images.
    public var classification: Float = 0.1
    /// The weight of KL(q̄ ‖ p(y)), where q̄ is the mean of q(y|x) over the unlabelled images of a step.
    public var balance: Float = 0
    /// What q(y|x) is.
    public var inference = ClassInference.head
    /// The share of the values that q(y|x) drops behind the convolutions, and behind the linear layer.
    public var dropout: Float = 0
    /// Whether f_inv shares its convolutions with q(v|r, x) and q(y|x).
    public var trunk = TrunkSharing.separate

    /// The defaults.
    public init() {}

    /// Every option.
    public static let options: [Option<Configuration>] = [
      Option(
        "invariant", \.invariant, in: 1...1024, "the size of the latent r that a class shares"),
      Option("equivariant", \.equivariant, in: 1...1024, "the size of the latent v of each image"),
      Option(
        "complements", \.complements, in: 1...1000,
        "how many other images of the class r is the mean of; every step draws a number"),
      Option("variance", \.variance, "whether v has one variance, or one for each coordinate"),
      Option(
        "likelihood", \.likelihood,
        "the distribution of the pixels: .bernoulli, .gaussian(0.1) or .discretisedLogistic"),
      Option(
        "classification", \.classification, in: 0...1_000_000,
        "the weight of -log q(y|x) of labelled images, times images per labelled image (at most 50); "
          + "0 leaves it out"),
      Option(
        "balance", \.balance, in: 0...1_000_000,
        "the weight of KL(mean of q(y|x) over the unlabelled images of a step, p(y)); it keeps the classes "
          + "equally large"),
      Option(
        "inference", \.inference,
        "what q(y|x) is: a layer of its own, or the softmax of -|f_inv(x) - r_y|^2"),
      Option(
        "dropout", \.dropout, in: 0...0.95,
        "the share of values that q(y|x) drops behind the convolutions and behind the linear layer"),
      Option("trunk", \.trunk, "whether both latents share their convolutions"),
    ]
  }

  /// Where EquiVAE comes from.
  public static let card = MethodCard(
    word: "EquiVAE", title: "Invariant-equivariant autoencoder",
    paper:
      "I. Feige: Invariant-equivariant representation learning for multi-class data, ICML 2019",
    year: 2019,
    objective:
      #"\mathcal{L}_{lab} = \mathbb{E}_{q(v|r_y,x)} \log p(x|r_y,v) - "#
      + #"D_{KL}[q(v|r_y,x)\,\|\,p(v)] + \log p(y),\qquad "#
      + #"r_y = \frac{1}{m} \sum_{i=1}^m f_{inv}(x^i)"#,
    summary:
      "What an image shares with its class is told from other images of the class, and what is its own "
      + "from the image itself; together they must give the image back.")

  /// Constants that learn well in a few epochs.
  public static let defaults = TrainingDefaults(rate: 0.001, batch: 64)

  /// The constants.
  public let configuration: Configuration
  /// The images that it takes.
  public let format: ImageFormat
  let likelihood: ImageLikelihood
  let whitening: InputWhitening
  /// The trunk of f_inv; `nil` where it is that of the image.
  let invariantTrunk: ConvolutionTrunk?
  let invariantHead: Linear
  let trunk: ConvolutionTrunk
  /// The layer that says q(y|x); `nil` where distances do.
  let classifier: Linear?
  let posterior: Sequential
  let posteriorHead: Linear
  let opening: Sequential
  let decoder: Sequential
  let prototypeBuffers: ClassPrototypes

  /// The parts that hold parameters.
  public var parts: [(name: String, part: Any)] {
    let own: [(name: String, part: Any)] = invariantTrunk.map { [("invariant", $0)] } ?? []
    return [("whitening", whitening)] + own + [
      ("invariant_head", invariantHead), ("trunk", trunk),
    ] + (classifier.map { [("classifier", $0)] } ?? []) + [
      ("posterior", posterior), ("posterior_head", posteriorHead), ("opening", opening),
      ("decoder", decoder), ("prototypes", prototypeBuffers),
    ]
  }

  /// Draws the weights of a new EquiVAE.
  public init(
    _ configuration: Configuration, for format: ImageFormat, seed: UInt64
  ) throws(TensorError) {
    let (r, v) = (configuration.invariant, configuration.equivariant)
    let classes = format.classNames.count
    guard classes > 0 else {
      throw .argument(
        operation: "EquiVAE", name: "for", value: "a data set without classes",
        fix: "take one whose images are in classes, such as FashionMNIST()")
    }
    try Self.check(configuration)
    self.configuration = configuration
    self.format = format
    likelihood = try configuration.likelihood.resolved(channels: format.shape.last ?? 1)
    var generator = Generator(seed: seed).split(.initialisation)
    let features = ConvolutionTrunk.features
    whitening = InputWhitening(format)
    let shared = configuration.trunk == .shared
    invariantTrunk =
      shared
      ? nil : try ConvolutionTrunk(shape: format.shape, for: "EquiVAE", generator: &generator)
    invariantHead = Linear(inputs: features, outputs: r, generator: &generator)
    trunk = try ConvolutionTrunk(shape: format.shape, for: "EquiVAE", generator: &generator)
    let head = Linear(inputs: features, outputs: classes, generator: &generator)
    classifier = configuration.inference == .head ? head : nil
    posterior = Sequential([
      Linear(inputs: features + r, outputs: features, generator: &generator), Rectifier(),
    ])
    let variances = configuration.variance == .scalar ? 1 : v
    posteriorHead = Linear(inputs: features, outputs: v + variances, generator: &generator)
    opening = Sequential([
      Linear(inputs: r + v, outputs: features, generator: &generator), Rectifier(),
      Linear(inputs: features, outputs: trunk.mapShape.product, generator: &generator), Rectifier(),
    ])
    let pixels = TransposedConvolution(
      inputs: 32, outputs: likelihood.outputs(channels: format.shape[2]), window: 4, stride: 2,
      padding: 1, bias: true, generator: &generator)
    // Few channels out make large weights: begin with logits of about 1.
    pixels.weight.scale(by: 0.25)
    decoder = Sequential([
      TransposedConvolution(
        inputs: 64, outputs: 32, window: 4, stride: 2, padding: 1, bias: true,
        generator: &generator),
      Rectifier(), pixels,
    ])
    prototypeBuffers = ClassPrototypes(classes: classes, dimension: r)
  }

  private static func check(_ configuration: Configuration) throws(TensorError) {
    for (name, size) in [
      ("invariant", configuration.invariant), ("equivariant", configuration.equivariant),
    ] where size < 1 {
      throw .argument(
        operation: "EquiVAE", name: name, value: "\(size)",
        fix: "a latent has at least 1 coordinate")
    }
    guard configuration.complements.lowerBound >= 1 else {
      throw .argument(
        operation: "EquiVAE", name: "complements", value: "\(configuration.complements)",
        fix: "r is the mean of at least 1 image: write complements: 1...7")
    }
    guard configuration.classification >= 0, configuration.classification.isFinite else {
      throw .argument(
        operation: "EquiVAE", name: "classification", value: "\(configuration.classification)",
        fix: "a weight is at least 0")
    }
  }

  /// The number of classes.
  public var classCount: Int { format.classNames.count }

  /// As many as there are classes: an image whose class is not known is given back once under each.
  public var viewsPerImage: Int { classCount }

  /// Two: f_inv(x), and the mean of q(v|r, x).
  public var blockCount: Int { 2 }

  /// The first: the latent that tells the class.
  public var defaultBlock: Int { 1 }

  /// Nothing to compare with.
  public var constantPredictorLoss: Double? { nil }

  /// Refuses images of which no classes are known, or of a class with fewer than 2.
  public func check(_ source: any BatchSource) throws(TensorError) {
    try checkLabels(
      of: source, for: Self.card.word, classNames: format.classNames, atLeast: 2)
  }

  /// The layers of both encoders and the decoder.
  public func layers() throws(TensorError) -> [LayerRow] {
    let (r, v) = (configuration.invariant, configuration.equivariant)
    let features = ConvolutionTrunk.features
    var rows = try invariantTrunk?.rows(path: "invariant", input: format.shape) ?? []
    rows += try invariantHead.rows(path: "invariant_head", input: [features])
    rows += try trunk.rows(path: "trunk", input: format.shape)
    rows += try classifier?.rows(path: "classifier", input: [features]) ?? []
    rows += try posterior.rows(path: "posterior", input: [features + r])
    rows += try posteriorHead.rows(path: "posterior_head", input: [features])
    rows += try opening.rows(path: "opening", input: [r + v])
    return try rows + decoder.rows(path: "decoder", input: trunk.mapShape)
  }
}

/// Whether the normal distribution of a latent has one variance, or one for each coordinate.
public enum LatentVariance: String, Sendable, CaseIterable {
  /// One for each coordinate.
  case vector
  /// One for all of them: σ² I.
  case scalar
}

/// Whether two encoders see an image through the same convolutions.
public enum TrunkSharing: String, Sendable, CaseIterable {
  /// Each has its own.
  case separate
  /// Both have the same.
  case shared
}

/// What the distribution q(y|x) of the class of an image is.
public enum ClassInference: String, Sendable, CaseIterable {
  /// The softmax of a linear layer on the features of the image.
  case head
  /// The softmax of −‖f_inv(x) − r_y‖², which has no parameters of its own (Snell et al., 2017).
  case distances
}
