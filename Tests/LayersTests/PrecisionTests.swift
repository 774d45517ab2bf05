import Testing

@testable import Layers
@testable import Tensors

@Suite("A pass with half the bits", .enabled(if: Precision.bfloat16.isAvailable))
struct PrecisionTests {
  /// What layers give in a training pass, or in an evaluation.
  private func run(
    _ layers: Sequential, _ images: Tensor, _ mode: Pass.Mode, _ precision: Precision
  ) throws -> [Float] {
    try layers(images, in: Pass(mode, precision: precision)).scalars
  }

  @Test("reaches every layer that multiplies, its chains and its parts", arguments: [false, true])
  func reaches(isTraining: Bool) throws {
    var generator = Generator(seed: 1)
    let images = Tensor.uniform([12, 6, 6, 8], in: -1...1, using: &generator)
    let rows = Tensor.uniform([12, 8], in: -1...1, using: &generator)
    func unit() -> ConvolutionUnit {
      ConvolutionUnit(inputs: 8, outputs: 8, window: 3, generator: &generator)
    }
    func convolution() -> Convolution {
      Convolution(inputs: 8, outputs: 8, window: 3, bias: true, generator: &generator)
    }
    let cases: [(Tensor, [any Layer])] = [
      (images, [unit()]), (images, [unit(), unit()]), (images, [convolution()]),
      (images, [convolution(), Rectifier(), convolution()]),
      (
        images,
        [TransposedConvolution(inputs: 8, outputs: 8, window: 4, stride: 2, generator: &generator)]
      ),
      (images, [Residual(channels: 8, inner: 4, generator: &generator)]),
      (rows, [Linear(inputs: 8, outputs: 5, generator: &generator)]),
    ]
    for (input, layers) in cases {
      let mode = isTraining ? Pass.Mode.training : .evaluation
      let network = Sequential(layers)
      let single = try run(network, input, mode, .float32)
      let half = try run(network, input, mode, .bfloat16)
      let scale = single.reduce(0) { max($0, abs($1)) }
      let apart = zip(single, half).reduce(0) { max($0, abs($1.0 - $1.1)) } / scale
      #expect(apart > 1e-4 && apart < 0.03, "\(layers.map(\.title)): \(apart)")
    }
  }
}
