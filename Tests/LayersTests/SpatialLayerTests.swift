import Layers
import Tensors
import Testing

@Suite struct SpatialLayerTests {
  /// Runs a layer on a batch of two and compares with what its table says.
  private func expectTableAgrees(_ layer: any Layer, input: [Int]) throws {
    var generator = Generator(seed: 3)
    let batch = Tensor.normal([2] + input, using: &generator)
    let output = try layer(batch, in: Pass(.training))
    #expect(output.shape == [2] + (try layer.outputShape(for: input)), "\(layer.title)")
  }

  @Test func transposedConvolutionUndoesTheShapeOfAConvolution() throws {
    var generator = Generator(seed: 1)
    let layer = TransposedConvolution(
      inputs: 6, outputs: 4, window: 4, stride: 2, padding: 1, bias: true, generator: &generator)
    #expect(layer.title == "transposed convolution 4×4, 6→4, stride 2")
    #expect(layer.parameters.map(\.name) == ["weight", "bias"])
    #expect(layer.weight.shape == [6, 4, 4, 4])
    #expect(try layer.outputShape(for: [7, 5, 6]) == [14, 10, 4])
    #expect(try layer.multiplyAdds(for: [7, 5, 6]) == 7 * 5 * 6 * 4 * 16)
    try expectTableAgrees(layer, input: [7, 5, 6])
    let odd = TransposedConvolution(
      inputs: 2, outputs: 3, window: 3, stride: 2, outputPadding: 1, generator: &generator)
    #expect(odd.parameters.map(\.name) == ["weight"])
    try expectTableAgrees(odd, input: [4, 1, 2])
    #expect(throws: TensorError.self) { try odd.outputShape(for: [4, 4, 3]) }
    #expect(throws: TensorError.self) { try odd.outputShape(for: [4, 4]) }
  }

  @Test func groupNormalisationIsTheSameInTrainingAndOutsideIt() throws {
    let layer = GroupNormalisation(groups: 2, channels: 6)
    #expect(layer.title == "group normalisation, 2 groups")
    #expect(layer.parameters.map(\.name) == ["weight", "bias"])
    #expect(layer.parameters.allSatisfy { !$0.parameter.decays })
    try expectTableAgrees(layer, input: [3, 4, 6])
    var generator = Generator(seed: 1)
    let images = Tensor.normal([3, 4, 4, 6], using: &generator)
    let trained = try layer(images, in: Pass(.training)).scalars
    #expect(try layer(images, in: Pass(.evaluation)).scalars == trained)
    // An image does not depend on its batch.
    let alone = try layer(images.rows(1..<2), in: Pass(.evaluation)).scalars
    #expect(alone == Array(trained[96..<192]))
    #expect(throws: TensorError.self) { try layer.outputShape(for: [3, 4, 5]) }
    let wrong = GroupNormalisation(groups: 4, channels: 6)
    #expect(throws: TensorError.self) { try wrong.outputShape(for: [3, 4, 6]) }
  }

  @Test func upsamplingEnlargesBothSides() throws {
    let layer = Upsampling(factor: 3)
    #expect(layer.title == "nearest upsampling by 3")
    #expect(layer.parameters.isEmpty)
    try expectTableAgrees(layer, input: [2, 3, 4])
    #expect(throws: TensorError.self) { try layer.outputShape(for: [2, 3]) }
  }
}
