import Compute
import Foundation
import Tensors
import Testing

@testable import Evaluation

@Suite struct LogisticRegressionTests {
  @Test func equalsScikitLearn() throws {
    for golden in try Golden.read().regressions {
      let features = try Tensor(
        golden.features.map { Float($0) }, shape: [golden.rows, golden.width])
      let fit = try LogisticRegression(
        features: features, labels: golden.labels, classes: golden.classes,
        penalty: golden.penalty, tolerance: 1e-7)
      #expect(fit.isConverged)
      #expect(relativeError(fit.parameters, golden.weights + golden.biases) <= 1e-5)
      #expect(abs(fit.objective - golden.objective) <= 1e-6 * golden.objective)
      #expect(try fit.classify(features) == golden.predicted)
    }
  }

  @Test func gradientEqualsDifferences() throws {
    let (features, labels) = try clouds(300, width: 5, classes: 3, seed: 4)
    let objective = PenalisedCrossEntropy(
      features: features, labels: labels, classes: 3, penalty: 0.03)
    var generator = Generator(seed: 5)
    let point = Tensor.normal([18], deviation: 0.3, using: &generator).scalars.map { Double($0) }
    var gradient = [Double](repeating: 0, count: 18)
    _ = try objective.value(at: point, gradient: &gradient)
    var ignored = gradient
    // Products are in single precision, so the step must be wide.
    let differences = try point.indices.map { place in
      var (up, down) = (point, point)
      up[place] += 1e-2
      down[place] -= 1e-2
      return
        try
        (objective.value(at: up, gradient: &ignored) - objective.value(at: down, gradient: &ignored))
        / 2e-2
    }
    #expect(relativeError(gradient, differences) < 2e-4)
    #expect(objective.parameterCount == 18)
  }

  @Test func valueEqualsALoopInDoublePrecision() throws {
    let (features, labels) = try clouds(200, width: 4, classes: 3, seed: 6)
    let objective = PenalisedCrossEntropy(
      features: features, labels: labels, classes: 3, penalty: 0.1)
    let point = (0..<15).map { Double($0 % 7) / 5 - 0.5 }
    var gradient = [Double](repeating: 0, count: 15)
    let got = try objective.value(at: point, gradient: &gradient)
    let values = features.scalars.map { Double($0) }
    var (loss, slopes) = (0.0, [Double](repeating: 0, count: 15))
    for row in 0..<200 {
      let logits = (0..<3).map { k in
        (0..<4).reduce(point[12 + k]) { $0 + point[k * 4 + $1] * values[row * 4 + $1] }
      }
      let total = logits.reduce(0) { $0 + exp($1) }
      loss += (log(total) - logits[labels[row]]) / 200
      for k in 0..<3 {
        let residual = (exp(logits[k]) / total - (k == labels[row] ? 1 : 0)) / 200
        for i in 0..<4 { slopes[k * 4 + i] += residual * values[row * 4 + i] }
        slopes[12 + k] += residual
      }
    }
    for i in 0..<12 {
      loss += 0.05 * point[i] * point[i]
      slopes[i] += 0.1 * point[i]
    }
    #expect(abs(got - loss) < 1e-6 * loss)
    #expect(relativeError(gradient, slopes) < 1e-5)
  }

  @Test func bitsDoNotDependOnThreads() throws {
    let (features, labels) = try clouds(900, width: 6, classes: 4, seed: 7)
    func fit() throws -> [Double] {
      try LogisticRegression(features: features, labels: labels, classes: 4, penalty: 1e-3)
        .parameters
    }
    let many = try fit()
    Parallel.setThreadCount(1)
    defer { Parallel.setThreadCount(ProcessInfo.processInfo.activeProcessorCount) }
    #expect(try fit() == many)
  }

  @Test func probeSeparatesCloudsAndChoosesAPenalty() throws {
    let (features, labels) = try clouds(400, width: 8, classes: 4, spread: 1, seed: 8)
    // Scales and shifts of the features are undone by standardisation, up to rounding.
    let shifted = try features * 40 + 300
    let probe = try LinearProbe(features: shifted, labels: labels, classes: 4, seed: 1)
    let (test, answers) = try clouds(400, width: 8, classes: 4, spread: 1, seed: 8)
    let right = zip(try probe.classify(test * 40 + 300), answers).count { $0 == $1 }
    #expect(right > 380)
    #expect(probe.trials.map(\.penalty) == Array(LinearProbe.penalties.prefix(probe.trials.count)))
    let best = probe.trials.map(\.accuracy).max() ?? 0
    #expect(probe.trials.first { $0.accuracy == best }?.penalty == probe.regression.penalty)
    let again = try LinearProbe(features: shifted, labels: labels, classes: 4, seed: 1)
    #expect(again.regression.parameters == probe.regression.parameters)
  }

  @Test func heldOutTenthIsBalancedAndDisjoint() throws {
    let labels = (0..<230).map { $0 < 200 ? 0 : 1 } + [2]
    let split = try HeldOutSplit(labels: labels, classes: 4, seed: 3)
    #expect(split.held.count { labels[$0] == 0 } == 20)
    #expect(split.held.count { labels[$0] == 1 } == 3)
    // A class with one example keeps it.
    #expect(split.held.count { labels[$0] == 2 } == 0)
    #expect((split.kept + split.held).sorted() == Array(0..<231))
    #expect(try HeldOutSplit(labels: labels, classes: 4, seed: 3).held == split.held)
    #expect(try HeldOutSplit(labels: labels, classes: 4, seed: 4).held != split.held)
  }

  @Test func refusesWhatCannotBe() throws {
    let features = Tensor.filled(1, shape: [3, 2])
    #expect(throws: TensorError.self) {
      try LinearProbe(features: features, labels: [0, 1, 2], classes: 3)
    }
    #expect(throws: TensorError.self) {
      try LogisticRegression(features: features, labels: [0, 1, 3], classes: 3, penalty: 1)
    }
    #expect(throws: TensorError.self) {
      try LogisticRegression(features: features, labels: [0, 1], classes: 3, penalty: 1)
    }
    #expect(throws: TensorError.self) {
      try LogisticRegression(features: features, labels: [0, 1, 2], classes: 3, penalty: 0)
    }
    #expect(throws: CancellationError.self) {
      let (features, labels) = try clouds(100, width: 3, classes: 3, seed: 1)
      _ = try LinearProbe(features: features, labels: labels, classes: 3) {
        throw CancellationError()
      }
    }
  }
}

@Suite struct LimitedMemoryDescentTests {
  @Test func findsTheMinimumOfRosenbrocksValley() {
    let search = LimitedMemoryDescent(tolerance: 1e-9, steps: 500, noise: 0)
    let minimum = search.minimise(from: [-1.2, 1, -1.2, 1], pause: {}) { point, gradient in
      var value = 0.0
      for i in [0, 2] {
        let (a, b) = (1 - point[i], point[i + 1] - point[i] * point[i])
        value += a * a + 100 * b * b
        gradient[i] = -2 * a - 400 * b * point[i]
        gradient[i + 1] = 200 * b
      }
      return value
    }
    #expect(minimum.isReached)
    #expect(minimum.point.allSatisfy { abs($0 - 1) < 1e-7 })
    #expect(minimum.steps < 200)
  }

  @Test func stopsWhereTheObjectiveIsNotANumber() {
    let minimum = LimitedMemoryDescent().minimise(from: [1], pause: {}) { point, gradient in
      gradient[0] = 1
      return point[0] == 1 ? 1 : .nan
    }
    #expect(!minimum.isReached && minimum.point == [1])
  }
}
