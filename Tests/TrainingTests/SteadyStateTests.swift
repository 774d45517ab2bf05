import Compute
import Layers
import Tensors
import Testing
import Training

@Suite("A step of an optimiser")
struct OptimiserSteadyStateTests {
  @Test("asks the system for no memory once it has its moments")
  func noAllocations() async {
    // A process of its own: the pool's counters belong to the whole process.
    await #expect(processExitsWith: .success) {
      for rule: any Optimiser in [SGD(), Adam(), AdamW(), LARS()] {
        var optimiser = rule
        var generator = Generator(seed: 1)
        let named = [[192, 96, 5, 5], [192], [16, 24, 1, 1], [8]].enumerated().map { place, shape in
          NamedParameter(
            name: "layer\(place)", parameter: Parameter(.normal(shape, using: &generator)))
        }
        try optimiser.prepare(for: named, groups: [ParameterGroup(["layer1"], rate: 2)])
        var average = try MovingAverage(of: named, decay: 0.9)
        let gradients = named.map {
          ($0.parameter, Tensor.normal($0.parameter.shape, using: &generator))
        }
        func step() {
          optimiser.step(gradients, rate: 1e-3)
          average.step()
        }
        for _ in 0..<2 { step() }
        let before = BufferPool.shared.statistics
        precondition(before.systemAllocations > 8)
        for _ in 0..<10 { step() }
        precondition(BufferPool.shared.statistics == before)
      }
    }
  }
}
