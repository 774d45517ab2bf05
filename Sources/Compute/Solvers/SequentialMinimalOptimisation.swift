/// The support vector machine on a kernel matrix, two coordinates at a time (Platt, 1998), chosen by
/// second-order information (Fan, Chen and Lin, JMLR 2005, working set selection 2).
///
/// With signs y = ±1 and `f = Σ αᵢ yᵢ K(xᵢ, ·)` the dual is to make `½ Σ αᵢ yᵢ f(xᵢ) − Σ αᵢ` least over
/// `0 ≤ αᵢ ≤ cost` and `Σ αᵢ yᵢ = 0`. A step moves `αᵢ yᵢ` up and `αⱼ yⱼ` down by the same amount;
/// `vᵢ = yᵢ − f(xᵢ)` is the slope of doing so, and at the optimum no v that may go up exceeds one that may
/// go down.
public struct SequentialMinimalOptimisation {
  /// The solution of one problem.
  public struct Solution: Sendable {
    /// αᵢ yᵢ of each member.
    public let coefficients: [Double]
    /// What is added to f.
    public let bias: Double
    /// The steps made, and the gap.
    public let course: SolverCourse
  }

  private let kernel: UnsafePointer<Float>
  private let size: Int
  private let members: [Int]
  private let signs: [Double]
  private let cost: Double

  private var duals, slopes: [Double]
  private let diagonal: [Double]

  /// Takes a kernel matrix `[size, size]`, which must outlive this value, and the rows of it that take
  /// part, each with its sign; both signs occur.
  public init(
    _ kernel: UnsafePointer<Float>, size: Int, members: [Int], signs: [Double], cost: Double
  ) {
    (self.kernel, self.size, self.members) = (kernel, size, members)
    (self.signs, self.cost) = (signs, cost)
    duals = [Double](repeating: 0, count: members.count)
    slopes = signs
    diagonal = members.map { Double(kernel[$0 * size + $0]) }
  }

  /// Goes on until what may go up exceeds what may go down by at most `tolerance`, or for so many steps.
  public mutating func solve(steps: Int, tolerance: Double) -> Solution {
    var (made, pair) = (0, nextPair(tolerance))
    while let (up, down) = pair, made < steps {
      move(up, down)
      made += 1
      pair = nextPair(tolerance)
    }
    let bias = bias
    var (half, loss, sum) = (0.0, 0.0, 0.0)
    for i in members.indices {
      let value = signs[i] - slopes[i]
      half += 0.5 * duals[i] * signs[i] * value
      loss += max(0, 1 - signs[i] * (value + bias))
      sum += duals[i]
    }
    return Solution(
      coefficients: members.indices.map { duals[$0] * signs[$0] }, bias: bias,
      course: SolverCourse(
        sweeps: made, primal: half + cost * loss, dual: sum - half, isReached: pair == nil))
  }

  private func canRise(_ i: Int) -> Bool { signs[i] > 0 ? duals[i] < cost : duals[i] > 0 }
  private func canFall(_ i: Int) -> Bool { signs[i] > 0 ? duals[i] > 0 : duals[i] < cost }

  /// The steepest coordinate that may rise, and the one that may fall and lowers the objective most with
  /// it; none at the optimum.
  private func nextPair(_ tolerance: Double) -> (up: Int, down: Int)? {
    var (greatest, up) = (-Double.infinity, -1)
    for i in slopes.indices where slopes[i] > greatest && canRise(i) {
      (greatest, up) = (slopes[i], i)
    }
    guard up >= 0 else { return nil }
    let row = kernel + members[up] * size
    var (least, best, down) = (Double.infinity, 0.0, -1)
    for j in slopes.indices where slopes[j] < greatest && canFall(j) {
      let difference = greatest - slopes[j]
      least = min(least, slopes[j])
      let gain = difference * difference / curvature(up, j, row)
      if gain > best { (best, down) = (gain, j) }
    }
    guard down >= 0, greatest - least > tolerance else { return nil }
    return (up, down)
  }

  /// ‖φ(xᵢ) − φ(xⱼ)‖², kept from zero where two members are one point or the kernel is indefinite.
  private func curvature(_ i: Int, _ j: Int, _ row: UnsafePointer<Float>) -> Double {
    max(1e-12, diagonal[i] + diagonal[j] - 2 * Double(row[members[j]]))
  }

  private mutating func move(_ up: Int, _ down: Int) {
    let (rising, falling) = (kernel + members[up] * size, kernel + members[down] * size)
    let room = (
      signs[up] > 0 ? cost - duals[up] : duals[up],
      signs[down] > 0 ? duals[down] : cost - duals[down]
    )
    let wanted = (slopes[up] - slopes[down]) / curvature(up, down, rising)
    let step = min(wanted, min(room.0, room.1))
    // What reaches its bound is set to it, so that rounding leaves nothing behind.
    duals[up] =
      step == room.0 ? (signs[up] > 0 ? cost : 0) : duals[up] + signs[up] * step
    duals[down] =
      step == room.1 ? (signs[down] > 0 ? 0 : cost) : duals[down] - signs[down] * step
    for (k, member) in members.enumerated() {
      slopes[k] -= step * (Double(rising[member]) - Double(falling[member]))
    }
  }

  /// The mean slope of what lies between the bounds; else the middle of the interval that is left.
  private var bias: Double {
    var (sum, free) = (0.0, 0)
    var (low, high) = (-Double.infinity, Double.infinity)
    for i in slopes.indices {
      if duals[i] > 0, duals[i] < cost {
        sum += slopes[i]
        free += 1
      }
      if canRise(i) { low = max(low, slopes[i]) }
      if canFall(i) { high = min(high, slopes[i]) }
    }
    return free > 0 ? sum / Double(free) : 0.5 * (low + high)
  }
}
