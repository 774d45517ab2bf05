import Compute
import Tensors
import Testing

@Suite("Linear support vector machines")
struct LinearSupportVectorMachineTests {
  /// Clusters that overlap, `[count, width]`, and their classes.
  static func clusters(
    _ count: Int, _ width: Int, classes: Int = 3, seed: UInt64
  ) throws -> (features: Tensor, labels: [Int]) {
    var generator = Generator(seed: seed)
    let centres = Tensor.normal([classes, width], using: &generator)
    let labels = (0..<count).map { $0 % classes }
    let noise = Tensor.normal([count, width], deviation: 0.8, using: &generator)
    return (try centres.gathered(rows: labels) + noise, labels)
  }

  /// The slacks `1 − y f` and the signs of a class.
  private static func slacks(
    _ machine: LinearSupportVectorMachine, _ features: Tensor, _ labels: [Int], _ place: Int
  ) throws -> [(slack: Double, sign: Double)] {
    let values = try machine.decide(features).columns(place..<place + 1).scalars
    return zip(values, labels).map { value, label in
      let sign = label == machine.classes[place] ? 1.0 : -1.0
      return (1 - sign * Double(value), sign)
    }
  }

  @Test("with the squared hinge the slope of the objective is zero", arguments: [Float(0.1), 3])
  func squaredHinge(cost: Float) throws {
    let (features, labels) = try Self.clusters(60, 4, seed: 1)
    let machine = try LinearSupportVectorMachine(
      features: features, labels: labels, cost: cost, sweeps: 100_000, tolerance: 1e-7,
      generator: Generator(seed: 2))
    #expect(machine.convergence.isReached && machine.convergence.gap < 1e-6)
    let x = features.scalars.map(Double.init)
    for place in 0..<3 {
      var slope = try machine.weights.rows(place..<place + 1).scalars.map(Double.init)
      slope.append(Double(machine.biases.scalars[place]))
      for (row, (slack, sign)) in try Self.slacks(machine, features, labels, place).enumerated()
      where slack > 0 {
        for i in 0..<5 {
          slope[i] -= 2 * Double(cost) * slack * sign * (i < 4 ? x[row * 4 + i] : 1)
        }
      }
      #expect(slope.allSatisfy { abs($0) < 1e-4 * Double(1 + cost) })
    }
  }

  @Test("with the hinge no weights nearby are better", arguments: [Float(0.1), 3])
  func hinge(cost: Float) throws {
    let (features, labels) = try Self.clusters(60, 4, seed: 3)
    let machine = try LinearSupportVectorMachine(
      features: features, labels: labels, cost: cost, loss: .hinge, sweeps: 100_000,
      tolerance: 1e-7, generator: Generator(seed: 4))
    #expect(machine.convergence.isReached && machine.convergence.gap < 1e-6)
    let x = features.scalars.map(Double.init)
    func objective(_ w: [Double], _ place: Int) -> Double {
      var loss = 0.0
      for (row, label) in labels.enumerated() {
        let value = (0..<4).reduce(w[4]) { $0 + w[$1] * x[row * 4 + $1] }
        loss += max(0, 1 - (label == place ? value : -value))
      }
      return 0.5 * w.reduce(0) { $0 + $1 * $1 } + Double(cost) * loss
    }
    var generator = Generator(seed: 5)
    for place in 0..<3 {
      var w = try machine.weights.rows(place..<place + 1).scalars.map(Double.init)
      w.append(Double(machine.biases.scalars[place]))
      let least = objective(w, place)
      for trial in 0..<300 {
        let reach = Double(pow10(-trial % 4))
        let other = w.map { $0 + reach * Double(generator.normal()) }
        #expect(objective(other, place) > least * (1 - 1e-6))
      }
    }
  }

  private func pow10(_ exponent: Int) -> Float {
    (0..<abs(exponent)).reduce(Float(1)) { value, _ in exponent < 0 ? value / 10 : value * 10 }
  }

  @Test("two points on a line have a known answer", arguments: [Float(0.1), 0.4, 5])
  func knownAnswer(cost: Float) throws {
    // ½ w² + 2 C max(0, 1 − w), and with the square of it.
    let features = try Tensor([1, -1], shape: [2, 1])
    for (loss, weight) in [
      (LinearSupportVectorMachine.Loss.hinge, min(1, 2 * cost)),
      (.squaredHinge, 4 * cost / (1 + 4 * cost)),
    ] {
      let machine = try LinearSupportVectorMachine(
        features: features, labels: [7, -3], cost: cost, loss: loss, biasFeature: 0,
        tolerance: 1e-7, generator: Generator(seed: 1))
      #expect(machine.classes == [-3, 7])
      #expect(distance(machine.weights.scalars, [Double(-weight), Double(weight)]) < 1e-6)
      #expect(machine.biases.scalars == [0, 0] && machine.convergence.isReached)
      #expect(try machine.classify(features) == [7, -3])
    }
  }

  @Test("the bias is the weight of a constant feature")
  func bias() throws {
    let (features, labels) = try Self.clusters(40, 3, seed: 6)
    let appended = try Tensor.concatenated([features, .filled(2, shape: [40, 1])], axis: 1)
    let one = try LinearSupportVectorMachine(
      features: features, labels: labels, biasFeature: 2, tolerance: 1e-7,
      generator: Generator(seed: 7))
    let two = try LinearSupportVectorMachine(
      features: appended, labels: labels, biasFeature: 0, tolerance: 1e-7,
      generator: Generator(seed: 7))
    let expected = try two.weights.columns(0..<3).scalars.map(Double.init)
    #expect(distance(one.weights.scalars, expected) < 1e-5)
    let weights = try two.weights.columns(3..<4).scalars.map { 2 * Double($0) }
    #expect(distance(one.biases.scalars, weights) < 1e-5)
  }

  @Test("what can be separated is, in every width", arguments: [1, 7, 8, 31, 33, 70])
  func separable(width: Int) throws {
    var generator = Generator(seed: 8)
    let side = Tensor.normal([1, width], using: &generator)
    let labels = (0..<30).map { $0 % 2 }
    let noise = Tensor.normal([30, width], deviation: 0.1, using: &generator)
    let signs = try Tensor(labels.map { $0 == 1 ? 1 : -1 }, shape: [30, 1])
    let features = try signs.matrixProduct(side) + noise * 0.1
    let machine = try LinearSupportVectorMachine(
      features: features, labels: labels, cost: 100, generator: Generator(seed: 9))
    #expect(try machine.classify(features) == labels)
    // Of two classes each is the other's rest.
    let (a, b) = (try machine.weights.rows(0..<1), try machine.weights.rows(1..<2))
    #expect(distance(a.scalars, b.scalars.map { -Double($0) }) < 1e-2)
  }

  @Test("sweeps that run out are told, with the gap that is left")
  func runningOut() throws {
    let (features, labels) = try Self.clusters(50, 5, seed: 10)
    var gaps: [Float] = []
    for sweeps in [1, 3, 30] {
      let machine = try LinearSupportVectorMachine(
        features: features, labels: labels, cost: 10, sweeps: sweeps, tolerance: 1e-9,
        generator: Generator(seed: 11))
      #expect(!machine.convergence.isReached && machine.convergence.sweeps == sweeps)
      gaps.append(machine.convergence.gap)
    }
    #expect(gaps == gaps.sorted(by: >) && gaps[2] > 0)
  }

  @Test("rows of zeros and rows twice are no harm")
  func degenerate() throws {
    let features = try Tensor([0, 0, 0, 0, 1, 1, 1, 1], shape: [4, 2])
    for loss in [LinearSupportVectorMachine.Loss.hinge, .squaredHinge] {
      let machine = try LinearSupportVectorMachine(
        features: features, labels: [0, 1, 0, 0], loss: loss, biasFeature: 0, tolerance: 1e-6,
        generator: Generator(seed: 1))
      #expect(machine.convergence.isReached && machine.weights.isFinite)
    }
  }

  @Test("one seed gives one machine on any number of threads; others end at the same optimum")
  func determinism() throws {
    let (features, labels) = try Self.clusters(90, 6, seed: 12)
    func machine(_ seed: UInt64) throws -> LinearSupportVectorMachine {
      try LinearSupportVectorMachine(
        features: features, labels: labels, tolerance: 1e-6, generator: Generator(seed: seed))
    }
    let (one, other) = (try machine(1), try machine(2))
    #expect(one.weights.scalars != other.weights.scalars)
    #expect(distance(one.weights.scalars, other.weights.scalars.map(Double.init)) < 1e-5)
    let count = Parallel.threadCount
    Parallel.setThreadCount(1)
    defer { Parallel.setThreadCount(count) }
    #expect(try machine(1).weights.scalars == one.weights.scalars)
  }
}
