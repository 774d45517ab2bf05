import Compute

/// How an iterative solver came to its end; of several problems solved together, the worst of each.
///
/// Running out of sweeps is no error: what was found is feasible, and the gap says how good it is.
public struct Convergence: Sendable, Equatable {
  /// The sweeps over all coordinates, or the steps of two coordinates, that were made.
  public let sweeps: Int
  /// The duality gap, as a part of the primal objective: no solution is better than the one found by more
  /// than this.
  public let gap: Float
  /// Whether the tolerance was reached before the sweeps ran out.
  public let isReached: Bool

  init(_ course: SolverCourse) {
    (sweeps, gap, isReached) = (course.sweeps, Float(course.gap), course.isReached)
  }
}

extension Tensor {
  /// Checks the constants of a solver.
  static func checkSolver(
    _ operation: String, _ weight: (name: String, value: Float), sweeps: (name: String, value: Int),
    tolerance: Float
  ) throws(TensorError) {
    guard weight.value > 0, weight.value.isFinite else {
      throw .argument(
        operation: operation, name: weight.name, value: "\(weight.value)",
        fix: "it must be positive")
    }
    guard sweeps.value >= 1 else {
      throw .argument(
        operation: operation, name: sweeps.name, value: "\(sweeps.value)",
        fix: "make at least one")
    }
    guard tolerance > 0, tolerance.isFinite else {
      throw .argument(
        operation: operation, name: "tolerance", value: "\(tolerance)", fix: "it must be positive")
    }
  }
}
