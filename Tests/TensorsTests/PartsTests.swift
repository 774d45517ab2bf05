import Compute
import Tensors
import Testing

@Suite("Parts of a batch")
struct PartsTests {
  @Test("hold each image once, in order", arguments: [0, 1, 3, 4, 7, 8, 31, 32, 33, 64, 1000])
  func cover(count: Int) {
    let parts = Tensor.parts(of: count)
    #expect(parts.flatMap { Array($0) } == Array(0..<count))
    #expect(count == 0 || parts.allSatisfy { !$0.isEmpty && $0.count <= 32 })
    #expect(count < 8 || parts.count > 1)
  }

  @Test("give their results in order, and the error of the first that failed")
  func computing() throws {
    for _ in 0..<50 {
      let squares = try Tensor.computingParts(37) { (part) throws(TensorError) in part * part }
      #expect(squares == (0..<37).map { $0 * $0 })
      let error = #expect(throws: TensorError.self) {
        try Tensor.computingParts(9) { (part) throws(TensorError) -> Int in
          guard part % 4 != 3 else {
            throw .argument(operation: "test", name: "part", value: "\(part)", fix: "none")
          }
          return part
        }
      }
      #expect(error?.description == "test: part is 3: none")
    }
    #expect(try Tensor.computingParts(0) { (part) throws(TensorError) in part } == [])
  }

  @Test("do not depend on the number of threads")
  func threads() throws {
    let threads = Parallel.threadCount
    defer { Parallel.setThreadCount(threads) }
    let outcomes = try [1, 2, 5].map { threads in
      Parallel.setThreadCount(threads)
      return try Tensor.computingParts(12) { (part) throws(TensorError) in
        var generator = Generator(seed: UInt64(part))
        let x = Tensor.normal([40, 30], using: &generator)
        return try x.matrixProduct(x, transposingRight: true).softmax().sum()
      }.map(bits)
    }
    #expect(outcomes[0] == outcomes[1] && outcomes[0] == outcomes[2])
  }

  @Test("add up in their order, off the tape, and leave what they were", arguments: [1, 2, 5])
  func summed(count: Int) throws {
    var generator = Generator(seed: 6)
    let tape = Tape()
    let tensors = (0..<count).map { _ in
      tape.watch(Tensor.uniform([3, 17], in: -1...1, using: &generator))
    }
    let before = tensors.map(bits)
    let sum = try #require(try Tensor.summed(tensors))
    #expect(!sum.isTracked && sum.shape == [3, 17])
    var expected = tensors[0].scalars
    for tensor in tensors.dropFirst() { expected = zip(expected, tensor.scalars).map { $0 + $1 } }
    #expect(sum.scalars == expected)
    #expect(tensors.map(bits) == before)
  }

  @Test("have no sum where there are none, and none of several shapes")
  func noSum() throws {
    #expect(try Tensor.summed([]) == nil)
    #expect(throws: TensorError.self) { try Tensor.summed([zeros(2, 3), zeros(3, 2)]) }
  }
}

@Suite("The gradient of what is no scalar")
struct GivenGradientTests {
  private func inputs() -> [Tensor] {
    var generator = Generator(seed: 8)
    return [[5, 7], [7, 3], [5, 3]].map { .uniform($0, in: -1...1, using: &generator) }
  }

  @Test("is that of its product with what is given, summed")
  func given() throws {
    let (x, y, upstream) = (inputs()[0], inputs()[1], inputs()[2])
    let (one, other) = (Tape(), Tape())
    let (a, b) = (one.watch(x), one.watch(y))
    let found = try one.gradients(of: a.tanh().matrixProduct(b), given: upstream)
    let (c, d) = (other.watch(x), other.watch(y))
    let expected = try other.gradients(of: (c.tanh().matrixProduct(d) * upstream).sum())
    #expect(bits(found[a]) == bits(expected[c]) && !bits(found[a]).isEmpty)
    #expect(bits(found[b]) == bits(expected[d]) && !bits(found[b]).isEmpty)
  }

  @Test("of a watched tensor itself is what is given, off the tape")
  func identity() throws {
    let (tape, upstream) = (Tape(), inputs()[2])
    let x = tape.watch(zeros(5, 3))
    let gradient = try #require(try tape.gradients(of: x, given: tape.watch(upstream))[x])
    #expect(bits(gradient) == bits(upstream) && !gradient.isTracked)
  }

  @Test("leaves what is given as it was")
  func kept() throws {
    let (tape, upstream) = (Tape(), inputs()[2])
    let before = bits(upstream)
    let x = tape.watch(zeros(5, 3))
    // Both derivatives of a sum are the upstream itself, which adding them up must not change.
    let gradient = try tape.gradients(of: x + x, given: upstream)[x]
    #expect(bits(upstream) == before)
    #expect(gradient?.scalars == upstream.scalars.map { 2 * $0 })
  }

  @Test("is refused with another shape, off the tape, and a second time")
  func refusals() throws {
    let tape = Tape()
    let x = tape.watch(zeros(5, 3))
    let y = try x.tanh()
    #expect(throws: TensorError.self) { try tape.gradients(of: y, given: zeros(3, 5)) }
    #expect(throws: TensorError.self) { try tape.gradients(of: y.detached, given: zeros(5, 3)) }
    #expect(throws: TensorError.self) { try Tape().gradients(of: y, given: zeros(5, 3)) }
    _ = try tape.gradients(of: y, given: zeros(5, 3))
    #expect(throws: TensorError.self) { try tape.gradients(of: y, given: zeros(5, 3)) }
  }
}
