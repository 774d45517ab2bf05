import Layers
import Methods
import Tensors
import Training

/// One training step that is timed here and, with the same architecture, batch and optimiser, in
/// `Benchmarks/pytorch/workloads.py`.
struct Workload {
  let method: any Trainable
  let images: Tensor
  /// Where the images come from, if they have labels.
  var source: (any BatchSource)?
  let batch: Int
  let optimiser: any Optimiser
  let rate: Float
  /// Multiply-adds of the convolutions and linear layers of one forward pass of one image.
  let multiplyAdds: Int

  /// The names, in the order of the report.
  static let names = [
    "aet-published", "aet-small", "vqvae", "equivae-labelled", "equivae-unlabelled",
  ]

  static func named(_ name: String) throws -> Workload? {
    switch name {
    case "aet-published":
      try aet(.published, shape: [32, 32, 3], batch: 64)
    case "aet-small":
      try aet(.small([24, 48]), shape: [28, 28, 1], batch: 128)
    case "vqvae":
      try vqvae()
    case "equivae-labelled":
      try equivae(isLabelled: true)
    case "equivae-unlabelled":
      try equivae(isLabelled: false)
    default: nil
    }
  }

  /// Codes that start at random and stay in use or not, as those of the twin do.
  private static func vqvae() throws -> Workload {
    var generator = Generator(seed: 1)
    let images = Tensor.uniform([8 * 128, 28, 28, 1], in: 0...1, using: &generator)
    var configuration = VQVAE.Configuration()
    configuration.start = .random
    configuration.restart = 0
    // The variance of uniform noise is 1/12.
    let format = ImageFormat(
      shape: [28, 28, 1], mean: [0.5], deviation: [0.288_675], name: "noise")
    let method = try VQVAE(configuration, for: format, seed: 1)
    return Workload(
      method: method, images: images, batch: 128, optimiser: Adam(), rate: 1e-3,
      multiplyAdds: try method.layers().reduce(0) { $0 + $1.multiplyAdds })
  }

  /// The labelled step or the unlabelled one.
  ///
  /// Labelled, r of an image is the mean over all others of its class in the batch. Unlabelled, two images of
  /// each class are labelled, learned from beside the batch and compared with.
  private static func equivae(isLabelled: Bool) throws -> Workload {
    var generator = Generator(seed: 1)
    let (shape, batch, classes) = ([28, 28, 1], 64, 10)
    let images = Tensor.uniform([batch] + shape, in: 0...1, using: &generator)
    let few = Tensor.uniform([2 * classes] + shape, in: 0...1, using: &generator)
    var configuration = EquiVAE.Configuration()
    configuration.complements = 7...7
    configuration.classification = 1
    let format = ImageFormat(
      shape: shape, mean: [0.5], deviation: [0.29], name: "noise",
      classNames: (0..<classes).map { "\($0)" })
    return Workload(
      method: try EquiVAE(configuration, for: format, seed: 1), images: images,
      source: LabelledStock(images, few: isLabelled ? nil : few, classes: classes), batch: batch,
      optimiser: Adam(), rate: 1e-3, multiplyAdds: isLabelled ? 6_330_000 : 25_300_000)
  }

  private static func aet(
    _ encoder: NINConfiguration, shape: [Int], batch: Int
  ) throws -> Workload {
    var generator = Generator(seed: 1)
    let images = Tensor.uniform([8 * batch] + shape, in: 0...1, using: &generator)
    var configuration = AET.Configuration()
    configuration.encoder = encoder
    // As the released code and the PyTorch side have it: each view with statistics of its own.
    configuration.normalisation = .perBranch
    let channels = shape[2]
    let format = ImageFormat(
      shape: shape, mean: .init(repeating: 0.5, count: channels),
      deviation: .init(repeating: 0.29, count: channels), name: "noise")
    let method = try AET(configuration, for: format, seed: 1)
    return Workload(
      method: method, images: images, batch: batch,
      optimiser: SGD(momentum: 0.9, weightDecay: 5e-4, isNesterov: true), rate: 0.01,
      multiplyAdds: try 2 * method.layers().reduce(0) { $0 + $1.multiplyAdds })
  }
}

/// Batches drawn from images in memory.
struct Stock: BatchSource {
  let images: Tensor
  var count: Int { images.shape[0] }
  func images(at places: [Int]) throws -> Tensor { try images.gathered(rows: places) }
}
