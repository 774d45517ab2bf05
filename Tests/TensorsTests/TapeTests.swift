import Compute
import Tensors
import Testing

@Suite("Tape")
struct TapeTests {
  @Test("adds the gradients of all uses of a tensor")
  func fanOut() throws {
    let tape = Tape()
    let x = tape.watch(try Tensor([1, 2, 3], shape: [3]))
    let y = try x * x + x.tanh() * 0 + x
    let gradients = try tape.gradients(of: y.sum())
    #expect(gradients[x]?.scalars == [3, 5, 7])
  }

  @Test("leaves the tensors of the user as they were")
  func inputsStay() throws {
    let tape = Tape()
    let values = try Tensor([1, -2, 3], shape: [3])
    let x = tape.watch(values)
    _ = try tape.gradients(of: (x.rectified() + x).sum())
    #expect(values.scalars == [1, -2, 3])
    #expect(x.scalars == [1, -2, 3])
  }

  @Test("records nothing for what it does not watch")
  func untracked() throws {
    let tape = Tape()
    let x = try Tensor([1, 2], shape: [2])
    _ = try (x * x).sum()
    #expect(tape.count == 0)
    #expect(try !(x * x).isTracked)
    #expect(try (tape.watch(x) * x).isTracked)
    #expect(try !(tape.watch(x) * x).detached.isTracked)
  }

  @Test("gives no gradient to what the loss does not depend on")
  func unused() throws {
    let tape = Tape()
    let (x, y) = (tape.watch(Tensor(1)), tape.watch(Tensor(2)))
    let gradients = try tape.gradients(of: x * 3)
    #expect(try gradients[x]?.item() == 3)
    #expect(gradients[y] == nil)
  }

  @Test("stops the gradient at a detached tensor")
  func detached() throws {
    let tape = Tape()
    let x = tape.watch(Tensor(3))
    let gradients = try tape.gradients(of: x * x.detached)
    #expect(try gradients[x]?.item() == 3)
  }

  @Test("serves one backward pass")
  func once() throws {
    let tape = Tape()
    let x = tape.watch(Tensor(3))
    let loss = try x * x
    _ = try tape.gradients(of: loss)
    #expect(throws: TensorError.self) { try tape.gradients(of: loss) }
  }

  @Test("returns the activations to the pool")
  func memory() async {
    // A process of its own: the pool's counters belong to the whole process.
    await #expect(processExitsWith: .success) {
      let before = BufferPool.shared.statistics.bytesInUse
      do {
        let tape = Tape()
        var generator = Generator(seed: 1)
        let x = tape.watch(Tensor.normal([64, 64], using: &generator))
        var y = x
        for _ in 0..<10 { y = try y.tanh().matrixProduct(x) }
        _ = try tape.gradients(of: y.sum())
        _ = consume y
      }
      precondition(BufferPool.shared.statistics.bytesInUse == before)
    }
  }
}
