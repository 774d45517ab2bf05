import Layers
import Tensors
import Testing

@Suite struct PassTests {
  @Test func runningStatisticsMoveOnlyWhenThePassIsCommitted() throws {
    let layer = BatchNormalisation(channels: 2, rectifies: false)
    let input = try Tensor([1, 10, 3, 30, 5, 20], shape: [3, 2])
    let pass = Pass(.training)
    let output = try layer(input, in: pass)
    #expect(layer.runningMean.value.scalars == [0, 0])
    try pass.commit()
    // Means 3 and 20; unbiased variances 4 and 100; momentum 0.1.
    for (got, want) in zip(layer.runningMean.value.scalars, [0.3, 2.0] as [Float]) {
      #expect(abs(got - want) < 1e-5)
    }
    for (got, want) in zip(layer.runningVar.value.scalars, [1.3, 10.9] as [Float]) {
      #expect(abs(got - want) < 1e-4)
    }
    #expect(abs(output.scalars.reduce(0, +)) < 1e-4)
    try pass.commit()
    #expect(abs(layer.runningMean.value.scalars[0] - 0.3) < 1e-5)
  }

  @Test func branchesMoveTheStatisticsOneAfterTheOther() throws {
    let layer = BatchNormalisation(channels: 1, rectifies: false)
    let pass = Pass(.training, branches: 2)
    _ = try layer(try Tensor([1, 3, 9, 11], shape: [4, 1]), in: pass)
    try pass.commit()
    #expect(abs(layer.runningMean.value.scalars[0] - (0.9 * 0.2 + 0.1 * 10)) < 1e-5)
  }

  @Test func evaluationRecordsNothing() throws {
    var generator = Generator(seed: 1)
    let layer = Linear(inputs: 3, outputs: 2, generator: &generator)
    let pass = Pass(.evaluation)
    let output = try layer(.zeros([2, 3]), in: pass)
    #expect(!output.isTracked)
    #expect(throws: TensorError.self) { try pass.gradients(of: try output.sum()) }
  }

  @Test func gradientsReachEachParameterOnce() throws {
    var generator = Generator(seed: 1)
    let layer = Linear(inputs: 3, outputs: 2, generator: &generator)
    let input = try Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
    let pass = Pass(.training)
    // The layer is used twice: its gradient is the sum of both uses.
    let loss = try (layer(input, in: pass) + layer(input, in: pass)).sum()
    let gradients = try pass.gradients(of: loss)
    #expect(gradients.count == 2)
    #expect(gradients[0].parameter === layer.weight)
    #expect(gradients[0].gradient.scalars == [10, 14, 18, 10, 14, 18])
    #expect(gradients[1].gradient.scalars == [4, 4])
  }

  @Test func parametersUpdateInPlaceAfterBackward() throws {
    var generator = Generator(seed: 1)
    let layer = Linear(inputs: 1, outputs: 1, generator: &generator)
    let before = layer.weight.value
    layer.weight.update { $0[0] += 1 }
    #expect(layer.weight.value.scalars[0] == before.scalars[0] + 1)
    #expect(throws: TensorError.self) { try layer.weight.assign(.zeros([2, 2])) }
  }
}
