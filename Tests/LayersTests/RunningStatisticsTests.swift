import Layers
import Tensors
import Testing

/// What `Fixtures/make_statistics_fixtures.py` wrote down of PyTorch.
private struct Golden: Decodable {
  struct After: Decodable {
    /// `nil` for the cumulative average.
    let momentum: Float?
    let running: [String: GoldenValues]
  }
  let state: [String: GoldenValues]
  let batches: [GoldenValues]
  let after: [After]
}

@Suite("Running statistics")
struct RunningStatisticsTests {
  /// Runs a row of layers as chains, or one by one.
  private func run(
    _ layers: Sequential, on images: Tensor, in pass: Pass, isSplit: Bool
  ) throws -> Tensor {
    guard isSplit else { return try layers(images, in: pass) }
    return try layers.layers.reduce(images) { try $1($0, in: pass) }
  }

  private func units(_ channels: [Int], seed: UInt64 = 5) -> Sequential {
    var generator = Generator(seed: seed)
    return Sequential(
      zip(channels, channels.dropFirst()).map {
        ConvolutionUnit(inputs: $0.0, outputs: $0.1, window: 3, generator: &generator)
      })
  }

  private func batches(_ sizes: [Int], channels: Int, seed: UInt64 = 3) throws -> [Tensor] {
    var generator = Generator(seed: seed)
    return try sizes.enumerated().map { index, size in
      try Tensor.normal([size, 6, 5, channels], using: &generator) + Float(index)
    }
  }

  private func scalars(_ module: some Module, trainable: Bool) -> [[Float]] {
    module.parameters.filter { $0.parameter.isTrainable == trainable }.map {
      $0.parameter.value.scalars
    }
  }

  @Test(
    "are PyTorch's, for each momentum and for the cumulative average", arguments: [true, false])
  func golden(isSplit: Bool) throws {
    let golden: Golden = try LayersTests.golden("statistics")
    #expect(golden.after.count == 5)
    for after in golden.after {
      var generator = Generator(seed: 1)
      let momentum = after.momentum ?? 0.1
      let layers = Sequential([
        ConvolutionUnit(
          inputs: 2, outputs: 3, window: 3, momentum: momentum, generator: &generator),
        ConvolutionUnit(
          inputs: 3, outputs: 4, window: 1, momentum: momentum, generator: &generator),
        MaximumPooling(window: 3, stride: 2, padding: 1),
      ])
      for named in layers.parameters {
        try named.parameter.assign(try #require(golden.state[named.name]).tensor())
      }
      let batches = try golden.batches.map { try $0.tensor() }
      if after.momentum == nil {
        let count = try layers.recomputeStatistics(over: batches) {
          try run(layers, on: $0, in: $1, isSplit: isSplit)
        }
        #expect(count == 2)
      } else {
        for batch in batches {
          let pass = Pass(.training)
          _ = try run(layers, on: batch, in: pass, isSplit: isSplit)
          try pass.commit()
        }
      }
      #expect(after.running.count == 4)
      for (name, want) in after.running {
        let parameter = try #require(layers.parameters.first { $0.name == name }?.parameter)
        expectEqual(
          parameter.value.scalars, want.values, "\(name), momentum \(momentum)", within: 5e-6)
      }
    }
  }

  @Test("over batches of one size are the mean of everything and the pooled variance")
  func naive() throws {
    let layer = BatchNormalisation(channels: 3)
    let batches = try batches([4, 4, 4, 4, 4], channels: 3)
    #expect(try layer.recomputeStatistics(over: batches) == 1)
    let rows = batches.map { batch in
      (0..<3).map { channel in
        stride(from: channel, to: batch.count, by: 3).map { Double(batch.scalars[$0]) }
      }
    }
    for channel in 0..<3 {
      let all = rows.flatMap { $0[channel] }
      let mean = all.reduce(0, +) / Double(all.count)
      expectEqual([layer.runningMean.value.scalars[channel]], [mean], "mean", within: 1e-6)
      let pooled = rows.reduce(0) { sum, batch in
        let own = batch[channel].reduce(0, +) / Double(batch[channel].count)
        return sum + batch[channel].reduce(0) { $0 + ($1 - own) * ($1 - own) }
      }
      // n − 1 degrees of freedom in each of the five batches.
      expectEqual(
        [layer.runningVar.value.scalars[channel]], [pooled / Double(all.count - 5)], "variance",
        within: 1e-6)
    }
  }

  @Test("make an evaluation see a single batch as training does")
  func evaluation() throws {
    let layers = units([2, 8, 4])
    let images = try batches([40], channels: 2)[0]
    try layers.recomputeStatistics(over: [images])
    let trained = try layers(images, in: Pass(.training)).scalars
    let evaluated = try layers(images, in: Pass(.evaluation)).scalars
    // The running variance is the unbiased one: a factor of 1200 / 1199.
    expectEqual(evaluated, trained.map(Double.init), "output", within: 2e-3)
  }

  @Test("do not depend on those from before; nothing else changes")
  func idempotence() throws {
    let layers = units([2, 8, 4])
    let batches = try batches([5, 3, 8], channels: 2)
    let weights = scalars(layers, trainable: true)
    let before = scalars(layers, trainable: false)
    try layers.recomputeStatistics(over: batches)
    let first = scalars(layers, trainable: false)
    #expect(first != before)
    try layers.recomputeStatistics(over: batches)
    #expect(scalars(layers, trainable: false) == first)
    for batch in batches.reversed() {
      let pass = Pass(.training)
      _ = try layers(batch, in: pass)
      try pass.commit()
    }
    #expect(scalars(layers, trainable: false) != first)
    try layers.recomputeStatistics(over: batches)
    #expect(scalars(layers, trainable: false) == first)
    #expect(scalars(layers, trainable: true) == weights)
  }

  @Test("are gathered by a pass that records nothing")
  func noTape() throws {
    let layers = units([2, 4])
    try layers.recomputeStatistics(over: batches([3], channels: 2)) { images, pass in
      #expect(pass.mode == .training)
      let output = try layers(images, in: pass)
      #expect(!output.isTracked)
      #expect(throws: TensorError.self) { try pass.gradients(of: output.sum()) }
      return output
    }
  }

  @Test("change for what is reached and belongs to the module, and for all of it or nothing")
  func extent() throws {
    let (lower, upper) = (units([2, 4], seed: 1), units([4, 3], seed: 2))
    let both = Sequential([lower, upper])
    let batches = try batches([3, 3], channels: 2)
    let fresh = scalars(both, trainable: false)
    // The upper part is reached but no part of `lower`; then it is a part but not reached.
    #expect(try lower.recomputeStatistics(over: batches) { try both($0, in: $1) } == 1)
    #expect(scalars(upper, trainable: false) == Array(fresh.suffix(2)))
    #expect(scalars(lower, trainable: false) != Array(fresh.prefix(2)))
    let known = scalars(both, trainable: false)
    #expect(try both.recomputeStatistics(over: batches) { try lower($0, in: $1) } == 1)
    #expect(scalars(both, trainable: false) == known)
    #expect(throws: TensorError.self) {
      try both.recomputeStatistics(over: batches + [.zeros([2, 6, 5, 3])])
    }
    #expect(scalars(both, trainable: false) == known)
    #expect(throws: TensorError.self) { try both.recomputeStatistics(over: []) }
  }

  @Test("are no matter for a network without batch normalisation")
  func absence() throws {
    var generator = Generator(seed: 1)
    let layer = Convolution(inputs: 2, outputs: 3, window: 3, generator: &generator)
    var runs = 0
    let count = try layer.recomputeStatistics(over: batches([2, 2], channels: 2)) {
      runs += 1
      return try layer($0, in: $1)
    }
    #expect(count == 0)
    #expect(runs == 1)
  }

  @Test("count each use of a layer that is used twice")
  func sharing() throws {
    let layer = BatchNormalisation(channels: 1, rectifies: false)
    let images = try Tensor([1, 3], shape: [2, 1])
    try layer.recomputeStatistics(over: [images]) { images, pass in
      _ = try layer(images, in: pass)
      return try layer(images + 10, in: pass)
    }
    #expect(layer.runningMean.value.scalars == [7])
    #expect(layer.runningVar.value.scalars == [2])
  }

  @Test("refuse a momentum that is no share, alone and in chains", arguments: [0, -0.1, 1.5, .nan])
  func momentum(value: Float) throws {
    let layer = BatchNormalisation(channels: 2, momentum: value)
    #expect(throws: TensorError.self) { try layer(.zeros([2, 2]), in: Pass(.training)) }
    #expect(throws: TensorError.self) { try layer.outputShape(for: [2]) }
    var generator = Generator(seed: 1)
    let unit = ConvolutionUnit(
      inputs: 2, outputs: 2, window: 1, momentum: value, generator: &generator)
    let error = #expect(throws: TensorError.self) {
      try Sequential([unit])(.zeros([2, 3, 3, 2]), in: Pass(.training))
    }
    #expect("\(try #require(error))".contains("0.normalisation"))
  }

  @Test("of a row of layers within another are the whole batch's")
  func nesting() throws {
    // Nested rows must not be worked through in parts of the batch.
    let nested = Sequential([units([2, 4], seed: 1), units([4, 3], seed: 2)])
    let flat = Sequential(units([2, 4], seed: 1).layers + units([4, 3], seed: 2).layers)
    let images = try batches([40], channels: 2)[0]
    for layers in [nested, flat] {
      let pass = Pass(.training)
      _ = try layers(images, in: pass)
      try pass.commit()
    }
    for (one, other) in zip(
      scalars(nested, trainable: false), scalars(flat, trainable: false))
    {
      expectEqual(one, other.map(Double.init), "statistics")
    }
  }
}
