import Foundation
import Tensors
import Testing

/// What `Fixtures/make_spatial.py` wrote down of PyTorch.
private struct Golden: Decodable, Sendable {
  struct Values: Decodable, Sendable {
    let shape: [Int]
    let values: [Double]

    var tensor: Tensor {
      get throws { try Tensor(values.map(Float.init), shape: shape) }
    }
  }

  struct TransposedConvolution: Decodable, Sendable {
    struct Options: Decodable, Sendable {
      let stride, padding, outputPadding, dilation, groups: Int
    }
    let options: Options
    let x, weight, bias, y, upstream, dx, dweight, dbias: Values
  }

  let transposedConvolution: [TransposedConvolution]

  static func read() throws -> Golden {
    let url = try #require(
      Bundle.module.url(forResource: "spatial", withExtension: "json", subdirectory: "Fixtures"))
    return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
  }
}

@Suite("PyTorch's spatial values and gradients")
struct SpatialGoldenTests {
  private func expect(_ tensor: Tensor?, _ expected: Golden.Values, _ name: Comment) {
    #expect(tensor?.shape == expected.shape, name)
    #expect(distance(tensor?.scalars ?? [], expected.values) < 2e-6, name)
  }

  @Test("of transposed convolutions")
  func transposedConvolution() throws {
    for golden in try Golden.read().transposedConvolution {
      let tape = Tape()
      let x = tape.watch(try golden.x.tensor)
      let weight = tape.watch(try golden.weight.tensor)
      let bias = tape.watch(try golden.bias.tensor)
      let options = golden.options
      let y = try x.transposedConvolution(
        weight: weight, bias: bias, stride: options.stride, padding: options.padding,
        outputPadding: options.outputPadding, dilation: options.dilation, groups: options.groups)
      expect(y, golden.y, "y")
      let gradients = try tape.gradients(of: (y * golden.upstream.tensor).sum())
      expect(gradients[x], golden.dx, "dx")
      expect(gradients[weight], golden.dweight, "dweight")
      expect(gradients[bias], golden.dbias, "dbias")
    }
  }
}
