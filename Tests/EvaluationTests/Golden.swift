import Foundation
import Tensors
import Testing

/// What `Fixtures/make_fixtures.py` wrote down of scikit-learn.
struct Golden: Decodable {
  struct Regression: Decodable {
    let rows: Int
    let width: Int
    let classes: Int
    let penalty: Double
    let features: [Double]
    let labels: [Int]
    let weights: [Double]
    let biases: [Double]
    let objective: Double
    let predicted: [Int]
  }
  struct Embedding: Decodable {
    let rows: Int
    let width: Int
    let perplexity: Double
    let features: [Double]
    let joint: [Double]
    let positions: [Double]
    let divergence: Double
    let gradient: [Double]
  }

  let regressions: [Regression]
  let embedding: Embedding

  static func read() throws -> Golden {
    let url = try #require(
      Bundle.module.url(forResource: "golden", withExtension: "json", subdirectory: "Fixtures"))
    return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
  }
}

/// The greatest difference relative to the greatest wanted value.
func relativeError(_ got: [Double], _ wanted: [Double]) -> Double {
  guard got.count == wanted.count else { return .infinity }
  let scale = wanted.reduce(0) { max($0, abs($1)) }
  return zip(got, wanted).reduce(0) { max($0, abs($1.0 - $1.1)) } / scale
}

/// Classes as clouds around random centres, `[rows, width]`, with their labels.
func clouds(
  _ rows: Int, width: Int, classes: Int, spread: Float = 1, seed: UInt64
) throws -> (features: Tensor, labels: [Int]) {
  var generator = Generator(seed: seed)
  let centres = Tensor.normal([classes, width], deviation: 2, using: &generator).scalars
  let noise = Tensor.normal([rows, width], deviation: spread, using: &generator).scalars
  let labels = (0..<rows).map { $0 % classes }
  let values = noise.indices.map { centres[labels[$0 / width] * width + $0 % width] + noise[$0] }
  return (try Tensor(values, shape: [rows, width]), labels)
}
