import Imaging
import Layers
import Methods
import Tensors
import Testing
import Training

/// Smooth blobs, different for every index: `[N, 12, 12, 1]`.
func blobs(_ count: Int, seed: UInt64 = 1) -> Tensor {
  var generator = Generator(seed: seed)
  return Tensor(shape: [count, 12, 12, 1]) { target in
    for image in 0..<count {
      let (x, y) = (generator.uniform(in: 2...9), generator.uniform(in: 2...9))
      let (a, b) = (generator.uniform(in: 2...8), generator.uniform(in: 2...20))
      for pixel in 0..<144 {
        let (u, v) = (Float(pixel % 12) - x, Float(pixel / 12) - y)
        target[image * 144 + pixel] = 1 / (1 + u * u / a + v * v / b)
      }
    }
  }
}

private struct Blobs: BatchSource {
  let count: Int
  let images: Tensor
  init(_ count: Int) {
    self.count = count
    images = blobs(count)
  }
  func images(at places: [Int]) throws -> Tensor { try images.gathered(rows: places) }
}

@Suite struct AETTests {
  static let format = ImageFormat(shape: [12, 12, 1], mean: [0.3], deviation: [0.2], name: "blobs")

  static func model(
    _ family: any TransformationFamily, mode: AETMode = .centred,
    normalisation: BranchNormalisation = .perBranch, augmentation: Augmentation = .none,
    seed: UInt64 = 1
  ) throws -> AET {
    var configuration = AET.Configuration()
    configuration.transformation = family
    configuration.encoder = try .small([4, 6])
    configuration.mode = mode
    configuration.normalisation = normalisation
    configuration.augmentation = augmentation
    return try AET(configuration, for: format, seed: seed)
  }

  @Test func constantPredictorHasTheLossOfItsConvention() throws {
    // Whitening by the sampler makes the variance of every coordinate 1.
    for family in [try Projective(jitter: 1), try Affine()] as [any TransformationFamily] {
      let chance = try #require(try Self.model(family).constantPredictorLoss)
      #expect(abs(chance - 1) < 1e-4)
    }
    // The published constants over-divide: 0.513 and 0.389 at 32 pixels.
    var configuration = AET.Configuration()
    configuration.mode = .published
    configuration.encoder = try .small([4, 6])
    let colour = ImageFormat(
      shape: [32, 32, 3], mean: [0, 0, 0], deviation: [1, 1, 1], name: "colour")
    let projective = try AET(configuration, for: colour, seed: 1)
    #expect(abs(try #require(projective.constantPredictorLoss) - 0.513) < 0.01)
    configuration.transformation = try Affine()
    let affine = try AET(configuration, for: colour, seed: 1)
    #expect(abs(try #require(affine.constantPredictorLoss) - 0.389) < 0.01)
  }

  @Test("refuses a family whose every draw is the same")
  func familiesWithNothingToTell() throws {
    let still = try Affine(rotation: 0, translation: 0, scale: 1...1, shear: 0)
    let error = #expect(throws: TensorError.self) { try Self.model(still) }
    #expect(error?.description.contains("give one of its numbers a range") == true)
    // Quarter turns are something to tell.
    _ = try Self.model(Projective(scale: 1...1, jitter: 0))
  }

  @Test func gradientIsTheSlopeOfTheLoss() throws {
    let model = try Self.model(try Projective(jitter: 1))
    let slope = try GradientSlope(of: model, batch: Batch(blobs(8)))
    #expect(slope.parameters == model.trainableParameters)
    #expect(slope.error < 0.02, "\(slope)")
  }

  @Test("both views are of the same cropped and flipped image")
  func augmentation() throws {
    let (images, stream) = (blobs(8), Generator(seed: 3))
    func loss(_ augmentation: Augmentation, _ images: Tensor) throws -> Float {
      let model = try Self.model(try Projective(jitter: 1), augmentation: augmentation)
      return try model.loss(of: Batch(images), in: Pass(.evaluation), using: stream)[0].value
        .item()
    }
    var crops = stream.split(.augmentation, 1).split(.augmentation)
    let seen = try images.randomlyCropped(
      padding: Self.format.shape[0] / 8, mirrors: true, using: &crops)
    #expect(try loss(.cropAndFlip, images) == loss(.none, seen))
    #expect(try loss(.cropAndFlip, images) != loss(.none, images))
  }

  @Test func viewsAreNormalisedSeparatelyOrTogether() throws {
    let family = try Projective(jitter: 1, fill: .constant(0))
    let (apart, together) = (
      try Self.model(family), try Self.model(family, normalisation: .joint)
    )
    #expect(apart.branches == 2 && together.branches == 1)
    func loss(_ model: AET) throws -> Float {
      let pass = Pass(.training, branches: model.branches)
      return try model.loss(of: blobs(8), in: pass, using: Generator(seed: 3))[0].value.item()
    }
    #expect(try loss(apart) != loss(together))
  }

  @Test func learnsAndRepeatsItself() throws {
    func train(_ seed: UInt64) throws -> (AET, [Float]) {
      let model = try Self.model(
        try Affine(rotation: 0, translation: 0.3, scale: 1...1, shear: 0, fill: .clamp))
      let run = try TrainingRun(
        model, on: Blobs(256), options: .init(epochs: 12, batch: 32, rate: 0.01, seed: seed),
        optimiser: Adam())
      try run.advance(watchedBy: [])
      return (model, run.history["loss"] ?? [])
    }
    let (one, first) = try train(1)
    let (two, second) = try train(1)
    #expect(first == second)
    #expect(
      one.parameters.map { $0.parameter.value.scalars }
        == two.parameters.map { $0.parameter.value.scalars })
    #expect(try train(2).1 != first)
    // Only the two shifts vary: the other four coordinates of the target are constant.
    let chance = try #require(one.constantPredictorLoss)
    #expect(first.suffix(8).reduce(0, +) / 8 < 0.6 * Float(chance))
    let found = try one.predictTransformations(of: blobs(64, seed: 9), using: Generator(seed: 5))
    let median = found.cornerErrors.sorted()[32]
    // Saying the mean would be off by about 2.7 pixels: shifts of ±3.6 along both axes.
    #expect(median < 2)
    #expect(found.predictions.allSatisfy { $0 != nil })
  }

  @Test func featuresComeFromTheBlockAskedFor() throws {
    let model = try Self.model(try Projective(jitter: 1))
    #expect(try model.encode(blobs(3), block: 1).shape == [3, 4])
    #expect(try model.encode(blobs(3), block: 2).shape == [3, 6])
    // More images than one part of the work gives the same features.
    let many = blobs(260)
    let all = try model.encode(many, block: 4)
    let last = try model.encode(try many.rows(259..<260), block: 4)
    #expect(zip(try all.rows(259..<260).scalars, last.scalars).allSatisfy { abs($0 - $1) < 1e-5 })
    #expect(throws: TensorError.self) { try model.encode(blobs(1), block: 5) }
  }

  @Test func publishedAffineDecoderIsBounded() throws {
    let model = try Self.model(try Affine(), mode: .published)
    let bias = try #require(model.parameters.first { $0.name == "decoder.bias" })
    bias.parameter.update { $0.update(repeating: 50) }
    let found = try model.predictTransformations(of: blobs(4), using: Generator(seed: 1))
    // tanh keeps every coordinate in [−1, 1], so the error stays below that of two opposite corners.
    #expect(found.loss < 4)
  }

  @Test func imagesThatDoNotFitAreRefused() throws {
    var configuration = AET.Configuration()
    configuration.encoder = try .small([4, 6])
    configuration.transformation = try Projective(jitter: 40)
    #expect(throws: (any Error).self) { try AET(configuration, for: Self.format, seed: 1) }
  }
}
