public import Layers
public import Tensors
public import Training

/// Autoencoding data: the autoencoder that AET is compared with.
///
/// The encoder is blocks 1 and 2 of the NIN, then a 1×1 convolution to a code smaller than the image; without
/// it the maps of block 2 could hold a copy of the image and learn nothing. The decoder goes back in mirrored
/// steps: nearest upsampling and 3×3 convolutions. The loss is the mean squared error of whitened pixels.
public struct AED: Method, Reconstructing {
  /// The constants of an AED.
  public struct Configuration: MethodConfiguration {
    /// The network whose blocks 1 and 2 are the encoder.
    public var encoder = NINConfiguration.published
    /// The size of the code as a share of the image's.
    public var bottleneck: Float = 0.5

    /// The defaults.
    public init() {}

    /// Every option.
    public static let options: [Option<Configuration>] = [
      Option(
        "encoder", \.encoder,
        "the network whose blocks 1 and 2 are the encoder, such as NIN(widths: [32, 64])"),
      Option(
        "bottleneck", \.bottleneck, in: 0.001...0.999,
        "how many numbers the code has, as a share of those of the image"),
    ]
  }

  /// Where AED comes from.
  public static let card = MethodCard(
    word: "AED", title: "Autoencoding data",
    paper:
      "The autoencoder in the comparison of L. Zhang, G.-J. Qi, L. Wang, J. Luo: AET vs. AED: "
      + "Unsupervised Representation Learning by Auto-Encoding Transformations rather than Data, "
      + "CVPR 2019; built here, since their released code has none",
    year: 2019,
    objective: #"\min_{E,D}\ \mathbb{E}_{x}\ \lVert x - D\,[E(x)]\,\rVert^2"#,
    summary:
      "An encoder presses an image into a code half its size, and a decoder makes the image again.",
    loss: "mean squared error of whitened pixels")

  /// Constants that learn well in a few epochs of a small network.
  public static let defaults = TrainingDefaults(rate: 0.004, batch: 128)

  /// The constants.
  public let configuration: Configuration
  /// The images that it takes.
  public let format: ImageFormat
  /// The shape of a code, `[H', W', C]`.
  public let codeShape: [Int]
  private let whitening: InputWhitening
  private let encoder: NIN
  private let bottleneck: Convolution
  private let decoder: Sequential

  /// The parts that hold parameters.
  public var parts: [(name: String, part: Any)] {
    [
      ("whitening", whitening), ("encoder", encoder), ("bottleneck", bottleneck),
      ("decoder", decoder),
    ]
  }

  /// Draws the weights of a new AED.
  public init(_ configuration: Configuration, for format: ImageFormat, seed: UInt64) throws {
    self.configuration = configuration
    self.format = format
    var generator = Generator(seed: seed).split(.initialisation)
    let channels = format.shape[2]
    encoder = NIN(configuration.encoder, channels: channels, depth: 2, generator: &generator)
    let (first, second) = (
      try encoder.outputShape(for: format.shape, block: 1),
      try encoder.outputShape(for: format.shape, block: 2)
    )
    let sites = second[0] * second[1]
    let width = Int(configuration.bottleneck * Float(format.shape.product)) / sites
    guard width > 0, sites * width < format.shape.product else {
      throw TensorError.argument(
        operation: "AED", name: "bottleneck", value: "\(configuration.bottleneck)",
        fix:
          "a code has at least one number at each of its \(second[0])×\(second[1]) places and fewer "
          + "than the image has: take from \(Float(sites) / Float(format.shape.product)) to 1")
    }
    codeShape = [second[0], second[1], width]
    bottleneck = Convolution(
      inputs: second[2], outputs: width, window: 1, bias: true, generator: &generator)
    decoder = Sequential([
      ConvolutionUnit(inputs: width, outputs: second[2], window: 3, generator: &generator),
      Upsampling(factor: 2),
      ConvolutionUnit(inputs: second[2], outputs: first[2], window: 3, generator: &generator),
      Upsampling(factor: 2),
      Convolution(
        inputs: first[2], outputs: channels, window: 3, bias: true, generator: &generator),
    ])
    whitening = InputWhitening(format)
  }

  /// The two blocks of the encoder, and the code as the third.
  public var blockCount: Int { encoder.blocks.count + 1 }

  /// One.
  public var viewsPerImage: Int { 1 }

  /// What the loss is of a decoder that always says the mean of each channel: the variance of whitened pixels.
  public var constantPredictorLoss: Double? { 1 }

  /// The layers of the encoder, the bottleneck and the decoder.
  public func layers() throws(TensorError) -> [LayerRow] {
    // The encoder's table ends with an average that is not taken here.
    try encoder.rows(path: "encoder", input: format.shape).dropLast()
      + bottleneck.rows(
        path: "bottleneck", input: encoder.outputShape(for: format.shape, block: 2))
      + decoder.rows(path: "decoder", input: codeShape)
  }

  /// The mean squared error of the whitened pixels.
  public func loss(
    of batch: Batch, in pass: Pass, using generator: Generator
  ) throws(TensorError) -> [NamedTensor] {
    let images = try whitening(batch.images)
    return [
      NamedTensor("loss", try decode(code(images, in: pass), in: pass).meanSquaredError(images))
    ]
  }

  /// The output of block 1 or 2, `[N, H', W', widths]`, or as block 3 the code.
  public func maps(of images: Tensor, block: Int) throws(TensorError) -> Tensor {
    try images.inParts { (part) throws(TensorError) in
      let part = try whitening(part)
      return block == blockCount
        ? try code(part, in: Pass(.evaluation))
        : try encoder.maps(part, block: block, in: Pass(.evaluation))
    }
  }

  /// What the decoder makes of the codes of images.
  public func reconstruct(_ images: Tensor) throws(TensorError) -> Tensor {
    try images.inParts { (part) throws(TensorError) in
      let pass = Pass(.evaluation)
      return try whitening.undone(decode(code(whitening(part), in: pass), in: pass))
        .clamped(to: 0...1)
    }
  }

  private func code(_ whitened: Tensor, in pass: Pass) throws(TensorError) -> Tensor {
    let maps = try within("encoder") { () throws(TensorError) in
      try encoder.maps(whitened, in: pass)
    }
    return try within("bottleneck") { () throws(TensorError) in try bottleneck(maps, in: pass) }
  }

  /// Both poolings round up, so the decoder's image may be larger than the images: the rest is cut off.
  private func decode(_ code: Tensor, in pass: Pass) throws(TensorError) -> Tensor {
    let output = try within("decoder") { () throws(TensorError) in try decoder(code, in: pass) }
    guard Array(output.shape.dropFirst()) != format.shape else { return output }
    return try output.cropped(rows: 0..<format.shape[0], columns: 0..<format.shape[1])
  }
}
