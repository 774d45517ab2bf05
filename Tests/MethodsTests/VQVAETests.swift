import Foundation
import Layers
import Tensors
import Testing
import Training

@testable import Methods

private struct Stock: BatchSource {
  let images: Tensor
  var count: Int { images.shape[0] }
  func images(at places: [Int]) throws -> Tensor { try images.gathered(rows: places) }
}

@Suite("VQ-VAE")
struct VQVAETests {
  static let format = ImageFormat(shape: [12, 12, 1], mean: [0.3], deviation: [0.2], name: "blobs")

  static func model(
    shape: [Int] = [12, 12, 1], seed: UInt64 = 1,
    _ change: (inout VQVAE.Configuration) -> Void = { _ in }
  ) throws -> VQVAE {
    var configuration = VQVAE.Configuration()
    configuration.codes = 16
    configuration.dimension = 4
    configuration.hidden = 8
    configuration.residual = 4
    configuration.blocks = 1
    change(&configuration)
    let format = ImageFormat(shape: shape, mean: [0.3], deviation: [0.2], name: "blobs")
    return try VQVAE(configuration, for: format, seed: seed)
  }

  private func run(
    _ model: VQVAE, on images: Tensor, epochs: Int, seed: UInt64 = 1
  ) throws -> TrainingRun {
    try TrainingRun(
      model, on: Stock(images: images),
      options: .init(epochs: epochs, batch: 32, rate: 0.005, schedule: .constant, seed: seed),
      optimiser: Adam())
  }

  private func state(_ model: VQVAE) -> [[UInt32]] {
    model.parameters.map { $0.parameter.value.scalars.map(\.bitPattern) }
  }

  @Test("has the layers of the released code, and no two share their weights")
  func architecture() throws {
    let model = try VQVAE(
      VQVAE.Configuration(),
      for: ImageFormat(shape: [28, 28, 1], mean: [0.3], deviation: [0.35], name: "images"), seed: 1)
    // As counted by `Benchmarks/pytorch/workloads.py`; the codebook is a buffer.
    #expect(model.trainableCount == 196_241)
    let rows = try model.layers()
    #expect(rows.reduce(0) { $0 + $1.multiplyAdds } == 9_834_496)
    #expect(rows.contains { $0.path == "quantizer" && $0.output == [7, 7, 16] })
    #expect(rows.last?.output == [28, 28, 1])
    let parameters = model.parameters
    // "n residual layers" as one layer n times is a trap of a public code.
    #expect(Set(parameters.map { ObjectIdentifier($0.parameter) }).count == parameters.count)
    let blocks = parameters.filter { $0.name.hasSuffix(".wide.weight") }
    #expect(
      blocks.map(\.name) == [
        "encoder.5.wide.weight", "encoder.6.wide.weight", "decoder.1.wide.weight",
        "decoder.2.wide.weight",
      ])
    #expect(Set(blocks.map { $0.parameter.value.scalars }).count == 4)
    #expect(
      parameters.map(\.name).filter { $0.hasPrefix("quantizer") } == [
        "quantizer.weight", "quantizer.cluster_size", "quantizer.cluster_sum", "quantizer.steps",
        "quantizer.is_started",
      ])
  }

  private struct Golden: Decodable {
    struct Values: Decodable {
      let shape: [Int]
      let values: [Float]
    }
    let images: Values
    let codes: [Int]
    let decoded: Values
    let terms: [String: Float]
    let parameters: [String: Values]
    let gradients: [String: Values]
    let size: Values
    let sum: Values
    let moved: Values
  }

  private func expectClose(_ got: [Float], _ want: [Float], _ what: String) {
    let scale = want.reduce(0) { max($0, abs($1)) }
    let error = zip(got, want).reduce(0) { max($0, abs($1.0 - $1.1)) }
    #expect(got.count == want.count && error <= 1e-5 * scale, "\(what) is off by \(error / scale)")
  }

  @Test("gives PyTorch's losses, gradients and codes", arguments: [true, false])
  func golden(learnsByGradient: Bool) throws {
    let file = try #require(
      Bundle.module.url(forResource: "vqvae", withExtension: "json", subdirectory: "Fixtures"))
    let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
    let model = try Self.model(shape: [8, 8, 1]) {
      $0.codes = 5
      $0.dimension = 3
      $0.hidden = 4
      $0.residual = 2
      if learnsByGradient { $0.codebook = .gradient }
    }
    for named in model.parameters {
      let name = named.name.replacing("cluster_sum", with: "weight")
      guard let values = golden.parameters[name] else { continue }
      try named.parameter.assign(Tensor(values.values, shape: values.shape))
    }
    let images = try Tensor(golden.images.values, shape: golden.images.shape)
    #expect(try model.codes(of: images) == CodeMaps(golden.codes, shape: [3, 2, 2]))
    expectClose(
      try model.reconstruct(images).scalars,
      golden.decoded.values.map { min(max($0, 0), 1) }, "the reconstruction")
    let pass = Pass(.training)
    let terms = try model.loss(of: images, in: pass, using: Generator(seed: 1))
    #expect(
      terms.map(\.name)
        == ["reconstruction", "commitment"] + (learnsByGradient ? ["codebook"] : []))
    for term in terms {
      expectClose([try term.value.item()], [try #require(golden.terms[term.name])], term.name)
    }
    let total = try terms.dropFirst().reduce(terms[0].value) { try $0 + $1.value }
    let gradients = try pass.gradients(of: total)
    #expect(gradients.count == golden.gradients.count - (learnsByGradient ? 0 : 1))
    for (parameter, gradient) in gradients {
      let name = try #require(model.parameters.first { $0.parameter === parameter }).name
      expectClose(gradient.scalars, try #require(golden.gradients[name]).values, name)
    }
    try pass.commit()
    func value(_ name: String) throws -> [Float] {
      try #require(model.parameters.first { $0.name == name }).parameter.value.scalars
    }
    expectClose(try value("quantizer.cluster_size"), golden.size.values, "counts")
    guard !learnsByGradient else { return }
    expectClose(try value("quantizer.cluster_sum"), golden.sum.values, "sums")
    expectClose(try value("quantizer.weight"), golden.moved.values, "codes")
  }

  @Test("has the slope of its loss as the decoder's gradient")
  func slope() throws {
    let model = try Self.model()
    // A training pass would move the codebook between the two measurements.
    let slope = try GradientSlope(
      of: model, batch: Batch(blobs(8)), step: 1e-3, prefix: "decoder", measuring: .evaluation)
    #expect(slope.parameters == 10)
    #expect(slope.error < 0.02, "\(slope)")
  }

  @Test(
    "learns, and repeats to the bit",
    arguments: [
      QuantiserChoice.euclidean, .cosine, .finiteScalar(levels: [5, 3, 3]),
    ], [CodebookRule.movingAverage(decay: 0.99), .gradient])
  func learns(quantiser: QuantiserChoice, rule: CodebookRule) throws {
    func train(_ seed: UInt64) throws -> (VQVAE, [Float]) {
      let model = try Self.model {
        $0.quantiser = quantiser
        $0.codebook = rule
      }
      let run = try run(model, on: blobs(256), epochs: 12, seed: seed)
      try run.advance(watchedBy: [])
      return (model, run.history["reconstruction"] ?? [])
    }
    let (one, first) = try train(1)
    let (two, second) = try train(1)
    #expect(first == second && state(one) == state(two))
    #expect(try train(2).1 != first)
    func mean(_ losses: some Collection<Float>) -> Float {
      losses.reduce(0, +) / Float(losses.count)
    }
    #expect(mean(first.suffix(8)) < 0.5 && mean(first.suffix(8)) < 0.3 * mean(first.prefix(4)))
  }

  @Test("goes on from a checkpoint to the same bits, over a restart of codes")
  func checkpoint() throws {
    let images = blobs(64)
    func fresh() throws -> VQVAE { try Self.model { $0.codes = 40 } }
    let whole = try fresh()
    try run(whole, on: images, epochs: 110).advance(watchedBy: [])
    let first = try fresh()
    let half = try run(first, on: images, epochs: 110)
    try half.advance(watchedBy: [StepLimit(150)])
    let checkpoint = half.checkpoint()
    let second = try fresh()
    let rest = try run(second, on: images, epochs: 110)
    try rest.restore(checkpoint)
    try rest.advance(watchedBy: [])
    #expect(rest.step == 220 && state(second) == state(whole))
    // The counter of steps since the last look goes with the rest.
    let steps = try #require(whole.parameters.first { $0.name == "quantizer.steps" })
    #expect(steps.parameter.value.scalars == [20])
  }

  @Test("starts its codes from the images, once")
  func start() throws {
    let model = try Self.model()
    let before = try model.codeVectors().scalars
    let untrained = model.parameters.first { $0.name == "quantizer.is_started" }?.parameter
    #expect(untrained?.value.scalars == [0])
    try model.willTrain(on: Stock(images: blobs(64)), using: Generator(seed: 1))
    let started = try model.codeVectors().scalars
    #expect(started != before && untrained?.value.scalars == [1])
    // The codes are where the vectors are.
    let vectors = try model.maps(of: blobs(64), block: 1)
    let error = try vectors.meanSquaredError(model.maps(of: blobs(64), block: 2)).item()
    let spread = try vectors.meanSquaredError(.filled(vectors.mean().item(), shape: vectors.shape))
      .item()
    #expect(error < 0.2 * spread)
    try model.willTrain(on: Stock(images: blobs(64, seed: 8)), using: Generator(seed: 2))
    #expect(try model.codeVectors().scalars == started)
  }

  @Test("has the encoder's maps and the codes' as its blocks, and decodes codes")
  func mapsAndCodes() throws {
    let model = try Self.model()
    let images = blobs(260)
    let (encoded, quantised) = (
      try model.maps(of: images, block: 1), try model.maps(of: images, block: 2)
    )
    #expect(encoded.shape == [260, 3, 3, 4] && quantised.shape == encoded.shape)
    let codes = try model.codes(of: images)
    #expect(codes.shape == [260, 3, 3] && model.codeMapShape == [3, 3])
    #expect(try model.codeVectors().gathered(rows: codes.codes).scalars == quantised.scalars)
    #expect(try model.encode(images, block: 2).shape == [260, 4] && model.defaultBlock == 2)
    let reconstructed = try model.reconstruct(images)
    #expect(reconstructed.shape == images.shape)
    #expect(reconstructed.scalars.allSatisfy { (0...1).contains($0) })
    #expect(try model.decode(codes).scalars == reconstructed.scalars)
    #expect(throws: TensorError.self) { try model.maps(of: images, block: 3) }
    #expect(throws: TensorError.self) { try model.decode(CodeMaps([1], shape: [1, 1, 1])) }
    #expect(throws: TensorError.self) {
      try model.decode(CodeMaps(filledWith: 16..<17, shape: [3, 3]))
    }
    #expect(throws: TensorError.self) { try CodeMaps([1, 2], shape: [1, 1, 1]) }
  }

  @Test("refuses what it cannot learn from")
  func refusals() throws {
    for shape in [[30, 28, 1], [28, 30, 1], [27, 27, 1], [0, 0, 1]] {
      #expect(throws: TensorError.self) { try Self.model(shape: shape) }
    }
    #expect(throws: TensorError.self) { try Self.model { $0.hidden = 7 } }
    #expect(throws: TensorError.self) { try Self.model { $0.residual = 0 } }
    #expect(throws: TensorError.self) { try Self.model { $0.codes = 1 } }
    #expect(throws: TensorError.self) {
      try Self.model { $0.quantiser = .finiteScalar(levels: [1]) }
    }
    // Four images of nine vectors each.
    let model = try Self.model { $0.codes = 37 }
    let before = state(model)
    #expect(throws: TensorError.self) { try run(model, on: blobs(4), epochs: 1) }
    #expect(state(model) == before)
    _ = try run(Self.model { $0.codes = 36 }, on: blobs(4), epochs: 1)
  }
}
