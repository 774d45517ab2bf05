import Foundation
import Layers
import Tensors
import Testing

/// What `Fixtures/make_fixtures.py` wrote down of PyTorch.
private struct Golden: Decodable {
  struct Values: Decodable {
    let shape: [Int]
    let values: [Double]

    func tensor() throws -> Tensor { try Tensor(values.map(Float.init), shape: shape) }
  }

  let images, upstream, training, evaluation: Values
  let state, gradients, after: [String: Values]
}

@Suite struct GoldenTests {
  private func read() throws -> Golden {
    let url = try #require(
      Bundle.module.url(forResource: "golden", withExtension: "json", subdirectory: "Fixtures"))
    return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
  }

  private func expectEqual(_ got: [Float], _ want: [Double], _ what: String) {
    #expect(got.count == want.count, "\(what)")
    let scale = want.reduce(1e-3) { max($0, abs($1)) }
    let error = zip(got, want).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
    #expect(error <= 2e-5 * scale, "\(what): off by \(error) of \(scale)")
  }

  @Test func networkEqualsPyTorchInValuesGradientsAndStatistics() throws {
    let golden = try read()
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
