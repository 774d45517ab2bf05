import Layers
import Tensors
import Testing

@Suite struct NINTests {
  static func network(_ configuration: NINConfiguration, channels: Int, seed: UInt64 = 1) -> NIN {
    var generator = Generator(seed: seed).split(.initialisation)
    return NIN(configuration, channels: channels, generator: &generator)
  }

  @Test func publishedNetworkHasThePublishedSize() throws {
    let network = Self.network(.published, channels: 3)
    let rows = try network.rows(input: [32, 32, 3])
    let convolutionWeights = network.parameters.filter { $0.name.hasSuffix("convolution.weight") }
    #expect(convolutionWeights.reduce(0) { $0 + $1.parameter.shape.product } == 1_406_016)
    // 250.7 million multiply-adds an image, the sum over the published layer table.
    let total = rows.reduce(0) { $0 + $1.multiplyAdds }
    #expect(abs(Double(total) / 1e6 - 250.7) < 0.1)
    #expect(rows.last?.output == [192])
  }

  @Test func smallNetworkKeepsFourBlocksAndTwoPoolings() throws {
    let network = Self.network(try .small([24, 48]), channels: 1)
    let rows = try network.rows(input: [28, 28, 1])
    #expect(network.blocks.count == 4)
    #expect(rows.map(\.output).suffix(2) == [[7, 7, 48], [48]])
    #expect(abs(Double(rows.reduce(0) { $0 + $1.multiplyAdds }) / 1e6 - 5.7) < 0.2)
  }

  @Test func namesArePathsOfFields() {
    let names = Self.network(.published, channels: 3).parameters.map(\.name)
    #expect(names.contains("blocks.0.0.convolution.weight"))
    #expect(names.contains("blocks.3.2.normalisation.running_mean"))
    #expect(Set(names).count == names.count)
    #expect(names.count == 12 * 5)
  }

  @Test func tableAgreesWithWhatRuns() throws {
    let network = Self.network(try .small([3, 5]), channels: 1)
    var generator = Generator(seed: 3)
    for size in [9, 12, 28] {
      let images = Tensor.uniform([4, size, size, 1], in: 0...1, using: &generator)
      let rows = try network.rows(input: [size, size, 1])
      let maps = try network.maps(images, block: 4, in: Pass(.evaluation))
      #expect(Array(maps.shape.dropFirst()) == rows[rows.count - 2].output)
      #expect(try network(images, in: Pass(.evaluation)).shape == [4, 5])
    }
  }

  @Test func errorsNameTheLayer() throws {
    let network = Self.network(try .small([3, 5]), channels: 3)
    let images = Tensor.zeros([2, 8, 8, 1])
    let error = #expect(throws: TensorError.self) {
      try network(images, in: Pass(.evaluation))
    }
    #expect("\(try #require(error))".contains("blocks.0.0.convolution"))
    #expect(throws: TensorError.self) { try NINConfiguration.small([3]) }
    #expect(throws: TensorError.self) { try NINConfiguration.small([0, 4]) }
  }

  @Test func branchesEqualSeparatePasses() throws {
    let network = Self.network(try .small([4, 6]), channels: 1)
    var generator = Generator(seed: 5)
    let first = Tensor.uniform([6, 12, 12, 1], in: 0...1, using: &generator)
    let second = Tensor.uniform([6, 12, 12, 1], in: -1...0, using: &generator)
    let joined = try Tensor.concatenated([first, second], axis: 0)
    let together = try network(joined, in: Pass(.training, branches: 2)).scalars
    let apart =
      try network(first, in: Pass(.training)).scalars
      + network(second, in: Pass(.training)).scalars
    #expect(zip(together, apart).allSatisfy { abs($0 - $1) < 1e-5 })
    let joint = try network(joined, in: Pass(.training)).scalars
    #expect(zip(joint, apart).contains { abs($0 - $1) > 1e-2 })
  }

  @Test func sameSeedGivesTheSameBits() throws {
    let configuration = try NINConfiguration.small([4, 6])
    let one = Self.network(configuration, channels: 1, seed: 7)
    let two = Self.network(configuration, channels: 1, seed: 7)
    let other = Self.network(configuration, channels: 1, seed: 8)
    #expect(
      one.parameters.map { $0.parameter.value.scalars }
        == two.parameters.map { $0.parameter.value.scalars })
    #expect(
      one.parameters[0].parameter.value.scalars != other.parameters[0].parameter.value.scalars)
  }
}
