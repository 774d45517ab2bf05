import Compute
import Testing

@testable import Layers
@testable import Tensors

/// Rows of units go through memory as one; what they compute is what the layers compute one by one.
@Suite("Chains and parts")
struct ChainTests {
  struct Outcome {
    let output: Tensor
    let gradients: [(name: String, value: Tensor)]
    let statistics: [Tensor]
  }

  /// The value, the gradients and the statistics of a row of layers; one by one where `isSplit`.
  static func run(
    _ layers: Sequential, on images: Tensor, branches: Int = 1, isSplit: Bool
  ) throws -> Outcome {
    let pass = Pass(.training, branches: branches)
    var output = images
    if isSplit {
      for layer in layers.layers { output = try layer(output, in: pass) }
    } else {
      output = try layers(output, in: pass)
    }
    var generator = Generator(seed: 9)
    let direction = Tensor.normal(output.shape, using: &generator)
    let found = try pass.gradients(of: (output * direction).sum())
    try pass.commit()
    let names = layers.parameters
    let gradients = names.compactMap { entry in
      found.first { $0.parameter === entry.parameter }.map { (entry.name, $0.gradient) }
    }
    return Outcome(
      output: output.detached, gradients: gradients,
      statistics: names.filter { !$0.parameter.isTrainable }.map(\.parameter.value))
  }

  static func units(_ channels: [Int], windows: [Int], seed: UInt64) -> [any Layer] {
    var generator = Generator(seed: seed)
    return zip(zip(channels, channels.dropFirst()), windows).map { sizes, window in
      ConvolutionUnit(inputs: sizes.0, outputs: sizes.1, window: window, generator: &generator)
    }
  }

  static func expectClose(_ one: Outcome, _ other: Outcome, _ tolerance: Double) {
    func difference(_ a: Tensor, _ b: Tensor) -> Double {
      let (x, y) = (a.scalars, b.scalars)
      let scale = max(1e-3, y.reduce(0) { max($0, abs(Double($1))) })
      return zip(x, y).reduce(0) { max($0, abs(Double($1.0) - Double($1.1)) / scale) }
    }
    #expect(one.output.shape == other.output.shape)
    #expect(difference(one.output, other.output) < tolerance)
    #expect(one.gradients.map(\.name) == other.gradients.map(\.name))
    for (a, b) in zip(one.gradients, other.gradients) {
      #expect(difference(a.value, b.value) < tolerance, "\(a.name)")
    }
    for (a, b) in zip(one.statistics, other.statistics) {
      #expect(difference(a, b) < tolerance)
    }
  }

  @Test(
    "units in a chain give what they give one by one",
    arguments: [
      (batch: 6, side: 7, channels: [3, 8, 24], windows: [3, 1], branches: 2),
      (batch: 5, side: 6, channels: [1, 17, 5, 16], windows: [5, 1, 3], branches: 1),
      (batch: 24, side: 9, channels: [3, 96, 100], windows: [1, 1], branches: 2),
      (batch: 1, side: 5, channels: [2, 3], windows: [3], branches: 1),
      (batch: 30, side: 12, channels: [3, 130, 40], windows: [5, 3], branches: 3),
    ])
  func chains(
    batch: Int, side: Int, channels: [Int], windows: [Int], branches: Int
  ) throws {
    var generator = Generator(seed: 3)
    let images = Tensor.normal([batch, side, side, channels[0]], using: &generator)
    let poolings: [[any Layer]] = [
      [], [MaximumPooling(window: 3, stride: 2, padding: 1)],
      [AveragePooling(window: 3, stride: 2, padding: 1)],
    ]
    for pooling in poolings {
      let one = try Self.run(
        Sequential(Self.units(channels, windows: windows, seed: 5) + pooling), on: images,
        branches: branches, isSplit: false)
      let other = try Self.run(
        Sequential(Self.units(channels, windows: windows, seed: 5) + pooling), on: images,
        branches: branches, isSplit: true)
      Self.expectClose(one, other, 2e-4)
    }
  }

  @Test("bits do not depend on the number of threads, nor on the run")
  func bits() throws {
    var generator = Generator(seed: 3)
    let images = Tensor.normal([22, 14, 14, 3], using: &generator)
    let threads = Parallel.threadCount
    defer { Parallel.setThreadCount(threads) }
    var outcomes: [Outcome] = []
    for count in [1, 2, 3, 2] {
      Parallel.setThreadCount(count)
      var generator = Generator(seed: 4)
      let tail: [any Layer] = [
        Convolution(inputs: 16, outputs: 8, window: 3, bias: true, generator: &generator),
        Rectifier(), Residual(channels: 8, inner: 4, generator: &generator),
      ]
      let layers = Sequential(Self.units([3, 20, 16], windows: [3, 1], seed: 5) + tail)
      outcomes.append(try Self.run(layers, on: images, branches: 2, isSplit: false))
    }
    for outcome in outcomes.dropFirst() {
      #expect(outcome.output.scalars == outcomes[0].output.scalars)
      for (a, b) in zip(outcome.gradients, outcomes[0].gradients) {
        #expect(a.value.scalars == b.value.scalars, "\(a.name)")
      }
      for (a, b) in zip(outcome.statistics, outcomes[0].statistics) {
        #expect(a.scalars == b.scalars)
      }
    }
  }

  @Test("layers that treat every image alone give the same in parts", arguments: [2, 9, 40, 130])
  func parts(batch: Int) throws {
    var generator = Generator(seed: 3)
    let images = Tensor.normal([batch, 8, 8, 2], using: &generator)
    func layers() -> Sequential {
      var generator = Generator(seed: 4)
      return Sequential([
        Convolution(
          inputs: 2, outputs: 8, window: 4, stride: 2, padding: 1, bias: true,
          generator: &generator),
        Rectifier(), Residual(channels: 8, inner: 4, generator: &generator),
        TransposedConvolution(
          inputs: 8, outputs: 3, window: 4, stride: 2, padding: 1, bias: true,
          generator: &generator),
      ])
    }
    Self.expectClose(
      try Self.run(layers(), on: images, isSplit: false),
      try Self.run(layers(), on: images, isSplit: true), 1e-5)
  }

  @Test("the gradient reaches what comes before a row of layers")
  func source() throws {
    var generator = Generator(seed: 3)
    let images = Tensor.normal([10, 6, 6, 1], using: &generator)
    func layers(chained: Bool) -> Sequential {
      var generator = Generator(seed: 4)
      let first = Convolution(inputs: 1, outputs: 4, window: 3, generator: &generator)
      let alone: [any Layer] = [
        Convolution(inputs: 4, outputs: 4, window: 3, bias: true, generator: &generator),
        Rectifier(),
      ]
      return Sequential(
        [first] + (chained ? Self.units([4, 8, 8], windows: [3, 1], seed: 5) : alone))
    }
    for chained in [true, false] {
      Self.expectClose(
        try Self.run(layers(chained: chained), on: images, isSplit: false),
        try Self.run(layers(chained: chained), on: images, isSplit: true), 2e-4)
    }
  }

  @Test("tells the unit whose numbers grew out of bounds")
  func divergence() throws {
    let units = Self.units([2, 4, 4, 4], windows: [3, 1, 3], seed: 5)
    let second = try #require(units[1] as? ConvolutionUnit)
    second.convolution.weight.update { $0[0] = .infinity }
    let error = #expect(throws: TensorError.self) {
      try Sequential(units)(.filled(1, shape: [4, 5, 5, 2]), in: Pass(.training))
    }
    #expect("\(try #require(error))".contains("1"))
  }

  @Test("refuses images that do not fit, with the path of the unit")
  func refusals() throws {
    let units = Sequential(Self.units([2, 4, 4], windows: [3, 1], seed: 5))
    for shape in [[4, 5, 5, 3], [0, 5, 5, 2], [4, 5, 5]] {
      #expect(throws: TensorError.self) { try units(.zeros(shape), in: Pass(.training)) }
    }
    #expect(throws: TensorError.self) {
      try units(.zeros([5, 5, 5, 2]), in: Pass(.training, branches: 2))
    }
  }
}
