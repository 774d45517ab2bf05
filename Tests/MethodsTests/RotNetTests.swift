import Glibc
import Imaging
import Layers
import Methods
import Tensors
import Testing
import Training

/// Blobs that are brighter above than below, so that they have an upright position.
private func shaded(_ count: Int, seed: UInt64 = 1) -> Tensor {
  var images = blobs(count, seed: seed)
  images.update { values in
    for place in values.indices { values[place] *= 1 - 0.08 * Float(place / 12 % 12) }
  }
  return images
}

private struct Shaded: BatchSource {
  let count = 256
  let images = shaded(256)
  func images(at places: [Int]) throws -> Tensor { try images.gathered(rows: places) }
}

@Suite struct RotNetTests {
  private static func model(
    rotations: Int = 4, augmentation: Augmentation = .none, shape: [Int] = [12, 12, 1]
  ) throws -> RotNet {
    var configuration = RotNet.Configuration()
    configuration.encoder = try .small([4, 6])
    configuration.rotations = rotations
    configuration.augmentation = augmentation
    return try RotNet(
      configuration,
      for: ImageFormat(shape: shape, mean: [0.3], deviation: [0.2], name: "blobs"), seed: 1)
  }

  @Test(arguments: [2, 4])
  func everyTurnOfEveryImageIsInTheBatch(rotations: Int) throws {
    let model = try Self.model(rotations: rotations)
    #expect(model.viewsPerImage == rotations)
    #expect(
      model.transformationNames
        == (rotations == 4 ? ["0°", "90°", "180°", "270°"] : ["0°", "180°"]))
    // Whatever is seen, the classifier says its bias: the mean over the turns shows that all are there.
    try model.fill("classifier.weight", with: 0)
    let bias = (0..<rotations).map { 0.7 * Float($0 * $0) }
    try model.fill("classifier.bias") { bias[$0] }
    let pass = Pass(.training, branches: model.branches)
    let terms = try model.loss(of: shaded(6), in: pass, using: Generator(seed: 1))
    let sum = bias.reduce(0) { $0 + exp(Double($1)) }
    let wanted = log(sum) - bias.reduce(0) { $0 + Double($1) } / Double(rotations)
    #expect(abs(Double(try terms[0].value.item()) - wanted) < 1e-5 * wanted)
    #expect(terms[1].name == "accuracy" && !terms[1].isMinimised)
    #expect(try terms[1].value.item() == 1 / Float(rotations))
    // The batch's statistics are those of all copies together.
    try pass.commit()
    let (turned, probabilities) = try model.classifyTransformations(of: shaded(6))
    #expect(turned.shape == [6 * rotations, 12, 12, 1])
    #expect(probabilities.shape == [6 * rotations, rotations])
    #expect(try turned.rows(0..<6).scalars == shaded(6).scalars)
  }

  @Test func gradientIsTheSlopeOfTheLoss() throws {
    let model = try Self.model(augmentation: .cropAndFlip)
    let slope = try GradientSlope(of: model, batch: Batch(shaded(8)))
    #expect(slope.parameters == model.trainableParameters)
    #expect(slope.error < 0.02, "\(slope)")
  }

  @Test func learnsAndRepeatsItself() throws {
    func train(_ seed: UInt64) throws -> (RotNet, [String: [Float]]) {
      let model = try Self.model()
      let run = try TrainingRun(
        model, on: Shaded(), options: .init(epochs: 16, batch: 32, rate: 0.01, seed: seed),
        optimiser: Adam())
      try run.advance(watchedBy: [])
      return (model, run.history)
    }
    let (one, first) = try train(1)
    #expect(try train(1).1 == first)
    #expect(try train(2).1 != first)
    #expect(Set(first.keys) == ["loss", "accuracy"])
    let losses = try #require(first["loss"])
    #expect(
      losses.suffix(4).reduce(0, +) / 4 < 0.5 * Float(try #require(one.constantPredictorLoss)))
    let answers = try one.classifyTransformations(of: shaded(64, seed: 9)).probabilities
      .argumentOfMaximum()
    let right = answers.enumerated().count { $0.offset / 64 == $0.element }
    #expect(right > 200)
  }

  @Test func turnsThatAreNotExactAreRefused() throws {
    #expect(throws: TensorError.self) { try Self.model(rotations: 3) }
    #expect(throws: TensorError.self) { try Self.model(shape: [12, 16, 1]) }
    #expect(try Self.model(rotations: 2, shape: [12, 16, 1]).blockCount == 4)
    #expect(throws: TensorError.self) {
      try Self.model().loss(
        of: Batch(.zeros([0, 12, 12, 1])), in: Pass(.training), using: Generator(seed: 1))
    }
  }
}
