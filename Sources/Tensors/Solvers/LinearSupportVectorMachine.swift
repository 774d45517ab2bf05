import Compute

/// Linear support vector machines, one for each class against the rest.
///
/// For the class c with signs `y = ±1`, `½(‖w‖² + b²) + cost Σ loss(1 − y f(x))` is least, with
/// `f(x) = w · x + b`. The bias is the weight of a feature appended to every row, constant `biasFeature`,
/// and is therefore held small like the other weights, `b` in the formula being its weight; a greater
/// constant holds it less. Features should have like scales. By dual coordinate descent (Hsieh et al.,
/// ICML 2008, algorithm 1) in double precision; off the tape.
public struct LinearSupportVectorMachine: Sendable {
  /// What an example on the wrong side of its margin costs; `t` is how far.
  public enum Loss: Sendable, Hashable {
    /// `max(0, t)`.
    case hinge
    /// `max(0, t)²`.
    case squaredHinge
  }

  /// The labels, ascending; the order of all that has a row or column for each class.
  public let classes: [Int]
  /// w, a class a row, `[C, D]`.
  public let weights: Tensor
  /// What is added for each class, the constant feature times its weight, `[C]`.
  public let biases: Tensor
  /// The worst of the classes; the sweeps of one end when the projected slopes within it differ by at
  /// most the tolerance.
  public let convergence: Convergence

  /// Takes features `[N, D]` and a label for each row.
  ///
  /// The rows are visited in an order that is drawn anew for each sweep. Classes are solved side by side;
  /// the weights depend on the seed alone.
  ///
  /// - Parameters:
  ///   - features: `[N, D]`.
  ///   - labels: The class of each row.
  ///   - cost: The weight of the loss against that of the margin, C.
  ///   - loss: What an example within the margin costs.
  ///   - biasFeature: The constant appended to every row; 0 for no bias.
  ///   - sweeps: The most visits to every row.
  ///   - tolerance: By how much the projected slopes of a sweep may differ, in units of the margin.
  ///   - generator: Where the orders come from.
  /// - Throws: `TensorError.shape` when there is no row or not one for each label; `TensorError.argument`
  ///   for fewer than two classes or constants out of their ranges; `TensorError.notFinite` for values
  ///   that are not finite.
  public init(
    features: Tensor, labels: [Int], cost: Float = 1, loss: Loss = .squaredHinge,
    biasFeature: Float = 1, sweeps: Int = 1000, tolerance: Float = 1e-3, generator: Generator
  ) throws(TensorError) {
    let operation = "linear support vector machine"
    let data = try LabelledFeatures(operation, features, labels)
    try Tensor.checkSolver(
      operation, ("cost", cost), sweeps: ("sweeps", sweeps), tolerance: tolerance)
    guard biasFeature.isFinite else {
      throw .argument(
        operation: operation, name: "biasFeature", value: "\(biasFeature)",
        fix: "give a finite number")
    }
    let (rows, width) = (features.shape[0], features.shape[1])
    var found = [(weights: [Double], course: SolverCourse)?](
      repeating: nil, count: data.classes.count)
    withExtendedLifetime(data.features) {
      let descent = DualCoordinateDescent(
        data.features.pointer, rows: rows, columns: width, constant: Double(biasFeature))
      found.withUnsafeMutableBufferPointer { found in
        nonisolated(unsafe) let found = found
        Parallel.tasks(data.classes.count) { place, _ in
          let orders = generator.split(.shuffle, place)
          found[place] = descent.solve(
            signs: data.places.map { $0 == place ? 1 : -1 }, cost: Double(cost),
            squared: loss == .squaredHinge, sweeps: sweeps, tolerance: Double(tolerance)
          ) { sweep in
            var order = orders.split(.shuffle, sweep)
            return order.permutation(rows)
          }
        }
      }
    }
    let solutions = found.compactMap { $0 }
    classes = data.classes
    weights = try Tensor(
      solutions.flatMap { $0.weights.dropLast().map(Float.init) }, shape: [classes.count, width])
    biases = try Tensor(
      solutions.map { Float(($0.weights.last ?? 0) * Double(biasFeature)) }, shape: [classes.count])
    convergence = Convergence(.worst(of: solutions.map { $0.course }))
  }

  /// f of each class for rows `[M, D]`: `[M, C]`.
  ///
  /// - Throws: `TensorError.shape` for rows of another width; `TensorError.notFinite` for values that are
  ///   not finite.
  public func decide(_ queries: Tensor) throws(TensorError) -> Tensor {
    try LabelledFeatures.check(
      "linear support vector machine", queries: queries, width: weights.shape[1])
    return try queries.detached.matrixProduct(weights, transposingRight: true) + biases
  }

  /// The label with the greatest f for each row of `[M, D]`, the first of equals.
  ///
  /// - Throws: As `decide`.
  public func classify(_ queries: Tensor) throws(TensorError) -> [Int] {
    let values = try decide(queries).scalars
    return (0..<queries.shape[0]).map { row in
      let start = row * classes.count
      let winner = classes.indices.reduce(0) {
        values[start + $1] > values[start + $0] ? $1 : $0
      }
      return classes[winner]
    }
  }
}
