import Imaging
public import Layers
public import Tensors
public import Training

/// How well a small network reads the classes from a block's frozen maps.
///
/// The head is trained by descent with Nesterov momentum 0.9 and weight decay 0.0005 (biases and
/// normalisations do not decay here), with the rate times 0.1 after one half and after three quarters of the
/// run: the published 200 epochs with steps at 100 and 150, made shorter.
///
/// The frozen encoder runs in evaluation mode. Without augmentation the maps are computed once and given as
/// the source; with it, the source gives images, and `encode` makes maps of each batch's crops.
public struct HeadProbe: Trainable {
  /// The constants.
  public struct Options: Sendable, Hashable {
    /// The head.
    public var architecture: HeadArchitecture
    /// Passes over the images; 200 in the published protocol.
    public var epochs: Int
    /// Images a step.
    public var batch: Int
    /// The learning rate before its steps.
    public var rate: Float
    /// Whether images are padded by 4 pixels, cropped and turned at random.
    public var augments: Bool
    /// The seed of the head's weights, the data order and the crops.
    public var seed: UInt64

    /// Sets the constants.
    public init(
      _ architecture: HeadArchitecture, epochs: Int = 10, batch: Int = 128, rate: Float = 0.1,
      augments: Bool = false, seed: UInt64 = 1
    ) {
      self.architecture = architecture
      self.epochs = epochs
      self.batch = batch
      self.rate = rate
      self.augments = augments
      self.seed = seed
    }

    /// All that an accuracy depends on besides features and data.
    public var text: String {
      "\(architecture.title) head, SGD with Nesterov momentum 0.9 and weight decay 0.0005, "
        + "\(epochs) epoch\(epochs == 1 ? "" : "s") of batches of \(batch), "
        + "rate \(rate), × 0.1 after 1/2 and 3/4 of the steps, "
        + (augments ? "crops of images padded by 4 and turned" : "no augmentation")
    }
  }

  /// What makes maps of images, in evaluation mode.
  public typealias Encoder = @Sendable (Tensor) throws(TensorError) -> Tensor

  /// The constants.
  public let options: Options
  /// The layers of the head.
  public let network: Sequential
  private let encode: Encoder?

  /// Only the network holds parameters.
  public var parts: [(name: String, part: Any)] { [("network", network)] }

  /// Draws a head for maps of one shape, `[H, W, C]` or `[D]`.
  ///
  /// - Parameter encode: what makes maps of the source's images; `nil` where the source gives maps.
  /// - Throws: `TensorError` when the head does not fit the maps, or maps are to be augmented.
  public init(
    _ options: Options, on shape: [Int], classes: Int, encode: Encoder? = nil
  ) throws(TensorError) {
    guard encode != nil || !options.augments else {
      throw .argument(
        operation: "probe", name: "augment", value: "true",
        fix: "crops are of images; give the encoder with them")
    }
    var generator = Generator(seed: options.seed).split(.initialisation)
    network = try options.architecture.network(on: shape, classes: classes, generator: &generator)
    self.options = options
    self.encode = encode
  }

  /// The mean cross-entropy of the batch's labels, in nats.
  public func loss(
    of batch: Batch, in pass: Pass, using generator: Generator
  ) throws(TensorError) -> [NamedTensor] {
    guard let labels = batch.labels else {
      throw .argument(
        operation: "probe", name: "labels", value: "none",
        fix: "a probe learns from labelled images")
    }
    var images = batch.images
    if options.augments {
      var draws = generator.split(.augmentation)
      images = try images.randomlyCropped(padding: 4, mirrors: true, using: &draws)
    }
    let maps = try encode?(images) ?? images
    let logits = try within("head") { () throws(TensorError) in try network(maps, in: pass) }
    return [NamedTensor("loss", try logits.crossEntropy(labels: labels))]
  }

  /// Trains the head; `mayGoOn` is asked between steps, and false stops at the next.
  ///
  /// - Returns: the finished run, whose status tells whether it was interrupted.
  /// - Throws: `TensorError` when an option is out of its range or the numbers are not finite.
  public func train(
    on source: any BatchSource, mayGoOn: @escaping @Sendable () -> Bool = { true }
  ) throws -> TrainingRun {
    let plan = RunPlan(
      images: source.count, batch: min(options.batch, max(1, source.count)), epochs: options.epochs)
    let drops = [plan.steps / 2, plan.steps * 3 / 4].filter { $0 > 0 }
    let run = try TrainingRun(
      self, on: source,
      options: .init(
        epochs: options.epochs, batch: options.batch, rate: options.rate,
        schedule: .steps(at: drops), seed: options.seed),
      optimiser: SGD(momentum: 0.9, weightDecay: 5e-4, isNesterov: true))
    try run.advance(watchedBy: [Permission(mayGoOn: mayGoOn)])
    return run
  }

  /// The likeliest class of each image, or of each map where there is no encoder.
  public func classify(_ images: Tensor) throws(TensorError) -> [Int] {
    let maps = try encode?(images) ?? images
    return try network(maps, in: Pass(.evaluation)).argumentOfMaximum()
  }

  private struct Permission: Observer {
    let mayGoOn: @Sendable () -> Bool
    func observe(_ event: RunEvent) -> RunDirective { mayGoOn() ? .proceed : .stop }
  }
}
