/// Minimisation by the limited-memory BFGS method (Nocedal, 1980; Liu and Nocedal, 1989).
///
/// A step goes along −H g, with H from the last steps and the gradients' changes over them. Its length
/// fulfils the weak Wolfe conditions, found by doubling and halving (Lewis and Overton, 2013); near the
/// minimum, where rounding hides the decrease, a value counts as lower within `noise` (Hager and Zhang, 2005).
struct LimitedMemoryDescent {
  /// The pairs of steps and changes that are kept.
  var memory = 10
  /// The greatest entry of the gradient at which the search ends.
  var tolerance = 1e-6
  /// The most steps.
  var steps = 1000
  /// The relative error of a value of the objective.
  var noise = 1e-7

  /// Where a search ended.
  struct Minimum {
    var point: [Double]
    var value: Double
    /// The greatest magnitude in the gradient.
    var slope: Double
    var steps: Int
    /// Whether the slope is within the tolerance.
    var isReached: Bool
  }

  /// Minimises `objective`, which gives the value at a point and writes the gradient; `pause` is called
  /// between steps, and what it throws ends the search.
  func minimise(
    from start: [Double], pause: () throws -> Void,
    _ objective: ([Double], inout [Double]) throws -> Double
  ) rethrows -> Minimum {
    var point = start
    var gradient = [Double](repeating: 0, count: start.count)
    var value = try objective(point, &gradient)
    var pairs: [(step: [Double], change: [Double], product: Double)] = []
    func ended(_ steps: Int) -> Minimum {
      let slope = greatest(gradient)
      return Minimum(
        point: point, value: value, slope: slope, steps: steps, isReached: slope <= tolerance)
    }
    for number in 0..<steps {
      guard greatest(gradient) > tolerance else { return ended(number) }
      try pause()
      var direction = direction(gradient, pairs)
      var slope = dot(direction, gradient)
      if slope >= 0 {
        // Rounding has spoilt the memory; start over with the gradient.
        pairs = []
        direction = gradient.map { -$0 }
        slope = -dot(gradient, gradient)
      }
      let first = pairs.isEmpty ? min(1, 1 / max(greatest(gradient), 1e-300)) : 1
      guard
        let next = try search(
          from: point, value: value, along: direction, slope: slope, first: first, objective)
      else { return ended(number) }
      let step = direction.map { $0 * next.length }
      let change = zip(next.gradient, gradient).map { $0 - $1 }
      let product = dot(step, change)
      if product > 1e-14 * dot(change, change).squareRoot() * dot(step, step).squareRoot() {
        pairs.append((step, change, product))
        if pairs.count > memory { pairs.removeFirst() }
      }
      for i in point.indices { point[i] += step[i] }
      (value, gradient) = (next.value, next.gradient)
    }
    return ended(steps)
  }

  /// −H g by the two loops over the kept pairs.
  private func direction(
    _ gradient: [Double], _ pairs: [(step: [Double], change: [Double], product: Double)]
  ) -> [Double] {
    var direction = gradient.map { -$0 }
    var shares = [Double](repeating: 0, count: pairs.count)
    for (index, pair) in pairs.enumerated().reversed() {
      shares[index] = dot(pair.step, direction) / pair.product
      for i in direction.indices { direction[i] -= shares[index] * pair.change[i] }
    }
    if let last = pairs.last {
      let scale = last.product / dot(last.change, last.change)
      for i in direction.indices { direction[i] *= scale }
    }
    for (index, pair) in pairs.enumerated() {
      let share = dot(pair.change, direction) / pair.product
      for i in direction.indices { direction[i] += (shares[index] - share) * pair.step[i] }
    }
    return direction
  }

  /// A length of the step that decreases the value enough and the slope too; `nil` where none is found.
  private func search(
    from point: [Double], value: Double, along direction: [Double], slope: Double, first: Double,
    _ objective: ([Double], inout [Double]) throws -> Double
  ) rethrows -> (length: Double, value: Double, gradient: [Double])? {
    var (low, high, length) = (0.0, Double.infinity, first)
    var gradient = [Double](repeating: 0, count: point.count)
    for _ in 0..<40 {
      let trial = zip(point, direction).map { $0 + length * $1 }
      let found = try objective(trial, &gradient)
      let slack = noise * abs(value)
      if !(found <= value + 1e-4 * length * slope + slack) {
        high = length
      } else if dot(gradient, direction) < 0.9 * slope {
        low = length
      } else {
        return (length, found, gradient)
      }
      length = high == .infinity ? 2 * length : (low + high) / 2
    }
    return nil
  }

  private func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for i in a.indices { sum += a[i] * b[i] }
    return sum
  }

  private func greatest(_ values: [Double]) -> Double { values.reduce(0) { max($0, abs($1)) } }
}
