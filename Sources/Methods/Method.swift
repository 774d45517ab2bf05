public import Layers
public import Tensors
public import Training

/// A learning system: what it is, how it learns, and what it makes of an image.
public protocol Method: Trainable {
  /// The constants that it is made with.
  associatedtype Configuration: MethodConfiguration
  /// Where it comes from and what it minimises.
  static var card: MethodCard { get }
  /// The constants.
  var configuration: Configuration { get }
  /// The images that it takes.
  var format: ImageFormat { get }
  /// Draws a new system.
  ///
  /// - Throws: `TensorError` when a constant is out of its range or the images do not fit the network.
  init(_ configuration: Configuration, for format: ImageFormat, seed: UInt64) throws
  /// The table of its layers.
  func layers() throws(TensorError) -> [LayerRow]
  /// What a block makes of images `[N, H, W, C]` with values in 0...1: maps `[N, H', W', C']`, or
  /// features `[N, D]` where the block has no places.
  ///
  /// - Throws: `TensorError.argument` for a block that there is not.
  func maps(of images: Tensor, block: Int) throws(TensorError) -> Tensor
  /// Features of images `[N, H, W, C]`: the output of a block, averaged over its places; `[N, D]`.
  func encode(_ images: Tensor, block: Int) throws(TensorError) -> Tensor
  /// The number of blocks, from 1, that `maps` and `encode` know.
  var blockCount: Int { get }
  /// The block that measurements take when the user names none.
  var defaultBlock: Int { get }
  /// The number of views of each image that a training step puts through the network.
  var viewsPerImage: Int { get }
  /// What the loss would be of a predictor that always says the mean.
  var constantPredictorLoss: Double? { get }
  /// What the method trains with when the user says nothing.
  static var defaults: TrainingDefaults { get }
  /// Factors on the learning rate by path, where parts learn at rates of their own unless the user says
  /// otherwise.
  var rates: [String: Float] { get }
}

extension Method {
  /// The second block, or the only one: deeper ones are specialised on what the method trains for.
  public var defaultBlock: Int { min(2, blockCount) }

  /// One rate for all.
  public var rates: [String: Float] { [:] }

  /// The output of a block, averaged over its places.
  public func encode(_ images: Tensor, block: Int) throws(TensorError) -> Tensor {
    try images.inParts { (part) throws(TensorError) in
      let maps = try maps(of: part, block: block)
      return maps.rank == 4 ? try maps.globallyAveraged() : maps
    }
  }

  /// About how many bytes a training step holds at once: three values for each output of a layer (what it
  /// takes, what it gives, and the gradient), for every view of every image of the batch.
  public func stepBytes(batch: Int) throws(TensorError) -> Int {
    let values = try layers().reduce(0) { $0 + $1.output.product }
    // Weights, gradients and two moments, whatever the batch.
    let fixed = 4 * MemoryLayout<Float>.size * trainableCount
    return fixed + 3 * MemoryLayout<Float>.size * values * viewsPerImage * batch
  }
}

/// The images that a method takes, with the statistics that it whitens them by.
public struct ImageFormat: Sendable, Equatable {
  /// Height, width, channels.
  public let shape: [Int]
  /// The mean of each channel over the training split, for values in 0...1.
  public let mean: [Float]
  /// The standard deviation of each channel.
  public let deviation: [Float]
  /// The name of the data set.
  public let name: String
  /// The names of the classes; empty where there are none.
  public let classNames: [String]

  /// Describes the images.
  public init(
    shape: [Int], mean: [Float], deviation: [Float], name: String, classNames: [String] = []
  ) {
    self.shape = shape
    self.mean = mean
    self.deviation = deviation
    self.name = name
    self.classNames = classNames
  }
}

/// Where a method comes from and what it minimises.
public struct MethodCard: Sendable {
  /// The word that makes it in a cell: `AET`.
  public let word: String
  /// The name written out.
  public let title: String
  /// The authors, title and place of the paper.
  public let paper: String
  /// The year of the paper.
  public let year: Int
  /// The objective in LaTeX.
  public let objective: String
  /// What it does, in a sentence or two.
  public let summary: String
  /// What the loss is, with its unit, for the axes of plots.
  public let loss: String

  /// Writes the card.
  public init(
    word: String, title: String, paper: String, year: Int, objective: String, summary: String,
    loss: String = "loss"
  ) {
    self.word = word
    self.title = title
    self.paper = paper
    self.year = year
    self.objective = objective
    self.summary = summary
    self.loss = loss
  }
}

/// The training constants of a method.
public struct TrainingDefaults: Sendable {
  /// The learning rate.
  public let rate: Float
  /// Images a step.
  public let batch: Int

  /// Sets the constants.
  public init(rate: Float, batch: Int) {
    self.rate = rate
    self.batch = batch
  }
}
