import Layers
import Tensors
import Testing

/// What `Fixtures/make_fixtures.py` wrote down of PyTorch.
private struct Golden: Decodable {
  let images, upstream, training, evaluation: GoldenValues
  let state, gradients, after: [String: GoldenValues]
}

@Suite struct GoldenTests {
  @Test func networkEqualsPyTorchInValuesGradientsAndStatistics() throws {
    let golden: Golden = try golden("golden")
    var generator = Generator(seed: 1)
    let network = NIN(try .small([3, 4]), channels: 2, generator: &generator)
    // Names and layouts are PyTorch's, so its state goes in as it is.
    let parameters = network.parameters
    #expect(Set(parameters.map(\.name)) == Set(golden.state.keys))
    for named in parameters {
      try named.parameter.assign(try #require(golden.state[named.name]).tensor())
    }
    let images = try golden.images.tensor()
    let pass = Pass(.training)
    let output = try network(images, in: pass)
    expectEqual(output.scalars, golden.training.values, "training output")
    let loss = try (output * golden.upstream.tensor()).sum()
    let gradients = try pass.gradients(of: loss)
    #expect(gradients.count == golden.gradients.count)
    for (parameter, gradient) in gradients {
      let name = try #require(parameters.first { $0.parameter === parameter }?.name)
      expectEqual(gradient.scalars, try #require(golden.gradients[name]).values, name)
    }
    try pass.commit()
    for (name, want) in golden.after {
      let parameter = try #require(parameters.first { $0.name == name }?.parameter)
      expectEqual(parameter.value.scalars, want.values, name)
    }
    let evaluated = try network(images, in: Pass(.evaluation))
    expectEqual(evaluated.scalars, golden.evaluation.values, "evaluation output")
  }
}
