import Glibc
import Tensors
import Testing

/// Quantisers, whose gradient is not their slope.
@Suite("Quantisers")
struct QuantiserTests {
  /// The gradient of `<weights, operation>` at `input`.
  private func gradient(
    _ input: Tensor, _ weights: Tensor, _ operation: (Tensor) throws -> Tensor
  ) throws -> [Float] {
    let tape = Tape()
    let x = tape.watch(input)
    return try #require(try tape.gradients(of: (operation(x) * weights).sum())[x]).scalars
  }

  @Test("halves are rounded to even, and the gradient passes")
  func rounded() throws {
    let values: [Float] = [
      -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0.49999997, -0.3, 3.7, 8_388_609, -3e30, .infinity, 0, 7,
      -7.2, 1.4, 5.5,
    ]
    let x = try Tensor(values, shape: [17])
    let expected: [Float] = [
      -2, -2, 0, 0, 2, 2, 0, 0, 4, 8_388_609, -3e30, .infinity, 0, 7, -7, 1, 6,
    ]
    #expect(try x.rounded().scalars == expected)
    let weights = Tensor(shape: [17]) { target in for i in 0..<17 { target[i] = Float(i) - 8 } }
    #expect(try gradient(x, weights) { try $0.rounded() } == weights.scalars)
    #expect(try Tensor.zeros([0, 3]).rounded().shape == [0, 3])
  }

  @Test("zero counts as positive, and the gradient passes")
  func signs() throws {
    let x = try Tensor([-3, -1e-30, -0.0, 0, 1e-30, 2, .infinity, -.infinity, 1], shape: [9])
    #expect(try x.signs().scalars == [-1, -1, 1, 1, 1, 1, 1, -1, 1])
    let weights = Tensor(shape: [9]) { target in for i in 0..<9 { target[i] = Float(i) - 4 } }
    #expect(try gradient(x, weights) { try $0.signs() } == weights.scalars)
    #expect(try Tensor.zeros([0, 3]).signs().shape == [0, 3])
  }

  @Test("finite scalars take every one of their levels, and no other", arguments: 2...9)
  func finiteScalarQuantised(level: Int) throws {
    let count = 4001
    let x = Tensor(shape: [count, 1]) { target in
      for i in 0..<count { target[i] = Float(i - count / 2) * 0.004 }
    }
    let values = try x.finiteScalarQuantised(levels: [level]).scalars
    let lowest = -(level / 2)
    let expected = (lowest..<lowest + level).map { Float($0) / Float(level / 2) }
    #expect(Set(values).sorted() == expected)
    #expect(values == values.sorted())
    // The gradient is the slope of the bound without the rounding.
    let half = Double(level - 1) * 1.001 / 2
    let shift = atanh((level % 2 == 0 ? 0.5 : 0) / half)
    let slopes = x.scalars.map { half / pow(cosh(Double($0) + shift), 2) / Double(level / 2) }
    let gradient = try gradient(x, .filled(1, shape: x.shape)) {
      try $0.finiteScalarQuantised(levels: [level])
    }
    #expect(distance(gradient, slopes) < 1e-6)
  }

  @Test(
    "a rotation takes the gradient from the code to the vector",
    arguments: [[1, 1], [5, 2], [3, 7], [2, 3, 16], [4, 33]])
  func rotated(shape: [Int]) throws {
    var generator = Generator(seed: 3)
    let encoded = Tensor.normal(shape, using: &generator)
    // One dimension has only mirrors: there the code lies on the vector's side.
    let quantised =
      try shape.last == 1 ? encoded * 2 : Tensor.normal(shape, using: &generator)
    let weights = Tensor.normal(shape, using: &generator)
    let tape = Tape()
    let (e, q) = (tape.watch(encoded), tape.watch(quantised))
    let output = try e.rotated(onto: q)
    #expect(output.scalars == quantised.scalars)
    let gradients = try tape.gradients(of: (output * weights).sum())
    #expect(gradients[q] == nil)
    // Plain loops with the whole matrix.
    let width = shape[shape.count - 1]
    var expected: [Double] = []
    for start in stride(from: 0, to: encoded.count, by: width) {
      func row(_ tensor: Tensor) -> [Double] {
        tensor.scalars[start..<start + width].map(Double.init)
      }
      func unit(_ x: [Double]) -> [Double] {
        let norm = x.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return x.map { $0 / norm }
      }
      let (e, q, g) = (row(encoded), row(quantised), row(weights))
      let (a, b) = (unit(e), unit(q))
      let r = unit(zip(a, b).map { $0 + $1 })
      let ratio = q[0] / b[0] / (e[0] / a[0])
      func matrix(_ i: Int, _ j: Int) -> Double {
        (i == j ? 1 : 0) - 2 * r[i] * r[j] + 2 * b[i] * a[j]
      }
      for i in 0..<width {
        // The matrix rotates: it takes the one direction to the other.
        #expect(abs((0..<width).reduce(0) { $0 + matrix(i, $1) * a[$1] } - b[i]) < 1e-9)
        expected.append(ratio * (0..<width).reduce(0) { $0 + matrix($1, i) * g[$1] })
      }
    }
    #expect(distance(try #require(gradients[e]).scalars, expected) < 2e-6)
  }

  @Test("vectors without a direction have the gradients that are told")
  func directionless() throws {
    let weights = try Tensor([2, 3], shape: [1, 2])
    func gradient(_ e: [Float], _ q: [Float]) throws -> [Float] {
      let codes = try Tensor(q, shape: [1, 2])
      return try self.gradient(Tensor(e, shape: [1, 2]), weights) { try $0.rotated(onto: codes) }
    }
    #expect(try gradient([0, 0], [1, 2]) == [2, 3])
    #expect(try gradient([1, 2], [0, 0]) == [0, 0])
    #expect(try gradient([0, 0], [0, 0]) == [2, 3])
    // The opposite, twice as long: the mirror along it.
    #expect(try gradient([1, 0], [-2, 0]) == [-4, 6])
    // The same direction turns nothing.
    #expect(try gradient([1, 0], [3, 0]) == [6, 9])
    #expect(try Tensor.zeros([0, 2]).rotated(onto: .zeros([0, 2])).shape == [0, 2])
  }
}
