import Compute

/// Support vector machines with a kernel.
///
/// Of two sides with signs `y = ±1`, `½‖w‖² + cost Σ max(0, 1 − y f(x))` is least, with
/// `f(x) = w · φ(x) + b = Σ αᵢ yᵢ K(xᵢ, x) + b` and `K(x, z) = φ(x) · φ(z)`; b is free, other than in
/// `LinearSupportVectorMachine`. By sequential minimal optimisation with second-order working sets (Fan,
/// Chen and Lin, JMLR 2005) in double precision; off the tape. The kernel matrix of all examples is held,
/// 4 · N² bytes: meant for at most some ten thousand.
public struct KernelSupportVectorMachine: Sendable {
  /// What stands for the inner product of two rows.
  public enum Kernel: Sendable, Hashable {
    /// `x · z`.
    case linear
    /// `exp(−gamma ‖x − z‖²)`.
    case gaussian(gamma: Float)
    /// The rows given are rows of the kernel matrix already: `[N, N]` of the examples among themselves,
    /// `[M, N]` of queries with the examples.
    case precomputed
  }

  /// Who is told from whom.
  public enum Opponents: Sendable, Hashable {
    /// Each pair of classes, on their examples alone; each machine has a vote.
    case pairs
    /// Each class and all others together; the greatest f wins.
    case rest
  }

  /// The labels, ascending.
  public let classes: [Int]
  /// The two sides of each machine by place among the classes, the positive one first.
  ///
  /// A negative side of nil stands for all others. Pairs are in the order (0, 1), (0, 2) … (1, 2) ….
  public let machines: [(positive: Int, negative: Int?)]
  /// The examples that some machine needs, ascending.
  public let supports: [Int]
  /// αᵢ yᵢ of each machine for the supports, `[machines, supports]`.
  public let coefficients: Tensor
  /// b of each machine, `[machines]`.
  public let biases: Tensor
  /// The worst of the machines, with the steps for sweeps.
  public let convergence: Convergence

  private let kernel: Kernel
  private let opponents: Opponents
  /// The rows of the supports; of a precomputed kernel nothing.
  private let vectors: Tensor
  private let width: Int
  /// The coefficients and the biases before rounding: at a high cost they nearly cancel.
  private let weights, constants: [Double]

  /// Takes features `[N, D]`, or the kernel matrix `[N, N]`, and a label for each row.
  ///
  /// - Parameters:
  ///   - features: `[N, D]`, or for a precomputed kernel `[N, N]`.
  ///   - labels: The class of each row.
  ///   - kernel: What stands for the inner product.
  ///   - opponents: Pairs of classes, or each class against the rest.
  ///   - cost: The weight of the loss against that of the margin, C.
  ///   - steps: The most steps of a machine, two coordinates each.
  ///   - tolerance: By how much the optimality conditions may be missed, in units of the margin.
  /// - Throws: `TensorError.shape` when there is no row or not one for each label, or a kernel matrix is
  ///   not square and symmetric; `TensorError.argument` for fewer than two classes or constants out of
  ///   their ranges; `TensorError.notFinite` for values that are not finite.
  public init(
    features: Tensor, labels: [Int], kernel: Kernel, opponents: Opponents = .pairs,
    cost: Float = 1, steps: Int = 10_000_000, tolerance: Float = 1e-3
  ) throws(TensorError) {
    let data = try LabelledFeatures(Self.operation, features, labels)
    try Tensor.checkSolver(
      Self.operation, ("cost", cost), sweeps: ("steps", steps), tolerance: tolerance)
    let matrix = try Self.matrix(data.features, kernel)
    let sides = Self.sides(data.classes.count, opponents)
    var found = [SequentialMinimalOptimisation.Solution?](repeating: nil, count: sides.count)
    let count = labels.count
    let members = sides.map { side in
      (0..<count).filter {
        side.negative == nil || data.places[$0] == side.positive || data.places[$0] == side.negative
      }
    }
    withExtendedLifetime(matrix) {
      found.withUnsafeMutableBufferPointer { found in
        nonisolated(unsafe) let found = found
        Parallel.tasks(sides.count) { task, _ in
          var problem = SequentialMinimalOptimisation(
            matrix.pointer, size: count, members: members[task],
            signs: members[task].map { data.places[$0] == sides[task].positive ? 1 : -1 },
            cost: Double(cost))
          found[task] = problem.solve(steps: steps, tolerance: Double(tolerance))
        }
      }
    }
    let solutions = found.compactMap { $0 }
    var rows = [[Double]](repeating: [Double](repeating: 0, count: count), count: sides.count)
    for (machine, solution) in solutions.enumerated() {
      for (member, value) in zip(members[machine], solution.coefficients) {
        rows[machine][member] = value
      }
    }
    let supports = (0..<count).filter { place in rows.contains { $0[place] != 0 } }
    weights = rows.flatMap { row in supports.map { row[$0] } }
    constants = solutions.map { $0.bias }
    coefficients = try Tensor(weights.map(Float.init), shape: [sides.count, supports.count])
    biases = try Tensor(constants.map(Float.init), shape: [sides.count])
    convergence = Convergence(.worst(of: solutions.map { $0.course }))
    (classes, machines, width) = (data.classes, sides, features.shape[1])
    (self.supports, self.kernel, self.opponents) = (supports, kernel, opponents)
    vectors =
      kernel == .precomputed || supports.isEmpty
      ? .zeros([0, width]) : try data.features.gathered(rows: supports)
  }

  /// f of each machine for rows `[M, D]`, or `[M, N]` of a precomputed kernel: `[M, machines]`.
  ///
  /// - Throws: `TensorError.shape` for rows of another width; `TensorError.notFinite` for values that are
  ///   not finite.
  public func decide(_ queries: Tensor) throws(TensorError) -> Tensor {
    try LabelledFeatures.check(Self.operation, queries: queries, width: width)
    guard queries.count > 0, !supports.isEmpty else {
      return try biases.broadcast(to: [queries.shape[0], machines.count])
    }
    let (count, sides) = (queries.shape[0], machines.count)
    // A precomputed kernel has columns for all examples.
    let rows =
      kernel == .precomputed
      ? try queries.detached.transposed().gathered(rows: supports).transposed() : queries
    return withExtendedLifetime((rows, vectors)) {
      Tensor.written([count, sides]) { target in
        let products = WeightedProducts(weights, constants: constants, sums: sides)
        if let shape = kernel.shape {
          products.fill(
            shape, rows.pointer, rows: count, vectors.pointer, others: supports.count,
            width: width, into: target)
        } else {
          products.fill(rows.pointer, rows: count, into: target)
        }
      }
    }
  }

  /// The label of each row of `[M, D]`, or `[M, N]` of a precomputed kernel: of pairs the class with most
  /// votes, against the rest the one with the greatest f; the first of equals.
  ///
  /// - Throws: As `decide`.
  public func classify(_ queries: Tensor) throws(TensorError) -> [Int] {
    let values = try decide(queries).scalars
    return (0..<queries.shape[0]).map { row in
      var scores = [Float](repeating: 0, count: classes.count)
      for (machine, side) in machines.enumerated() {
        let value = values[row * machines.count + machine]
        guard let negative = side.negative else {
          scores[side.positive] = value
          continue
        }
        scores[value > 0 ? side.positive : negative] += 1
      }
      return classes[classes.indices.reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }]
    }
  }

  private static let operation = "kernel support vector machine"

  private static func sides(
    _ classes: Int, _ opponents: Opponents
  ) -> [(positive: Int, negative: Int?)] {
    switch opponents {
    case .rest: (0..<classes).map { ($0, nil) }
    case .pairs: (0..<classes).flatMap { a in (a + 1..<max(classes, a + 1)).map { (a, $0) } }
    }
  }

  private static func matrix(_ features: Tensor, _ kernel: Kernel) throws(TensorError) -> Tensor {
    if case .gaussian(let gamma) = kernel, !(gamma > 0 && gamma.isFinite) {
      throw .argument(
        operation: operation, name: "gamma", value: "\(gamma)", fix: "it must be positive")
    }
    if let shape = kernel.shape { return kernels(features, features, shape) }
    let size = features.shape[0]
    let isSymmetric =
      features.shape[1] == size
      && features.withUnsafeScalars { values in
        let scale = values.reduce(0) { max($0, abs($1)) }
        return (0..<size).allSatisfy { i in
          (0..<i).allSatisfy { abs(values[i * size + $0] - values[$0 * size + i]) <= 1e-4 * scale }
        }
      }
    guard isSymmetric else {
      throw .shape(
        operation: operation, shapes: [features.shape],
        fix: "a precomputed kernel matrix is symmetric, a row and a column for each example")
    }
    return features
  }

  private static func kernels(_ a: Tensor, _ b: Tensor, _ shape: KernelMatrix) -> Tensor {
    withExtendedLifetime((a, b)) {
      Tensor.written([a.shape[0], b.shape[0]]) { target in
        shape.fill(
          a.pointer, rows: a.shape[0], b.pointer, others: b.shape[0], width: a.shape[1],
          into: target)
      }
    }
  }
}

extension KernelSupportVectorMachine.Kernel {
  /// How it is computed; nil where it is given.
  fileprivate var shape: KernelMatrix? {
    switch self {
    case .linear: .linear
    case .gaussian(let gamma): .gaussian(gamma: Double(gamma))
    case .precomputed: nil
    }
  }
}
