import Foundation
import Layers
import Tensors
import Testing
import Training

/// What `Fixtures/make_fixtures.py` wrote down of PyTorch.
private struct Golden: Decodable {
  struct Values: Decodable {
    let shape: [Int]
    let values: [Double]

    func tensor() throws -> Tensor { try Tensor(values.map(Float.init), shape: shape) }
  }
  struct Run: Decodable {
    let parameters: [String: Values]
    let averages: [String: Values]?
  }

  let start: [String: Values]
  let gradients: [[String: Values]]
  let runs: [String: Run]
  let schedules: [String: [Double]]

  static func read() throws -> Golden {
    let url = try #require(
      Bundle.module.url(forResource: "golden", withExtension: "json", subdirectory: "Fixtures"))
    return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
  }
}

@Suite("Equal to PyTorch")
struct TrainingGoldenTests {
  private struct Case: Sendable {
    var optimiser: any Optimiser
    var rate: Float
    var groups: [ParameterGroup] = []
    var average: Float?
    var schedule = Schedule.constant
  }

  private static let cases: [String: Case] = [
    "sgd": Case(optimiser: SGD(weightDecay: 0, isNesterov: false), rate: 0.1),
    "sgd nesterov": Case(optimiser: SGD(weightDecay: 0.05), rate: 0.1, average: 0.9),
    "adam": Case(optimiser: Adam(), rate: 0.05),
    "adam decay": Case(
      optimiser: Adam(firstDecay: 0.8, secondDecay: 0.95, weightDecay: 0.1), rate: 0.05),
    "adamw": Case(optimiser: AdamW(weightDecay: 0.1), rate: 0.05, average: 0.75),
    "groups": Case(
      optimiser: SGD(momentum: 0.8, weightDecay: 0.05), rate: 0.1,
      groups: [ParameterGroup(["head"], rate: 10, weightDecay: 0.2)]),
    "frozen": Case(
      optimiser: AdamW(weightDecay: 0.1), rate: 0.05, groups: [ParameterGroup(["head"], rate: 0)]),
    "adamw cosine": Case(
      optimiser: AdamW(weightDecay: 0.1), rate: 0.05, schedule: Schedule(.cosine(to: 0), warmUp: 0)),
  ]

  @Test("steps, groups and moving averages")
  func steps() throws {
    let golden = try Golden.read()
    #expect(Set(golden.runs.keys) == Set(Self.cases.keys))
    for (name, run) in golden.runs {
      let its = try #require(Self.cases[name])
      let parameters = try golden.start.sorted { $0.key < $1.key }.map { key, value in
        NamedParameter(
          name: key, parameter: Parameter(try value.tensor(), decays: !key.hasSuffix("bias")))
      }
      var optimiser = its.optimiser
      try optimiser.prepare(for: parameters, groups: its.groups)
      var average = try its.average.map { try MovingAverage(of: parameters, decay: $0) }
      for (step, gradients) in golden.gradients.enumerated() {
        optimiser.step(
          try parameters.map { ($0.parameter, try #require(gradients[$0.name]).tensor()) },
          rate: its.rate * its.schedule.factor(step: step, of: golden.gradients.count))
        average?.step()
      }
      for named in parameters {
        expectEqual(named.parameter, run.parameters[named.name], "\(name): \(named.name)")
      }
      for named in average?.averages ?? [] {
        expectEqual(named.parameter, run.averages?[named.name], "\(name): average \(named.name)")
      }
    }
  }

  private func expectEqual(_ got: Parameter, _ want: Golden.Values?, _ what: String) {
    let (got, want) = (got.value.scalars, want?.values ?? [])
    #expect(got.count == want.count, "\(what)")
    let scale = want.reduce(1e-3) { max($0, abs($1)) }
    let error = zip(got, want).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
    #expect(error <= 1e-5 * scale, "\(what): off by \(error) of \(scale)")
  }

  // Made anew each time: the leak sanitizer does not see the arrays that a static enumeration points to.
  private static var schedules: [String: Schedule] {
    [
      "constant": .constant,
      "every 10": .steps(at: [10, 20, 30, 40], factor: 0.3),
      "at 12 and 30": .steps(at: [12, 30], factor: 0.2),
      "cosine": Schedule(.cosine(to: 0), warmUp: 0),
      "cosine to 0.1": Schedule(.cosine(to: 0.1), warmUp: 0),
      "linear": Schedule(.linear(to: 0), warmUp: 0),
      "warm cosine": Schedule(.cosine(to: 0), warmUp: 8),
      "warm linear to 0.2": Schedule(.linear(to: 0.2), warmUp: 5),
      "warm constant": Schedule(.constant, warmUp: 6),
    ]
  }

  @Test("schedules")
  func schedules() throws {
    let golden = try Golden.read()
    #expect(Set(golden.schedules.keys) == Set(Self.schedules.keys))
    for (name, want) in golden.schedules {
      let schedule = try #require(Self.schedules[name])
      for (step, factor) in want.enumerated() {
        let got = Double(schedule.factor(step: step, of: want.count))
        #expect(abs(got - factor) <= 1e-6, "\(name) at \(step): \(got), not \(factor)")
      }
    }
  }
}
