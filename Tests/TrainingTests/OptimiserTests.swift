import Layers
import Tensors
import Testing
import Training

@Suite struct OptimiserTests {
  static let gradients: [[Double]] = [
    [0.5, -1, 2], [0.25, 0.5, -3], [-0.1, 0.2, 0.7], [1, 1, 1],
  ]

  static func run(_ optimiser: any Optimiser, decays: Bool, rate: Float) throws -> [Float] {
    var optimiser = optimiser
    let parameter = Parameter(try Tensor([1, -2, 3], shape: [3]), decays: decays)
    for gradient in gradients {
      optimiser.step([(parameter, try Tensor(gradient.map(Float.init), shape: [3]))], rate: rate)
    }
    return parameter.value.scalars
  }

  @Test(arguments: [true, false], [true, false])
  func descentFollowsItsDefinition(nesterov: Bool, decays: Bool) throws {
    var (w, v) = ([1.0, -2, 3], [0.0, 0, 0])
    for gradient in Self.gradients {
      for i in 0..<3 {
        let g = gradient[i] + (decays ? 0.01 : 0) * w[i]
        v[i] = 0.9 * v[i] + g
        w[i] -= 0.1 * (nesterov ? g + 0.9 * v[i] : v[i])
      }
    }
    let got = try Self.run(
      SGD(momentum: 0.9, weightDecay: 0.01, isNesterov: nesterov), decays: decays, rate: 0.1)
    #expect(zip(got, w).allSatisfy { abs(Double($0) - $1) < 1e-5 })
  }

  @Test(arguments: [0.0, 0.1])
  func adamFollowsItsDefinition(decay: Double) throws {
    var (w, m, v) = ([1.0, -2, 3], [0.0, 0, 0], [0.0, 0, 0])
    var (p1, p2) = (1.0, 1.0)
    for gradient in Self.gradients {
      (p1, p2) = (p1 * 0.9, p2 * 0.999)
      for i in 0..<3 {
        let g = gradient[i]
        m[i] = 0.9 * m[i] + 0.1 * g
        v[i] = 0.999 * v[i] + 0.001 * g * g
        w[i] -= 0.05 * decay * w[i]
        w[i] -= 0.05 * (m[i] / (1 - p1)) / ((v[i] / (1 - p2)).squareRoot() + 1e-8)
      }
    }
    let got = try Self.run(Adam(weightDecay: Float(decay)), decays: true, rate: 0.05)
    #expect(zip(got, w).allSatisfy { abs(Double($0) - $1) < 1e-5 })
  }

  @Test func schedulesRiseAndFall() {
    for schedule in [Schedule.cosine, .linear] {
      let factors = (0..<200).map { schedule.factor(step: $0, of: 200) }
      #expect(factors[0] < 0.2)
      #expect(abs((factors.max() ?? 0) - 1) < 1e-6)
      #expect(factors[199] < 0.02)
      #expect(zip(factors.dropFirst(10), factors.dropFirst(11)).allSatisfy { $0 >= $1 })
    }
    #expect(Schedule.constant.factor(step: 7, of: 10) == 1)
    #expect(Schedule.cosine.factor(step: 0, of: 1) == 1)
  }
}
