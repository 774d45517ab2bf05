import Compute
import Glibc
import Tensors
import Testing

@Suite("Kernel support vector machines")
struct KernelSupportVectorMachineTests {
  private typealias Machine = KernelSupportVectorMachine

  @Test("every multiplier agrees with its margin", arguments: [Float(0.2), 4])
  func optimality(cost: Float) throws {
    let (features, labels) = try LinearSupportVectorMachineTests.clusters(80, 3, seed: 1)
    for kernel in [Machine.Kernel.linear, .gaussian(gamma: 0.3)] {
      for opponents in [Machine.Opponents.pairs, .rest] {
        let machine = try Machine(
          features: features, labels: labels, kernel: kernel, opponents: opponents, cost: cost,
          tolerance: 1e-6)
        #expect(machine.machines.count == 3 && machine.convergence.isReached)
        #expect(machine.convergence.gap < 1e-5)
        let values = try machine.decide(features).scalars
        for (place, side) in machine.machines.enumerated() {
          let row = try machine.coefficients.rows(place..<place + 1).scalars
          #expect(abs(row.reduce(0) { $0 + Double($1) }) < 1e-5)
          let known = Dictionary(uniqueKeysWithValues: zip(machine.supports, row))
          for (i, label) in labels.enumerated() {
            guard side.negative == nil || [side.positive, side.negative].contains(label) else {
              #expect((known[i] ?? 0) == 0)
              continue
            }
            let sign: Float = label == side.positive ? 1 : -1
            let (dual, margin) = (sign * (known[i] ?? 0), sign * values[i * 3 + place])
            #expect(dual >= 0 && dual <= cost)
            if dual < cost { #expect(margin > 1 - 1e-4) }
            if dual > 0 { #expect(margin < 1 + 1e-4) }
          }
        }
      }
    }
  }

  @Test("no multipliers on a fine grid are better", arguments: [Float(0.4), 2])
  func bruteForce(cost: Float) throws {
    let features = try Tensor([0, 1, 1.5, -0.5, 0.4, 0.3], shape: [3, 2])
    let labels = [1, 0, 0]
    let machine = try Machine(
      features: features, labels: labels, kernel: .gaussian(gamma: 0.7), cost: cost,
      tolerance: 1e-7)
    let x = features.scalars.map(Double.init)
    func kernel(_ i: Int, _ j: Int) -> Double {
      let square = (0..<2).reduce(0.0) {
        let difference = x[i * 2 + $1] - x[j * 2 + $1]
        return $0 + difference * difference
      }
      return exp(-0.7 * square)
    }
    let gram = (0..<3).map { i in (0..<3).map { kernel(i, $0) } }
    func dual(_ a: [Double]) -> Double {
      let signed = [-a[0], a[1], a[2]]
      var half = 0.0
      for i in 0..<3 { for j in 0..<3 { half += 0.5 * signed[i] * signed[j] * gram[i][j] } }
      return a.reduce(0, +) - half
    }
    var best = 0.0
    let limit = Double(cost)
    for i in 0...300 {
      for j in 0...300 {
        let (b, c) = (limit * Double(i) / 300, limit * Double(j) / 300)
        // The three are at balance.
        if b + c <= limit { best = max(best, dual([b + c, b, c])) }
      }
    }
    var found = [0.0, 0, 0]
    for (place, value) in zip(machine.supports, machine.coefficients.scalars) {
      found[place] = abs(Double(value))
    }
    #expect(dual(found) > best - 1e-6 && dual(found) < best + 1e-3)
  }

  @Test("two points have a known answer")
  func knownAnswer() throws {
    // w = 1 and b = −2 separate 3 from 1 by 1; α = 2 / ‖x − z‖².
    let features = try Tensor([3, 1], shape: [2, 1])
    let machine = try Machine(features: features, labels: [0, 1], kernel: .linear, cost: 10)
    #expect(distance(machine.coefficients.scalars, [0.5, -0.5]) < 1e-6)
    #expect(distance(machine.biases.scalars, [-2]) < 1e-6)
    #expect(distance(try machine.decide(features).scalars, [1, -1]) < 1e-6)
    // A low cost holds both multipliers, and leaves the middle for the bias.
    let held = try Machine(features: features, labels: [0, 1], kernel: .linear, cost: 0.1)
    #expect(distance(held.coefficients.scalars, [0.1, -0.1]) < 1e-6)
    #expect(distance(held.biases.scalars, [-0.4]) < 1e-6)
  }

  @Test("a Gaussian kernel tells apart what no line does")
  func crossed() throws {
    let features = try Tensor([0, 0, 1, 1, 0, 1, 1, 0], shape: [4, 2])
    let labels = [5, 5, 9, 9]
    let bent = try Machine(
      features: features, labels: labels, kernel: .gaussian(gamma: 2), cost: 100)
    #expect(try bent.classify(features) == labels && bent.supports == [0, 1, 2, 3])
    let straight = try Machine(features: features, labels: labels, kernel: .linear, cost: 100)
    #expect(try straight.classify(features) != labels)
  }

  @Test("a kernel matrix that is given serves like one that is computed")
  func precomputed() throws {
    let (features, labels) = try LinearSupportVectorMachineTests.clusters(50, 4, seed: 2)
    let (queries, _) = try LinearSupportVectorMachineTests.clusters(7, 4, seed: 3)
    for opponents in [Machine.Opponents.pairs, .rest] {
      let computed = try Machine(
        features: features, labels: labels, kernel: .linear, opponents: opponents,
        tolerance: 1e-7)
      let given = try Machine(
        features: features.matrixProduct(features, transposingRight: true), labels: labels,
        kernel: .precomputed, opponents: opponents, tolerance: 1e-7)
      let expected = try computed.decide(queries).scalars.map(Double.init)
      let products = try queries.matrixProduct(features, transposingRight: true)
      #expect(distance(try given.decide(products).scalars, expected) < 1e-5)
      #expect(try given.classify(products) == computed.classify(queries))
    }
  }

  @Test("of two classes the pair is either against the rest")
  func twoClasses() throws {
    let (features, labels) = try LinearSupportVectorMachineTests.clusters(
      30, 2, classes: 2, seed: 4)
    let pair = try Machine(features: features, labels: labels, kernel: .gaussian(gamma: 1))
    let rest = try Machine(
      features: features, labels: labels, kernel: .gaussian(gamma: 1), opponents: .rest)
    let values = try pair.decide(features).scalars.map(Double.init)
    let both = try rest.decide(features)
    #expect(distance(try both.columns(0..<1).scalars, values) < 1e-6)
    #expect(distance(try both.columns(1..<2).scalars, values.map { -$0 }) < 1e-2)
    #expect(try pair.classify(features) == rest.classify(features))
  }

  @Test("pairs vote, and the first of equals wins")
  func votes() throws {
    // The corners of a triangle; its centre gets one vote each, or none is ahead.
    let features = try Tensor([0, 1, -0.866, -0.5, 0.866, -0.5], shape: [3, 2])
    let machine = try Machine(features: features, labels: [2, 4, 6], kernel: .linear, cost: 10)
    #expect(machine.machines.map { $0.positive } == [0, 0, 1])
    #expect(machine.machines.map { $0.negative } == [1, 2, 2])
    #expect(try machine.classify(features) == [2, 4, 6])
  }

  @Test("one point with two labels is no harm")
  func degenerate() throws {
    let features = Tensor.filled(0.5, shape: [4, 3])
    let machine = try Machine(features: features, labels: [0, 1, 0, 1], kernel: .linear, cost: 2)
    #expect(machine.convergence.isReached && machine.biases.isFinite)
    #expect(distance(machine.coefficients.scalars, [2, -2, 2, -2]) < 1e-6)
  }

  @Test("edge shapes", arguments: [1, 7, 8, 9, 64, 65, 130])
  func edges(count: Int) throws {
    let (features, labels) = try LinearSupportVectorMachineTests.clusters(
      count + 1, 1 + count % 19, classes: 2, seed: 5)
    let machine = try Machine(features: features, labels: labels, kernel: .gaussian(gamma: 5))
    #expect(machine.convergence.isReached)
    #expect(try machine.decide(features.rows(0..<1)).shape == [1, 1])
    #expect(try machine.classify(features.rows(0..<0)).isEmpty)
  }

  @Test("steps that run out are told, with the gap that is left")
  func runningOut() throws {
    let (features, labels) = try LinearSupportVectorMachineTests.clusters(60, 3, seed: 6)
    let machine = try Machine(
      features: features, labels: labels, kernel: .gaussian(gamma: 1), steps: 3, tolerance: 1e-6)
    #expect(machine.convergence.sweeps == 3 && !machine.convergence.isReached)
    #expect(machine.convergence.gap > 0.01 && machine.convergence.gap <= 1)
  }

  @Test("the bits do not depend on the number of threads")
  func threads() throws {
    let (features, labels) = try LinearSupportVectorMachineTests.clusters(150, 20, seed: 7)
    func decisions() throws -> [Float] {
      try Machine(features: features, labels: labels, kernel: .gaussian(gamma: 0.05), cost: 3)
        .decide(features).scalars
    }
    let many = try decisions()
    let count = Parallel.threadCount
    Parallel.setThreadCount(1)
    defer { Parallel.setThreadCount(count) }
    #expect(try decisions() == many)
  }
}
