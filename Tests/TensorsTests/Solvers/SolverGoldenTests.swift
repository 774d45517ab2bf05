import Foundation
import Tensors
import Testing

/// A row of what `Fixtures/make_solver_fixtures.py` wrote down of scikit-learn.
struct SolverGolden: Decodable, Sendable, CustomTestStringConvertible {
  struct Values: Decodable, Sendable {
    let shape: [Int]
    let values: [Double]

    var tensor: Tensor { get throws { try Tensor(values.map(Float.init), shape: shape) } }
  }

  let solver: String
  let inputs, outputs: [Values]
  let labels: [Int]
  let options: [String: Float]

  var testDescription: String { "\(solver) of \(inputs.map(\.shape)) with \(options)" }

  static let all: [SolverGolden] = {
    let url = Bundle.module.url(
      forResource: "solvers", withExtension: "json", subdirectory: "Fixtures")
    // A file that cannot be read leaves no rows, which `rowsAreThere` sees.
    guard let url, let data = try? Data(contentsOf: url) else { return [] }
    return (try? JSONDecoder().decode([SolverGolden].self, from: data)) ?? []
  }()

  private func option(_ name: String) throws -> Float { try #require(options[name]) }

  /// The solver of the row's name.
  func run() throws -> [Tensor] {
    let x = try inputs.map { try $0.tensor }
    switch solver {
    case "forwardSelection", "orthogonalMatchingPursuit":
      let solve =
        solver == "forwardSelection" ? x[0].forwardSelection : x[0].orthogonalMatchingPursuit
      let found = try solve(
        x[1], Int(option("features")), option("sharing") > 0, option("penalty"),
        option("centring") > 0, 0)
      return [found.coefficients, found.constants]
    case "nonNegativeCodes":
      let found = try x[0].nonNegativeCodes(
        in: x[1], penalty: option("penalty"), sweeps: 100_000, tolerance: 1e-12)
      #expect(found.convergence.isReached)
      return [found.codes]
    case "linear":
      let machine = try LinearSupportVectorMachine(
        features: x[0], labels: labels, cost: option("cost"),
        loss: option("squared") > 0 ? .squaredHinge : .hinge, biasFeature: option("bias"),
        sweeps: 1_000_000, tolerance: 1e-8, generator: Generator(seed: 1))
      #expect(machine.convergence.isReached)
      return [machine.weights, machine.biases, try machine.decide(x[1])]
    case "kernel":
      let gamma = try option("gamma")
      let machine = try KernelSupportVectorMachine(
        features: x[0], labels: labels, kernel: gamma > 0 ? .gaussian(gamma: gamma) : .linear,
        opponents: option("rest") > 0 ? .rest : .pairs, cost: option("cost"), tolerance: 1e-8)
      #expect(machine.convergence.isReached)
      let classes = try machine.classify(x[1]).map(Float.init)
      return [
        try machine.decide(x[1]), machine.biases, try Tensor(classes, shape: [classes.count]),
      ]
    default:
      Issue.record("nobody runs \(solver)")
      return []
    }
  }
}

@Suite("Beside scikit-learn")
struct SolverGoldenTests {
  @Test("there are rows for every solver")
  func rowsAreThere() {
    #expect(SolverGolden.all.count == 28)
    #expect(Set(SolverGolden.all.map(\.solver)).count == 5)
  }

  @Test("solvers find what scikit-learn finds", arguments: SolverGolden.all)
  func solutions(_ golden: SolverGolden) throws {
    let found = try golden.run()
    #expect(found.map(\.shape) == golden.outputs.map(\.shape))
    for (tensor, expected) in zip(found, golden.outputs) {
      #expect(distance(tensor.scalars, expected.values) < 1e-5)
    }
  }
}
