import Layers
import Tensors
import Testing
import Training

@Suite("Optimisers")
struct OptimiserTests {
  /// A model in miniature: a weight and a bias in each of two layers, of sizes that fill no vector.
  private static func parameters() -> [NamedParameter] {
    var generator = Generator(seed: 8)
    return [("a.weight", [70, 129]), ("a.bias", [3]), ("b.weight", [33]), ("b.bias", [1])].map {
      NamedParameter(
        name: $0.0,
        parameter: Parameter(
          .normal($0.1, deviation: 1, using: &generator), decays: $0.0.hasSuffix("weight")))
    }
  }

  private static func gradients(
    of parameters: [NamedParameter], step: Int
  ) -> [(parameter: Parameter, gradient: Tensor)] {
    var generator = Generator(seed: 100 + UInt64(step))
    return parameters.map {
      ($0.parameter, .normal($0.parameter.shape, deviation: 1, using: &generator))
    }
  }

  private static let rules: [any Optimiser] = [
    SGD(), SGD(momentum: 0, isNesterov: false), Adam(), AdamW(), LARS(),
  ]

  @Test("LARS follows its definition")
  func layerwiseRates() throws {
    let parameters = Self.parameters()
    var optimiser = LARS(momentum: 0.9, weightDecay: 0.01, trust: 0.02)
    var naive = parameters.map { $0.parameter.value.scalars.map(Double.init) }
    var velocities = naive.map { $0.map { _ in 0.0 } }
    func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    for step in 0..<5 {
      let gradients = Self.gradients(of: parameters, step: step)
      for (index, named) in parameters.enumerated() {
        let gradient = gradients[index].gradient.scalars.map(Double.init)
        let decays = named.parameter.decays
        let (length, slope) = (norm(naive[index]), norm(gradient))
        let rate = 0.5 * (decays ? 0.02 * length / (slope + 0.01 * length) : 1)
        for i in gradient.indices {
          let d = gradient[i] + (decays ? 0.01 * naive[index][i] : 0)
          velocities[index][i] = 0.9 * velocities[index][i] + rate * d
          naive[index][i] -= velocities[index][i]
        }
      }
      optimiser.step(gradients, rate: 0.5)
    }
    for (named, want) in zip(parameters, naive) {
      let error = zip(named.parameter.value.scalars, want).map { abs(Double($0) - $1) }.max() ?? 0
      #expect(error < 1e-5, "\(named.name): \(error)")
    }
  }

  @Test("LARS leaves the rate as it is where a norm is zero")
  func layerwiseRateOfZeros() throws {
    let parameter = Parameter(.zeros([3]))
    var optimiser = LARS(momentum: 0, weightDecay: 0.1)
    optimiser.step([(parameter, try Tensor([1, 2, 3], shape: [3]))], rate: 0.5)
    #expect(parameter.value.scalars == [-0.5, -1, -1.5])
    optimiser.step([(parameter, .zeros([3]))], rate: 1)
    #expect(zip(parameter.value.scalars, [-0.45, -0.9, -1.35]).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test("a step of many parameters is the steps of each", arguments: 0..<5)
  func partition(rule: Int) throws {
    let (together, apart) = (Self.parameters(), Self.parameters())
    var optimiser = Self.rules[rule]
    var own = apart.map { _ in Self.rules[rule] }
    for step in 0..<3 {
      optimiser.step(Self.gradients(of: together, step: step), rate: 0.05)
      for (index, entry) in Self.gradients(of: apart, step: step).enumerated() {
        own[index].step([entry], rate: 0.05)
      }
    }
    for (one, other) in zip(together, apart) {
      #expect(one.parameter.value.scalars == other.parameter.value.scalars, "\(one.name)")
    }
  }

  @Test("frozen groups keep every bit, and the others learn", arguments: 0..<5)
  func frozen(rule: Int) throws {
    let parameters = Self.parameters()
    let before = parameters.map { $0.parameter.value.scalars }
    var optimiser = Self.rules[rule]
    try optimiser.prepare(
      for: parameters,
      groups: [ParameterGroup("biases", rate: 0) { $0.hasSuffix("bias") }, ParameterGroup(["b"])])
    optimiser.step(Self.gradients(of: parameters, step: 0), rate: 0.1)
    for (named, old) in zip(parameters, before) {
      let isSame = named.parameter.value.scalars == old
      #expect(isSame == named.name.hasSuffix("bias"), "\(named.name)")
    }
    #expect(optimiser.memory.state.map(\.name) == ["a.weight", "b.weight"])
  }

  @Test("groups that take nothing, or have no sense, are refused")
  func groupsOutOfRange() {
    var optimiser = SGD()
    for group in [
      ParameterGroup(["c"]), ParameterGroup(["a.weigh"]), ParameterGroup(["a"], rate: -1),
      ParameterGroup(["a"], rate: .nan), ParameterGroup(["a"], weightDecay: -0.1),
    ] {
      #expect(throws: TensorError.self) {
        try optimiser.prepare(for: Self.parameters(), groups: [group])
      }
    }
    let error = #expect(throws: TensorError.self) {
      try optimiser.prepare(for: Self.parameters(), groups: [ParameterGroup(["c"])])
    }
    #expect(error?.description.contains("a.weight, a.bias") == true)
  }

  @Test("a copy of an optimiser is a copy of its state", arguments: 0..<5)
  func copies(rule: Int) throws {
    let parameters = Self.parameters()
    var optimiser = Self.rules[rule]
    optimiser.step(Self.gradients(of: parameters, step: 0), rate: 0.1)
    let values = parameters.map { $0.parameter.value }
    var kept = optimiser
    optimiser.step(Self.gradients(of: parameters, step: 1), rate: 0.1)
    let want = parameters.map { $0.parameter.value.scalars }
    for (named, value) in zip(parameters, values) { try named.parameter.assign(value) }
    kept.step(Self.gradients(of: parameters, step: 1), rate: 0.1)
    #expect(parameters.map { $0.parameter.value.scalars } == want)
  }

  @Test("readers keep what they read while an optimiser steps")
  func readers() {
    let parameters = Self.parameters()
    let read = parameters[0].parameter.value
    let before = read.scalars
    var optimiser = Adam()
    optimiser.step(Self.gradients(of: parameters, step: 0), rate: 0.1)
    #expect(read.scalars == before)
    #expect(parameters[0].parameter.value.scalars != before)
  }
}

@Suite("Schedules")
struct ScheduleTests {
  @Test func defaultsRiseAndFall() {
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

@Suite("Moving averages")
struct MovingAverageTests {
  @Test("begin with a small decay when told to")
  func warmUp() throws {
    let source = Parameter(try Tensor([0, 10], shape: [2]))
    let named = [NamedParameter(name: "w", parameter: source)]
    var average = try MovingAverage(of: named, decay: 0.99, warmsUp: true)
    try source.assign(try Tensor([1, 10], shape: [2]))
    var want = 0.0
    for step in 0..<2000 {
      let decay = min(0.99, Double(1 + step) / Double(10 + step))
      want += (1 - decay) * (1 - want)
      average.step()
      let got = average.averages[0].parameter.value.scalars
      #expect(abs(Double(got[0]) - want) < 1e-5)
      #expect(got[1] == 10)
    }
    #expect(average.decay(at: 0) == 0.1)
    #expect(average.decay(at: 5000) == 0.99)
  }

  @Test("let one module follow another")
  func targets() throws {
    var generator = Generator(seed: 2)
    let online = Linear(inputs: 3, outputs: 2, generator: &generator)
    let target = Linear(inputs: 3, outputs: 2, generator: &generator)
    let (first, goal) = (target.weight.value.scalars, online.weight.value.scalars)
    var average = try MovingAverage(
      target.parameters, following: online.parameters.map(\.parameter), decay: 0.75)
    average.step()
    let got = target.weight.value.scalars
    for i in got.indices { #expect(abs(got[i] - (0.75 * first[i] + 0.25 * goal[i])) < 1e-6) }
    #expect(online.weight.value.scalars == goal)
    let other = Linear(inputs: 4, outputs: 2, generator: &generator)
    #expect(throws: TensorError.self) {
      try MovingAverage(
        other.parameters, following: online.parameters.map(\.parameter), decay: 0.75)
    }
    #expect(throws: TensorError.self) { try MovingAverage(of: online.parameters, decay: 1) }
  }
}
