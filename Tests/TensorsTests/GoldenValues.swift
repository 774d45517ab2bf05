import Foundation
import Tensors
import Testing

/// An array that a script in `Fixtures` wrote down of PyTorch.
struct GoldenValues: Decodable, Sendable {
  let shape: [Int]
  let values: [Double]

  var tensor: Tensor { get throws { try Tensor(values.map(Float.init), shape: shape) } }
}

/// What a file of `Fixtures` holds.
func golden<Contents: Decodable>(_ name: String) throws -> Contents {
  let url = try #require(
    Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures"))
  return try JSONDecoder().decode(Contents.self, from: Data(contentsOf: url))
}

/// The rows of a file of `Fixtures`, as the arguments of a test; none where it cannot be read, which a
/// test of their number sees.
func goldenRows<Row: Decodable>(_ name: String) -> [Row] { (try? golden(name)) ?? [] }

func expectEqual(_ tensor: Tensor?, _ expected: GoldenValues, _ name: Comment) {
  #expect(tensor?.shape == expected.shape, name)
  #expect(distance(tensor?.scalars ?? [], expected.values) < 2e-6, name)
}
