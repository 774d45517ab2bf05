import Tensors
import Testing

@Suite("A wrong call of a solver")
struct SolverRefusals {
  @Test("is refused with the operation, the shapes and the way out", arguments: Refusal.solvers)
  func refusal(_ refusal: Refusal) {
    let error = #expect(throws: TensorError.self) { try refusal.call() }
    #expect(error?.description == refusal.message)
  }
}

extension Refusal {
  /// Wrong calls of what has no way back.
  static let solvers = selections + codes + margins + kernels

  private static let selections = [
    Refusal(
      "forwardSelection: shapes [2, 3] and [3, 1] do not fit: both are matrices with as many rows, "
        + "at least one, and no size is zero"
    ) { _ = try zeros(2, 3).forwardSelection(zeros(3, 1), features: 1) },
    Refusal(
      "orthogonalMatchingPursuit: shapes [0, 3] and [0, 1] do not fit: both are matrices with as "
        + "many rows, at least one, and no size is zero"
    ) { _ = try zeros(0, 3).orthogonalMatchingPursuit(zeros(0, 1), features: 1) },
    Refusal(
      "forwardSelection: features is 4: pick from 1 to 3, as many as there are columns"
    ) { _ = try zeros(2, 3).forwardSelection(zeros(2, 1), features: 4) },
    Refusal(
      "orthogonalMatchingPursuit: features is 0: pick from 1 to 3, as many as there are columns"
    ) { _ = try zeros(2, 3).orthogonalMatchingPursuit(zeros(2, 1), features: 0) },
    Refusal("forwardSelection: penalty is -1.0: it must be at least 0") {
      _ = try zeros(2, 3).forwardSelection(zeros(2, 1), features: 1, penalty: -1)
    },
    Refusal("forwardSelection: tolerance is nan: it must be at least 0") {
      _ = try zeros(2, 3).forwardSelection(zeros(2, 1), features: 1, tolerance: .nan)
    },
    Refusal("the system of forwardSelection is not finite: check what it was made from") {
      _ = try zeros(2, 3).forwardSelection(.filled(.nan, shape: [2, 1]), features: 1)
    },
  ]

  private static let codes = [
    Refusal(
      "nonNegativeCodes: shapes [2, 3] and [4, 2] do not fit: both are matrices with as many "
        + "columns, at least one, and no size is zero"
    ) { _ = try zeros(2, 3).nonNegativeCodes(in: zeros(4, 2), penalty: 1) },
    Refusal(
      "nonNegativeCodes: shapes [0, 3] and [4, 3] do not fit: both are matrices with as many "
        + "columns, at least one, and no size is zero"
    ) { _ = try zeros(0, 3).nonNegativeCodes(in: zeros(4, 3), penalty: 1) },
    Refusal("nonNegativeCodes: penalty is 0.0: it must be positive") {
      _ = try zeros(2, 3).nonNegativeCodes(in: zeros(4, 3), penalty: 0)
    },
    Refusal("nonNegativeCodes: sweeps is 0: make at least one") {
      _ = try zeros(2, 3).nonNegativeCodes(in: zeros(4, 3), penalty: 1, sweeps: 0)
    },
    Refusal("nonNegativeCodes: tolerance is -1.0: it must be positive") {
      _ = try zeros(2, 3).nonNegativeCodes(in: zeros(4, 3), penalty: 1, tolerance: -1)
    },
    Refusal("a signal of nonNegativeCodes is not finite: check what it was made from") {
      _ = try Tensor.filled(.infinity, shape: [2, 3]).nonNegativeCodes(in: zeros(4, 3), penalty: 1)
    },
    Refusal("the dictionary of nonNegativeCodes is not finite: check what it was made from") {
      _ = try zeros(2, 3).nonNegativeCodes(in: .filled(.nan, shape: [4, 3]), penalty: 1)
    },
  ]

  private static func linear(
    _ features: Tensor, _ labels: [Int], cost: Float = 1, biasFeature: Float = 1, sweeps: Int = 9
  ) throws -> LinearSupportVectorMachine {
    try LinearSupportVectorMachine(
      features: features, labels: labels, cost: cost, biasFeature: biasFeature, sweeps: sweeps,
      generator: Generator(seed: 1))
  }

  private static let margins = [
    Refusal(
      "linear support vector machine: shapes [2, 3] and [3] do not fit: give a row of features, at "
        + "least one, for each label"
    ) { _ = try linear(zeros(2, 3), [0, 1, 2]) },
    Refusal(
      "linear support vector machine: shapes [0, 3] and [0] do not fit: give a row of features, at "
        + "least one, for each label"
    ) { _ = try linear(zeros(0, 3), []) },
    Refusal(
      "linear support vector machine: labels is all 4: give examples of at least two classes"
    ) { _ = try linear(zeros(2, 3), [4, 4]) },
    Refusal("linear support vector machine: cost is 0.0: it must be positive") {
      _ = try linear(zeros(2, 3), [0, 1], cost: 0)
    },
    Refusal("linear support vector machine: sweeps is 0: make at least one") {
      _ = try linear(zeros(2, 3), [0, 1], sweeps: 0)
    },
    Refusal("linear support vector machine: biasFeature is inf: give a finite number") {
      _ = try linear(zeros(2, 3), [0, 1], biasFeature: .infinity)
    },
    Refusal(
      "a feature of linear support vector machine is not finite: check what it was made from"
    ) { _ = try linear(.filled(.nan, shape: [2, 3]), [0, 1]) },
    Refusal(
      "linear support vector machine: shapes [2, 4] do not fit: give rows of 3 values, as many as "
        + "those it was made from"
    ) { _ = try linear(zeros(2, 3), [0, 1]).classify(zeros(2, 4)) },
    Refusal("a query of linear support vector machine is not finite: check what it was made from") {
      _ = try linear(zeros(2, 3), [0, 1]).decide(.filled(.nan, shape: [1, 3]))
    },
  ]

  private static let kernels = [
    Refusal("kernel support vector machine: gamma is 0.0: it must be positive") {
      _ = try KernelSupportVectorMachine(
        features: zeros(2, 3), labels: [0, 1], kernel: .gaussian(gamma: 0))
    },
    Refusal(
      "kernel support vector machine: shapes [2, 3] do not fit: a precomputed kernel matrix is "
        + "symmetric, a row and a column for each example"
    ) {
      _ = try KernelSupportVectorMachine(
        features: zeros(2, 3), labels: [0, 1], kernel: .precomputed)
    },
    Refusal(
      "kernel support vector machine: shapes [2, 2] do not fit: a precomputed kernel matrix is "
        + "symmetric, a row and a column for each example"
    ) {
      _ = try KernelSupportVectorMachine(
        features: Tensor([1, 0.5, 0.4, 1], shape: [2, 2]), labels: [0, 1], kernel: .precomputed)
    },
    Refusal("kernel support vector machine: steps is 0: make at least one") {
      _ = try KernelSupportVectorMachine(
        features: zeros(2, 3), labels: [0, 1], kernel: .linear, steps: 0)
    },
    Refusal("kernel support vector machine: tolerance is 0.0: it must be positive") {
      _ = try KernelSupportVectorMachine(
        features: zeros(2, 3), labels: [0, 1], kernel: .linear, tolerance: 0)
    },
    Refusal(
      "kernel support vector machine: shapes [2, 2] do not fit: give rows of 3 values, as many as "
        + "those it was made from"
    ) {
      _ = try KernelSupportVectorMachine(features: zeros(2, 3), labels: [0, 1], kernel: .linear)
        .decide(zeros(2, 2))
    },
  ]
}
