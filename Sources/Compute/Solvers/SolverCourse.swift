/// How an iterative solver came to its end.
public struct SolverCourse: Sendable, Equatable {
  /// The sweeps over all coordinates, or the steps, that were made.
  public let sweeps: Int
  /// How far the objective can still be from its optimum, as a part of it: the primal objective less the
  /// dual, over the primal.
  public let gap: Double
  /// Whether the tolerance was reached before the sweeps ran out.
  public let isReached: Bool

  init(sweeps: Int, primal: Double, dual: Double, isReached: Bool) {
    // Where both are nothing but rounding, the difference may be below zero.
    let gap = primal > 0 ? max(0, primal - dual) / primal : 0
    self.init(sweeps: sweeps, gap: gap, isReached: isReached)
  }

  private init(sweeps: Int, gap: Double, isReached: Bool) {
    (self.sweeps, self.gap, self.isReached) = (sweeps, gap, isReached)
  }

  /// What holds of several problems at once: the most sweeps, the widest gap, and whether all of them
  /// reached the tolerance.
  public static func worst(of courses: some Sequence<SolverCourse>) -> SolverCourse {
    courses.reduce(SolverCourse(sweeps: 0, gap: 0, isReached: true)) {
      SolverCourse(
        sweeps: max($0.sweeps, $1.sweeps), gap: max($0.gap, $1.gap),
        isReached: $0.isReached && $1.isReached)
    }
  }
}
