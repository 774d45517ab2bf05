import Glibc
import Layers
import Tensors
import Testing

@testable import Methods

@Suite("Finite scalars")
struct FiniteScalarsTests {
  /// Values that are bounded and rounded to these levels.
  private func source(of vectors: Tensor, levels: [Int]) -> Tensor {
    Tensor(shape: vectors.shape) { target in
      for (i, value) in vectors.scalars.enumerated() {
        let level = levels[i % levels.count]
        let half = 1.001 * Double(level - 1) / 2
        let offset = level % 2 == 0 ? 0.5 : 0
        let bounded = Double(value) * Double(level / 2) + offset
        target[i] = Float(atanh(bounded / half) - atanh(offset / half))
      }
    }
  }

  @Test(
    "have a code for each point of the grid", arguments: [[8, 6, 5], [2, 3], [4], [7, 5, 2, 3]])
  func bijection(levels: [Int]) throws {
    let quantiser = try FiniteScalars(levels: levels)
    let all = Array(0..<levels.reduce(1, *))
    #expect(quantiser.codeCount == all.count && quantiser.dimension == levels.count)
    let vectors = try quantiser.vectors(of: all)
    let values = vectors.scalars
    for (place, level) in levels.enumerated() {
      let found = Set(all.map { values[$0 * levels.count + place] })
      let grid = (0..<level).map { Float($0 - level / 2) / Float(level / 2) }
      #expect(found == Set(grid))
    }
    // The digits of a code, the first the lowest.
    for code in all {
      var rest = code
      for (place, level) in levels.enumerated() {
        let half = Float(level / 2)
        #expect(values[code * levels.count + place] * half + half == Float(rest % level))
        rest /= level
      }
    }
    let encoded = source(of: vectors, levels: levels)
    #expect(try quantiser.codes(of: encoded) == all)
    let quantised = try quantiser.quantise(
      encoded.reshaped([all.count, 1, 1, levels.count]), in: Pass(.training),
      using: Generator(seed: 1))
    #expect(quantised.codes == all && quantised.terms.isEmpty)
    #expect(quantised.vectors.scalars == values)
  }

  @Test("are refused where they make no codes")
  func refusals() throws {
    for levels in [[], [1], [3, 1], [0, 5], [-2, -3], [300, 300], [Int.max, Int.max]] {
      #expect(throws: TensorError.self) { try FiniteScalars(levels: levels) }
    }
    let quantiser = try FiniteScalars(levels: [3, 2])
    #expect(throws: TensorError.self) { try quantiser.vectors(of: [6]) }
    #expect(throws: TensorError.self) { try quantiser.codes(of: .zeros([4, 3])) }
  }
}
