import Glibc
import Imaging
import Layers
import Methods
import Tensors
import Testing
import Training

private struct Blobs: BatchSource {
  let count = 256
  let images = blobs(256)
  func images(at places: [Int]) throws -> Tensor { try images.gathered(rows: places) }
}

@Suite struct AVTTests {
  private static func model(
    _ family: any TransformationFamily, mode: AVTMode = .honest, divergence: Float = 0,
    warmUp: Int = 0, seed: UInt64 = 1
  ) throws -> AVT {
    var configuration = AVT.Configuration()
    configuration.transformation = family
    configuration.encoder = try .small([4, 6])
    configuration.mode = mode
    configuration.divergence = divergence
    configuration.varianceWarmUp = warmUp
    return try AVT(configuration, for: AETTests.format, seed: seed)
  }

  private static func terms(
    _ model: AVT, _ images: Tensor, seed: UInt64 = 5
  ) throws -> [String: Float] {
    let pass = Pass(.training, branches: model.branches)
    var values: [String: Float] = [:]
    for term in try model.loss(of: images, in: pass, using: Generator(seed: seed)) {
      values[term.name] = try term.value.item()
    }
    return values
  }

  /// A decoder that says the same of every pair, and the targets that a batch of `count` draws.
  private static func constant(_ model: AVT, count: Int) throws -> (
    means: [Float], outputs: [Float], targets: [Float]
  ) {
    let outputs = model.transformation.targetDimension
    for map in ["mean", "log_variance"] { try model.fill("decoder.\(map).weight", with: 0) }
    let means = (0..<outputs).map { 0.3 * Float($0) - 1 }
    let variances = (0..<outputs).map { 0.5 * Float($0) - 2 }
    try model.fill("decoder.mean.bias") { means[$0] }
    try model.fill("decoder.log_variance.bias") { variances[$0] }
    var sampler = Generator(seed: 5).split(.sampling)
    let size = ImageSize(height: 12, width: 12)
    let drawn = try model.transformation.samples(count, size: size, using: &sampler)
    return (means, variances, try model.transformation.targets(of: drawn, size: size).scalars)
  }

  @Test func publishedLossIsTheReleasedCodes() throws {
    let model = try Self.model(try Projective(jitter: 1), mode: .published)
    let (means, outputs, targets) = try Self.constant(model, count: 8)
    var (sum, squares) = (0.0, 0.0)
    for (place, target) in targets.enumerated() {
      let (mean, output) = (Double(means[place % 8]), Double(outputs[place % 8]))
      let error = (mean - Double(target)) * (mean - Double(target))
      sum += output / 1000 + error / (exp(output / 1000) + 1e-4)
      squares += error
    }
    let found = try Self.terms(model, blobs(8))
    let loss = Double(try #require(found["negativeLogLikelihood"]))
    #expect(abs(loss - sum / 8) < 1e-5 * abs(sum / 8))
    let metric = Double(try #require(found["meanSquaredError"]))
    #expect(abs(metric - squares / 64) < 1e-5 * squares / 64)
    #expect(found["divergence"] == nil)
    // The map to the log-variances learns faster, and nothing else.
    #expect(model.rates == ["decoder.log_variance": 2])
    #expect(model.parameters.contains { $0.name == "decoder.log_variance.weight" })
  }

  @Test func honestLossIsTheLikelihoodOfTheTargets() throws {
    let model = try Self.model(try Projective(jitter: 1))
    let (means, outputs, targets) = try Self.constant(model, count: 8)
    var sum = 0.0
    for (place, target) in targets.enumerated() {
      let (mean, s) = (Double(means[place % 8]), Double(outputs[place % 8]))
      let error = mean - Double(target)
      sum += 0.5 * (s + error * error * exp(-s) + log(2 * .pi))
    }
    let loss = Double(try #require(try Self.terms(model, blobs(8))["negativeLogLikelihood"]))
    #expect(abs(loss - sum / 8) < 1e-5 * abs(sum / 8))
    // A log-variance beyond the range is held at its end.
    try model.fill("decoder.log_variance.bias", with: 100)
    let found = try model.predictDistributions(of: blobs(2), using: Generator(seed: 1))
    #expect(found.deviations.scalars.allSatisfy { abs($0 - exp(3.5)) < 1e-3 })
  }

  @Test func divergenceIsThatOfTheRepresentation() throws {
    let model = try Self.model(try Projective(jitter: 1), divergence: 0.25)
    // Block 2 gives 0.7 everywhere, but for the padded zeros of its average; log σ² is −0.4.
    try model.fill("encoder.blocks.1.1.normalisation.weight", with: 0)
    try model.fill("encoder.blocks.1.1.normalisation.bias", with: 0.7)
    try model.fill("log_variance.1.weight", with: 0)
    try model.fill("log_variance.1.bias", with: -0.4)
    var sum = 0.0
    for y in 0..<3 {
      for x in 0..<3 {
        let inside = [y, x].map { at in (2 * at - 1...2 * at + 1).filter { (0..<6).contains($0) } }
        let mean = 0.7 * Double(inside[0].count * inside[1].count) / 9
        sum += 6 * 0.5 * (mean * mean + exp(-0.4) - 1 + 0.4)
      }
    }
    let found = Double(try #require(try Self.terms(model, blobs(8))["divergence"]))
    #expect(abs(found - 0.25 * sum) < 1e-5 * found)
  }

  @Test func gradientsAreTheSlopesOfTheLosses() throws {
    for (mode, divergence) in [(AVTMode.published, 0), (.honest, 0), (.honest, 0.1)]
      as [(AVTMode, Float)]
    {
      let model = try Self.model(try Projective(jitter: 1), mode: mode, divergence: divergence)
      // Away from the start, where the variances say nothing yet.
      try model.fill("decoder.log_variance.weight") { 0.1 * Float($0 % 7) - 0.3 }
      let slope = try GradientSlope(of: model, batch: Batch(blobs(8)), step: 1e-4)
      #expect(slope.parameters == model.trainableParameters)
      #expect(slope.error < 0.02, "\(mode), β \(divergence): \(slope)")
    }
  }

  @Test func variancesWaitForTheMeans() throws {
    let model = try Self.model(try Projective(jitter: 1), warmUp: 5)
    func train(_ seed: UInt64) throws {
      let run = try TrainingRun(
        model, on: Blobs(), options: .init(epochs: 1, batch: 64, rate: 0.01, seed: seed),
        optimiser: Adam())
      try run.advance(watchedBy: [])
    }
    func weights() throws -> [Float] {
      try #require(model.parameters.first { $0.name == "decoder.log_variance.weight" }).parameter
        .value.scalars
    }
    func steps() -> Float? {
      model.parameters.first { $0.name == "decoder.warm_up" }?.parameter.value.scalars.first
    }
    try train(1)
    #expect(steps() == 4)
    #expect(try weights().allSatisfy { $0 == 0 })
    let held = try model.predictDistributions(of: blobs(2), using: Generator(seed: 1))
    #expect(held.deviations.scalars.allSatisfy { $0 == 1 })
    // A second run goes on where the first stopped.
    try train(2)
    #expect(steps() == 5)
    #expect(try !weights().allSatisfy { $0 == 0 })
  }

  @Test func learnsSaysHowSureItIsAndRepeatsItself() throws {
    func train(_ seed: UInt64) throws -> (AVT, [String: [Float]]) {
      let model = try Self.model(
        try Affine(rotation: 0, translation: 0.3, scale: 1...1, shear: 0, fill: .clamp), warmUp: 10)
      let run = try TrainingRun(
        model, on: Blobs(), options: .init(epochs: 16, batch: 32, rate: 0.01, seed: seed),
        optimiser: Adam())
      try run.advance(watchedBy: [])
      return (model, run.history)
    }
    let (one, first) = try train(1)
    let (two, second) = try train(1)
    #expect(first == second)
    #expect(
      one.parameters.map { $0.parameter.value.scalars }
        == two.parameters.map { $0.parameter.value.scalars })
    #expect(try train(2).1 != first)
    let losses = try #require(first["loss"])
    let chance = Float(try #require(one.constantPredictorLoss))
    #expect(losses == first["negativeLogLikelihood"])
    #expect(losses.suffix(8).reduce(0, +) / 8 < 0.8 * chance)
    let found = try one.predictDistributions(of: blobs(64, seed: 9), using: Generator(seed: 5))
    #expect(found.truths.shape == [64, 6] && found.means.shape == [64, 6])
    // Of the two shifts it is not sure, of the four coordinates that never vary it is.
    let deviations = found.deviations.scalars
    func mean(_ column: Int) -> Float {
      (0..<64).reduce(0) { $0 + deviations[6 * $1 + column] } / 64
    }
    let names = one.transformation.targetNames
    let truths = found.truths.scalars
    let varying = (0..<6).filter { column in
      (1..<64).contains { truths[6 * $0 + column] != truths[column] }
    }
    try #require(varying.count == 2, "\(names)")
    let means = found.means.scalars
    let squares = varying.flatMap { column in
      (0..<64).map { row -> Double in
        let place = 6 * row + column
        let score = Double(truths[place] - means[place]) / Double(deviations[place])
        return score * score
      }
    }
    // Of new images the errors are about as large as they are said to be.
    let score = (squares.reduce(0, +) / 128).squareRoot()
    #expect(score > 0.6 && score < 1.6)
    for column in 0..<6 where !varying.contains(column) {
      #expect(mean(column) < 0.5 * mean(varying[0]))
    }
  }

  @Test func evaluationRepeatsItself() throws {
    for mode in AVTMode.allCases {
      let model = try Self.model(try Projective(jitter: 1), mode: mode)
      let images = blobs(5)
      for block in 1...4 {
        let all = try model.encode(images, block: block)
        #expect(try model.encode(images, block: block).scalars == all.scalars)
        let alone = try model.encode(try images.rows(4..<5), block: block).scalars
        let row = try all.rows(4..<5).scalars
        #expect(zip(row, alone).allSatisfy { abs($0 - $1) < 1e-5 })
      }
      let one = try model.predictTransformations(of: images, using: Generator(seed: 2))
      let two = try model.predictTransformations(of: images, using: Generator(seed: 2))
      #expect(one.loss == two.loss && one.predictions == two.predictions)
    }
  }

  @Test func noiseHasTheSizeOfItsMode() throws {
    // The same weights and draws; only the log-variance of the representation differs.
    func change(_ mode: AVTMode) throws -> Float {
      let model = try Self.model(try Projective(jitter: 1), mode: mode)
      try model.fill("log_variance.1.weight", with: 0)
      // Over several draws, since a single one may change the error by next to nothing.
      var changes: Float = 0
      for seed in 1...8 as ClosedRange<UInt64> {
        var losses: [Float] = []
        for variance in [-6, 0] as [Float] {
          try model.fill("log_variance.1.bias", with: variance)
          losses.append(
            try #require(try Self.terms(model, blobs(8), seed: seed)["meanSquaredError"]))
        }
        changes += abs(losses[1] - losses[0]) / 8
      }
      return changes
    }
    let (published, honest) = (try change(.published), try change(.honest))
    #expect(published > 0 && published < 1e-2)
    #expect(honest > 20 * published)
  }

  @Test func whatTheReleasedCodeHasNotIsRefused() throws {
    #expect(throws: TensorError.self) {
      try Self.model(try Projective(jitter: 1), mode: .published, divergence: 0.1)
    }
    #expect(throws: TensorError.self) {
      try Self.model(try Projective(jitter: 1), divergence: -1)
    }
    #expect(throws: (any Error).self) { try Self.model(try Projective(jitter: 40)) }
    let model = try Self.model(try Projective(jitter: 1))
    #expect(throws: TensorError.self) {
      try model.predictDistributions(of: .zeros([0, 12, 12, 1]), using: Generator(seed: 1))
    }
  }
}
