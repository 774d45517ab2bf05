public import Layers
public import Tensors
public import Training

/// Discrete latents by vector quantisation (van den Oord, Vinyals, Kavukcuoglu, NeurIPS 2017).
///
/// An encoder makes a map of vectors z of an image, a quantiser puts a code e in the place of each, and a
/// decoder gives the image back: `L = ‖x − x̂‖² / σ² + β ‖z − sg[e]‖²`, and `+ ‖sg[z] − e‖²` where the codes
/// learn by gradient (equation 3). All terms are means; σ² is the variance of the data, so that 1 is what the
/// mean image would cost, and β means the same on other images. Networks as in the authors' released code,
/// with the decoder's gradient given to the encoder (section 3.2).
public struct VQVAE: Method, Reconstructing, Quantizing {
  /// The constants of a VQ-VAE.
  public struct Configuration: MethodConfiguration {
    /// The number of codes, K.
    public var codes = 128
    /// The number of values of a code, D.
    public var dimension = 16
    /// The channels between the convolutions.
    public var hidden = 64
    /// The channels within a residual block.
    public var residual = 32
    /// The residual blocks of the encoder, and of the decoder.
    public var blocks = 2
    /// The weight β of the commitment.
    public var commitment: Float = 0.25
    /// How vectors become codes.
    public var quantiser = QuantiserChoice.euclidean
    /// How the codes learn.
    public var codebook = CodebookRule.movingAverage(decay: 0.99)
    /// Where the first codes come from.
    public var start = CodebookStart.kMeans
    /// The share of the mean usage below which a code is put in a new place.
    public var restart: Float = 0.1
    /// How the decoder's gradient reaches the encoder.
    public var gradient = QuantiserGradient.straightThrough

    /// The defaults.
    public init() {}

    /// Every option.
    public static let options: [Option<Configuration>] = [
      Option("codes", \.codes, in: 2...65_536, "the number of codes"),
      Option("dimension", \.dimension, in: 1...1024, "the number of values of a code"),
      Option("hidden", \.hidden, in: 2...1024, "the channels between the convolutions, even"),
      Option("residual", \.residual, in: 1...1024, "the channels within a residual block"),
      Option(
        "blocks", \.blocks, in: 0...16, "the residual blocks of the encoder and of the decoder"),
      Option(
        "commitment", \.commitment, in: 0...1e6,
        "the weight of the commitment term; it goes with the scale of the reconstruction term"),
      Option(
        "quantiser", \.quantiser,
        "how vectors become codes; with .finiteScalar the levels say how many codes of which "
          + "dimension there are, and no option of a codebook counts"),
      Option("codebook", \.codebook, "how the codes learn"),
      Option("start", \.start, "where the first codes come from"),
      Option(
        "restart", \.restart, in: 0...0.999,
        "the share of the mean usage below which a code is drawn anew, looked at every 200 steps; "
          + "0 for never"),
      Option("gradient", \.gradient, "how the decoder's gradient reaches the encoder"),
    ]
  }

  /// Where VQ-VAE comes from.
  public static let card = MethodCard(
    word: "VQVAE", title: "Vector-quantised variational autoencoder",
    paper:
      "A. van den Oord, O. Vinyals, K. Kavukcuoglu: Neural Discrete Representation Learning, "
      + "NeurIPS 2017",
    year: 2017,
    objective:
      #"\min\ \frac{\lVert x - \hat x\rVert^2}{\sigma^2} + \lVert \mathrm{sg}[z] - e\rVert^2 "#
      + #"+ \beta\,\lVert z - \mathrm{sg}[e]\rVert^2,\qquad e = e_k,\ "#
      + #"k = \mathrm{argmin}_j \lVert z - e_j\rVert"#,
    summary:
      "An encoder makes a map of vectors, each is replaced by the nearest of a set of codes, and a "
      + "decoder gives the image back from the codes alone.")

  /// Constants that learn well in a few epochs of a small network.
  public static let defaults = TrainingDefaults(rate: 0.002, batch: 128)

  /// The constants.
  public let configuration: Configuration
  /// The images that it takes.
  public let format: ImageFormat
  private let whitening: InputWhitening
  private let encoder: Sequential
  private let quantizer: any Quantizer
  private let decoder: Sequential

  /// The parts that hold parameters.
  public var parts: [(name: String, part: Any)] {
    [
      ("whitening", whitening), ("encoder", encoder), ("quantizer", quantizer),
      ("decoder", decoder),
    ]
  }

  /// Draws the weights of a new VQ-VAE.
  public init(_ configuration: Configuration, for format: ImageFormat, seed: UInt64) throws {
    try configuration.check(format.shape)
    self.configuration = configuration
    self.format = format
    whitening = InputWhitening(format)
    var generator = Generator(seed: seed).split(.initialisation)
    let quantiser = generator.split(.initialisation)
    quantizer = try configuration.quantizer(using: quantiser)
    let networks = ResidualNetworks(
      channels: format.shape[2], hidden: configuration.hidden, residual: configuration.residual,
      blocks: configuration.blocks, dimension: quantizer.dimension)
    encoder = networks.encoder(&generator)
    decoder = networks.decoder(&generator)
  }

  /// The image alone.
  public var viewsPerImage: Int { 1 }

  /// Block 1 is what the encoder gives, block 2 the codes' vectors in its place.
  public var blockCount: Int { 2 }

  /// The mean image costs the variance of the data.
  public var constantPredictorLoss: Double? { 1 }

  /// The number of codes.
  public var codeCount: Int { quantizer.codeCount }

  /// A quarter of the image's height and width.
  public var codeMapShape: [Int] { format.shape.prefix(2).map { $0 / 4 } }

  /// The layers of the encoder, the quantiser and the decoder.
  public func layers() throws(TensorError) -> [LayerRow] {
    let code = codeMapShape + [quantizer.dimension]
    let row = LayerRow(
      path: "quantizer", title: quantizer.title, output: code,
      parameters: quantizer.trainableCount,
      multiplyAdds: codeMapShape.product * quantizer.multiplyAdds)
    return try encoder.rows(path: "encoder", input: format.shape) + [row]
      + decoder.rows(path: "decoder", input: code)
  }

  /// The terms `reconstruction`, `commitment` and, where the codes learn by gradient, `codebook`.
  public func loss(
    of batch: Batch, in pass: Pass, using generator: Generator
  ) throws(TensorError) -> [NamedTensor] {
    let encoded = try encode(whitening(batch.images), in: pass)
    let quantised = try within("quantizer") { () throws(TensorError) in
      try quantizer.quantise(encoded, in: pass, using: generator)
    }
    let decoded = try decode(quantised.vectors, in: pass)
    let error = try decoded.meanSquaredError(batch.images) * (1 / format.variance)
    return [NamedTensor("reconstruction", error)] + quantised.terms
  }

  /// Refuses a set whose images give fewer vectors than there are codes.
  public func check(_ source: any BatchSource) throws(TensorError) {
    let vectors = source.count * codeMapShape.product
    guard quantizer.vectorsToStart == 0 || vectors >= codeCount else {
      throw .argument(
        operation: "train", name: "codes", value: "\(codeCount)",
        fix: "\(source.count) images give \(vectors) vectors to choose codes from; "
          + "take at most \(vectors) codes, or more images")
    }
  }

  /// Starts the codes from what the encoder makes of images drawn from the set.
  public func willTrain(on source: any BatchSource, using generator: Generator) throws {
    let (wanted, places) = (quantizer.vectorsToStart, codeMapShape.product)
    guard wanted > 0 else { return }
    var shuffler = generator.split(.shuffle)
    let drawn = shuffler.permutation(source.count).prefix((wanted + places - 1) / places)
    let encoded = try maps(of: source.images(at: Array(drawn)), block: 1)
    let vectors = try encoded.reshaped([
      encoded.count / quantizer.dimension, quantizer.dimension,
    ])
    try quantizer.start(
      from: vectors.rows(0..<min(wanted, vectors.shape[0])), using: generator.split(.sampling))
  }

  /// The encoder's vectors, `[N, h, w, D]`, or the vectors of their codes.
  ///
  /// Block 1 is before the quantiser, block 2 behind it.
  public func maps(of images: Tensor, block: Int) throws(TensorError) -> Tensor {
    guard (1...2).contains(block) else {
      throw .argument(
        operation: "encode", name: "block", value: "\(block)",
        fix: "block 1 is the encoder's output, block 2 the codes in its place")
    }
    return try images.inParts { (part) throws(TensorError) in
      let encoded = try encode(whitening(part), in: Pass(.evaluation))
      guard block == 2 else { return encoded }
      return try quantizer.vectors(of: quantizer.codes(of: encoded)).reshaped(encoded.shape)
    }
  }

  /// The vectors of the codes, `[K, D]`.
  public func codeVectors() throws(TensorError) -> Tensor {
    try quantizer.vectors(of: Array(0..<codeCount))
  }

  /// The codes of images.
  public func codes(of images: Tensor) throws(TensorError) -> CodeMaps {
    let encoded = try maps(of: images, block: 1)
    return try CodeMaps(
      quantizer.codes(of: encoded), shape: [images.shape.first ?? 0] + codeMapShape)
  }

  /// What the decoder makes of maps of codes.
  public func decode(_ maps: CodeMaps) throws(TensorError) -> Tensor {
    guard Array(maps.shape.dropFirst()) == codeMapShape else {
      throw .shape(
        operation: "decode", shapes: [maps.shape, codeMapShape],
        fix: "a map of this model has \(codeMapShape[0])×\(codeMapShape[1]) codes")
    }
    let vectors = try quantizer.vectors(of: maps.codes)
    return try pictures(vectors.reshaped(maps.shape + [quantizer.dimension]))
  }

  /// What the decoder makes of the codes of images.
  public func reconstruct(_ images: Tensor) throws(TensorError) -> Tensor {
    try pictures(maps(of: images, block: 2))
  }

  private func pictures(_ vectors: Tensor) throws(TensorError) -> Tensor {
    try vectors.inParts { (part) throws(TensorError) in
      try decode(part, in: Pass(.evaluation)).clamped(to: 0...1)
    }
  }

  private func encode(_ images: Tensor, in pass: Pass) throws(TensorError) -> Tensor {
    try within("encoder") { () throws(TensorError) in try encoder(images, in: pass) }
  }

  private func decode(_ vectors: Tensor, in pass: Pass) throws(TensorError) -> Tensor {
    try within("decoder") { () throws(TensorError) in try decoder(vectors, in: pass) }
  }
}

extension VQVAE.Configuration {
  fileprivate func check(_ shape: [Int]) throws(TensorError) {
    func refuse(_ name: String, _ value: Int, _ fix: String) -> TensorError {
      .argument(operation: "VQVAE", name: name, value: "\(value)", fix: fix)
    }
    guard shape.count == 3, shape[0] % 4 == 0, shape[1] % 4 == 0, shape.product > 0 else {
      throw .shape(
        operation: "VQVAE", shapes: [shape],
        fix: "two convolutions halve the sides; give images whose sides are multiples of 4")
    }
    guard hidden >= 2, hidden % 2 == 0 else {
      throw refuse("hidden", hidden, "take an even number of channels, such as 64")
    }
    guard residual >= 1 else { throw refuse("residual", residual, "take at least 1 channel") }
    guard blocks >= 0 else { throw refuse("blocks", blocks, "take at least 0 blocks") }
  }

  fileprivate func quantizer(using generator: Generator) throws(TensorError) -> any Quantizer {
    if case .finiteScalar(let levels) = quantiser { return try FiniteScalars(levels: levels) }
    var constants = Codebook.Configuration()
    constants.codes = codes
    constants.dimension = dimension
    constants.rule = codebook
    constants.isCosine = quantiser == .cosine
    constants.start = start
    constants.restart = restart
    constants.commitment = commitment
    constants.gradient = gradient
    var generator = generator
    return try Codebook(constants, generator: &generator)
  }
}
