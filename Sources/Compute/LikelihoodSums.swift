private import CVectors

/// Likelihoods and divergences of `rows` examples of `width` values each: the sum over an example in a fixed order,
/// and the gradient at each value times what came down for its example.
public enum LikelihoodSums {
  /// Writes `Σ max(l, 0) − t l + log(1 + exp(−|l|))` of each example.
  public static func bernoulli(
    logits: UnsafePointer<Float>, targets: UnsafePointer<Float>,
    into sums: UnsafeMutablePointer<Float>, rows: Int, width: Int
  ) {
    each(rows, width) { row, i in
      sums[row] = orbit_bernoulli(logits + i, targets + i, Int64(width))
    }
  }

  /// Writes `g (σ(l) − t)`.
  public static func bernoulliGradient(
    _ upstream: UnsafePointer<Float>, logits: UnsafePointer<Float>,
    targets: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>, rows: Int,
    width: Int
  ) {
    each(rows, width) { row, i in
      orbit_bernoulli_gradient(
        logits + i, targets + i, upstream[row], gradient + i, Int64(width))
    }
  }

  /// Writes `½ Σ μ² + e^s − 1 − s` of each example.
  public static func gaussianDivergence(
    mean: UnsafePointer<Float>, logVariance: UnsafePointer<Float>,
    into sums: UnsafeMutablePointer<Float>, rows: Int, width: Int
  ) {
    each(rows, width) { row, i in
      sums[row] = orbit_gaussian_divergence(mean + i, logVariance + i, Int64(width))
    }
  }

  /// Writes `½ g (e^s − 1)`, the gradient by the log-variances.
  public static func gaussianDivergenceGradient(
    _ upstream: UnsafePointer<Float>, logVariance: UnsafePointer<Float>,
    into gradient: UnsafeMutablePointer<Float>, rows: Int, width: Int
  ) {
    each(rows, width) { row, i in
      orbit_gaussian_divergence_gradient(
        logVariance + i, upstream[row], gradient + i, Int64(width))
    }
  }

  /// Writes `g μ`, the gradient by the means.
  public static func scaleExamples(
    _ x: UnsafePointer<Float>, by factors: UnsafePointer<Float>,
    into y: UnsafeMutablePointer<Float>, rows: Int, width: Int
  ) {
    each(rows, width) { row, i in orbit_scale(x + i, factors[row], y + i, Int64(width)) }
  }

  private static func each(_ rows: Int, _ width: Int, _ body: (_ row: Int, _ start: Int) -> Void) {
    Parallel.ranges(rows, grain: max(1, Elementwise.grain / 4 / max(1, width))) { range in
      for row in range { body(row, row * width) }
    }
  }
}

/// Draws from normal distributions as functions of their means and log-variances.
public enum NormalDraw {
  /// Writes `μ + e^(s/2) · noise`.
  public static func forward(
    mean: UnsafePointer<Float>, logVariance: UnsafePointer<Float>, noise: UnsafePointer<Float>,
    into y: UnsafeMutablePointer<Float>, count: Int
  ) {
    Parallel.ranges(count, grain: Elementwise.grain / 4) { range in
      let i = range.lowerBound
      orbit_reparameterise(mean + i, logVariance + i, noise + i, y + i, Int64(range.count))
    }
  }

  /// Writes `½ g e^(s/2) · noise`, the gradient by the log-variances.
  public static func backward(
    _ upstream: UnsafePointer<Float>, logVariance: UnsafePointer<Float>,
    noise: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>, count: Int
  ) {
    Parallel.ranges(count, grain: Elementwise.grain / 4) { range in
      let i = range.lowerBound
      orbit_reparameterise_gradient(
        upstream + i, logVariance + i, noise + i, gradient + i, Int64(range.count))
    }
  }
}
