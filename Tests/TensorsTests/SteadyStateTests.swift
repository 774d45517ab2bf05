import Compute
import Tensors
import Testing

@Suite("A training step")
struct SteadyStateTests {
  @Test("asks the system for no memory once its sizes have been seen")
  func noAllocations() async {
    // A process of its own: the pool's counters belong to the whole process.
    await #expect(processExitsWith: .success) {
      var generator = Generator(seed: 1)
      let images = Tensor.normal([8, 14, 14, 3], using: &generator)
      let weights = [
        Tensor.normal([24, 3, 5, 5], deviation: 0.1, using: &generator),
        Tensor.normal([16, 24, 1, 1], deviation: 0.1, using: &generator),
      ]
      let (scales, shifts) = (
        [24, 16].map { Tensor.filled(1, shape: [$0]) }, [24, 16].map { Tensor.zeros([$0]) }
      )
      func step() throws {
        let tape = Tape()
        let leaves = (weights + scales + shifts).map { tape.watch($0) }
        var x = try images.convolution(weight: leaves[0], padding: 2)
        x = try x.batchNormalised(scale: leaves[2], shift: leaves[4], branches: 2, rectify: true)
          .output
        x = try x.maximumPooled(window: 3, stride: 2, padding: 1)
        x = try x.convolution(weight: leaves[1])
        x = try x.batchNormalised(scale: leaves[3], shift: leaves[5], branches: 2, rectify: true)
          .output
        x = try x.averagePooled(window: 3, stride: 2, padding: 1)
        let loss = try x.globallyAveraged().softmax().squared().mean()
        let gradients = try tape.gradients(of: loss)
        precondition(leaves.allSatisfy { gradients[$0]?.isFinite == true })
      }
      for _ in 0..<3 { try step() }
      let before = BufferPool.shared.statistics
      precondition(before.systemAllocations > 10)
      for _ in 0..<20 { try step() }
      precondition(BufferPool.shared.statistics == before)
    }
  }
}
