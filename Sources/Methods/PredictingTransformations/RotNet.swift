import Glibc
import Imaging
public import Layers
public import Tensors
public import Training

/// Predicting image rotations (Gidaris, Singh, Komodakis, ICLR 2018).
///
/// Every image is turned by 0, 90, 180 and 270 degrees, pixel by pixel, and all four copies are in one batch; a
/// classifier says which turn it sees. To know, it has to recognise what stands upright.
public struct RotNet: Method, ClassifyingTransformations {
  /// The constants of a RotNet.
  public struct Configuration: MethodConfiguration {
    /// The encoder.
    public var encoder = NINConfiguration.published
    /// The number of turns to tell apart: 4, or 2 for half turns.
    public var rotations = 4
    /// What is done to the images before they are turned.
    public var augmentation = Augmentation.none

    /// The defaults.
    public init() {}

    /// Every option.
    public static let options: [Option<Configuration>] = [
      Option(
        "encoder", \.encoder,
        "the network that sees the turned images, such as NIN(widths: [32, 64])"),
      Option(
        "rotations", \.rotations, in: 2...4,
        "the turns to tell apart: 4 for quarter turns, 2 for half turns"),
      Option(
        "augmentation", \.augmentation, "what is done to the images before they are turned"),
    ]
  }

  /// Where RotNet comes from.
  public static let card = MethodCard(
    word: "RotNet", title: "Predicting image rotations",
    paper:
      "S. Gidaris, P. Singh, N. Komodakis: Unsupervised Representation Learning by Predicting Image "
      + "Rotations, ICLR 2018",
    year: 2018,
    objective:
      #"\min_{F}\ \mathbb{E}_{x}\ -\frac{1}{K}\sum_{k=0}^{K-1} "#
      + #"\log F\left(k \mid g_{k \cdot 360^\circ / K}(x)\right)"#,
    summary:
      "Every image is turned by quarter turns, and a classifier says which turn it sees; to know, it has "
      + "to recognise what stands upright.",
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

  /// Draws the weights of a new RotNet.
  public init(_ configuration: Configuration, for format: ImageFormat, seed: UInt64) throws {
    guard configuration.rotations == 2 || configuration.rotations == 4 else {
      throw TensorError.argument(
        operation: "RotNet", name: "rotations", value: "\(configuration.rotations)",
        fix: "take 4, or 2 for half turns: only these are exact")
    }
    guard configuration.rotations == 2 || format.shape[0] == format.shape[1] else {
      throw TensorError.shape(
        operation: "RotNet", shapes: [format.shape],
        fix: "quarter turns need square images; write rotations: 2")
    }
    self.configuration = configuration
    self.format = format
    var generator = Generator(seed: seed).split(.initialisation)
    encoder = NIN(configuration.encoder, channels: format.shape[2], generator: &generator)
    _ = try encoder.rows(input: format.shape)
    classifier = Linear(
      inputs: encoder.features, outputs: configuration.rotations, generator: &generator)
    whitening = InputWhitening(format)
  }

  /// All turns of an image.
  public var viewsPerImage: Int { configuration.rotations }

  /// The number of blocks of the encoder.
  public var blockCount: Int { encoder.blocks.count }

  /// What the loss is of a classifier that finds all turns equally probable.
  public var constantPredictorLoss: Double? { log(Double(configuration.rotations)) }

  /// The turns in degrees, clockwise.
  public var transformationNames: [String] { turns.map { "\(90 * $0)°" } }

  /// The layers of the encoder and the classifier.
  public func layers() throws(TensorError) -> [LayerRow] {
    try encoder.rows(path: "encoder", input: format.shape)
      + classifier.rows(path: "classifier", input: [encoder.features])
  }

  /// The cross-entropy of all turns of all images, averaged; the share of right answers is reported beside it.
  public func loss(
    of batch: Batch, in pass: Pass, using generator: Generator
  ) throws(TensorError) -> [NamedTensor] {
    let images = try configuration.augmentation(batch.images, using: generator)
    return try logits(images.quarterTurned(by: turns), in: pass).classificationTerms(
      labels: turns.indices.flatMap { [Int](repeating: $0, count: images.shape[0]) })
  }

  /// The output of block 1 to 4, `[N, H', W', widths]`.
  public func maps(of images: Tensor, block: Int) throws(TensorError) -> Tensor {
    try images.inParts { (part) throws(TensorError) in
      try encoder.maps(whitening(part), block: block, in: Pass(.evaluation))
    }
  }

  /// Turns each image by every turn and tells which turns the classifier sees.
  public func classifyTransformations(
    of images: Tensor
  ) throws(TensorError) -> (transformed: Tensor, probabilities: Tensor) {
    let turned = try images.quarterTurned(by: turns)
    let probabilities = try turned.inParts { (part) throws(TensorError) in
      try logits(part, in: Pass(.evaluation)).softmax()
    }
    return (turned, probabilities)
  }

  /// The turns in quarters: 0, 1, 2, 3, or 0, 2.
  private var turns: [Int] {
    Array(stride(from: 0, to: 4, by: 4 / configuration.rotations))
  }

  private func logits(_ turned: Tensor, in pass: Pass) throws(TensorError) -> Tensor {
    let views = try whitening(turned)
    let features = try within("encoder") { () throws(TensorError) in try encoder(views, in: pass) }
    return try within("classifier") { () throws(TensorError) in try classifier(features, in: pass) }
  }
}
