import Foundation
import Tensors
import Testing

/// An array that a script in `Fixtures` wrote down of PyTorch.
struct GoldenValues: Decodable {
  let shape: [Int]
  let values: [Double]

  func tensor() throws -> Tensor { try Tensor(values.map(Float.init), shape: shape) }
}

/// What a file of `Fixtures` holds.
func golden<Contents: Decodable>(_ name: String) throws -> Contents {
  let url = try #require(
    Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures"))
  return try JSONDecoder().decode(Contents.self, from: Data(contentsOf: url))
}

func expectEqual(
  _ got: [Float], _ want: [Double], _ what: String, within tolerance: Double = 2e-5
) {
  #expect(got.count == want.count, "\(what)")
  let scale = want.reduce(1e-3) { max($0, abs($1)) }
  let error = zip(got, want).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
  #expect(error <= tolerance * scale, "\(what): off by \(error) of \(scale)")
}
