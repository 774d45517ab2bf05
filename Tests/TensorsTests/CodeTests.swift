import Tensors
import Testing

@Suite("Codes")
struct CodeTests {
  @Test(
    "the nearest is the one of plain loops",
    arguments: [
      (1, 1, 1), (7, 3, 2), (300, 17, 5), (513, 128, 16), (33, 40, 64), (5, 16, 3), (2, 512, 64),
    ])
  func nearest(count: Int, codes: Int, dimension: Int) throws {
    var generator = Generator(seed: UInt64(count))
    let vectors = Tensor.normal([count, dimension], using: &generator)
    let codebook = Tensor.normal([codes, dimension], using: &generator)
    let places = try vectors.nearestCodes(in: codebook)
    #expect(places.count == count)
    let (z, e) = (Naive(vectors), Naive(codebook))
    for (row, place) in places.enumerated() {
      func distance(_ code: Int) -> Double {
        (0..<dimension).reduce(0.0) {
          let difference = z[[row, $1]] - e[[code, $1]]
          return $0 + difference * difference
        }
      }
      let least = (0..<codes).map(distance).min() ?? 0
      #expect(distance(place) <= least + 1e-5, "vector \(row)")
    }
    #expect(try vectors.nearestCodes(in: codebook) == places)
  }

  @Test("the lowest of equals wins", arguments: [1, 15, 16, 17, 33, 130])
  func ties(codes: Int) throws {
    let vectors = Tensor.filled(0.5, shape: [3, 7, 4])
    let same = Tensor.filled(0.25, shape: [codes, 4])
    #expect(try vectors.nearestCodes(in: same) == [Int](repeating: 0, count: 21))
    // A nearer pair, wherever it stands.
    for place in 0..<codes {
      var codebook = same
      codebook.update { values in
        for k in [place, codes - 1] { for i in 0..<4 { values[k * 4 + i] = 0.5 } }
      }
      #expect(try vectors.nearestCodes(in: codebook) == [Int](repeating: place, count: 21))
    }
  }

  @Test("straight through goes the gradient, and the value stays")
  func straightThrough() throws {
    let tape = Tape()
    let encoded = tape.watch(try Tensor([0.1, 0.9, -0.2], shape: [3, 1]))
    let codebook = tape.watch(try Tensor([1, 0], shape: [2, 1]))
    let places = try encoded.nearestCodes(in: codebook)
    #expect(places == [1, 0, 1])
    let quantised = try codebook.gathered(rows: places)
    let passed = try quantised.straightThrough(to: encoded)
    #expect(passed.scalars == [0, 1, 0])
    let weights = try Tensor([2, 3, 5], shape: [3, 1])
    let gradients = try tape.gradients(of: (passed * weights).sum())
    #expect(gradients[encoded]?.scalars == [2, 3, 5])
    #expect(gradients[codebook] == nil)
  }
}
