private import CVectors
import Glibc

/// The loops of t-SNE over all pairs of points.
///
/// Every point's sums are taken by one thread over the others in their order, so the bits do not depend on
/// the number of threads.
public enum NeighbourForces {
  /// Points worth a thread of their own: the least number of rows of a part.
  private static let grain = 16

  /// Writes the squared distances between all points, `[count, count]`; `coordinates` are
  /// `[dimensions, count]`.
  public static func squaredDistances(
    _ coordinates: UnsafePointer<Float>, dimensions: Int, count: Int,
    into distances: UnsafeMutablePointer<Float>
  ) {
    Parallel.ranges(count, grain: grain) { rows in
      for row in rows {
        orbit_squared_distances(
          coordinates, Int64(row), distances + row * count, Int64(count), Int64(dimensions))
      }
    }
  }

  /// Replaces squared distances `[count, count]` by conditional affinities: row i becomes p(j | i) ∝
  /// exp(−β d(i, j)) without i itself, with β such that the row's perplexity is the given one.
  ///
  /// β is found by bisection, to 10⁻⁶ in the entropy or as near as single precision comes. A point with
  /// more copies of itself than the perplexity shares its affinity among them.
  public static func affinities(
    _ distances: UnsafeMutablePointer<Float>, count: Int, perplexity: Double
  ) {
    let target = Float(log(perplexity))
    Parallel.ranges(count, grain: grain) { rows in
      let weights = Buffer(count: count)
      for row in rows {
        let distances = distances + row * count
        var least = Float.infinity
        for i in 0..<count where i != row { least = min(least, distances[i]) }
        // Its own weight is then 1 whatever β, and is taken away from the sum.
        distances[row] = least
        var (low, high): (Float, Float) = (0, .infinity)
        var mean: Float = 0
        for i in 0..<count { mean += (distances[i] - least) / Float(count) }
        var precision = mean > 0 ? 1 / mean : 1
        var sums = (Float(0), Float(0))
        for _ in 0..<64 {
          withUnsafeMutableBytes(of: &sums) {
            orbit_neighbour_weights(
              distances, least, precision, weights.pointer, Int64(count),
              $0.assumingMemoryBound(to: Float.self).baseAddress)
          }
          let total = sums.0 - 1
          let excess = logf(total) + precision * sums.1 / total - target
          if abs(excess) <= 1e-6 { break }
          if excess > 0 { low = precision } else { high = precision }
          let next = high == .infinity ? 2 * precision : (low + high) / 2
          if next == precision || !next.isFinite { break }
          precision = next
        }
        let scale = 1 / (sums.0 - 1)
        weights.pointer[row] = 0
        Elementwise.map(0..<count, weights.pointer, into: distances) { $0 * scale }
      }
      withExtendedLifetime(weights) {}
    }
  }

  /// Makes affinities joint: p(i, j) = (p(j | i) + p(i | j)) / (2 count), which sum to 1.
  public static func symmetrise(_ affinities: UnsafeMutablePointer<Float>, count: Int) {
    let factor = 1 / (2 * Float(count))
    // A pair belongs to its lower row, so no value is written twice.
    Parallel.ranges(count, grain: grain) { rows in
      for row in rows {
        for other in (row + 1)..<max(row + 1, count) {
          let (a, b) = (row * count + other, other * count + row)
          let mean = (affinities[a] + affinities[b]) * factor
          (affinities[a], affinities[b]) = (mean, mean)
        }
      }
    }
  }

  /// Writes the gradient of the divergence by the positions, 4 Σ (e p − q) w (y_i − y_j) with
  /// w = 1 / (1 + |y_i − y_j|²), q = w / Σ w and the exaggeration e.
  ///
  /// `positions` and `gradient` are `[2, count]`; `scratch` has room for 5 values a point.
  public static func gradient(
    affinities: UnsafePointer<Float>, positions: UnsafePointer<Float>, count: Int,
    exaggeration: Float, scratch: UnsafeMutablePointer<Float>,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    Parallel.ranges(count, grain: grain) { rows in
      for row in rows {
        orbit_neighbour_forces(
          affinities + row * count, positions, positions + count, Int64(row), Int64(count),
          scratch + 5 * row)
      }
    }
    var total = 0.0
    for row in 0..<count { total += Double(scratch[5 * row + 4]) }
    let share = Float(1 / total)
    for row in 0..<count {
      let sums = scratch + 5 * row
      gradient[row] = 4 * (exaggeration * sums[0] - share * sums[2])
      gradient[count + row] = 4 * (exaggeration * sums[1] - share * sums[3])
    }
  }

  /// The Kullback–Leibler divergence of the positions' affinities q from p, Σ p log(p / q), in nats.
  public static func divergence(
    affinities: UnsafePointer<Float>, positions: UnsafePointer<Float>, count: Int,
    scratch: UnsafeMutablePointer<Float>
  ) -> Double {
    Parallel.ranges(count, grain: grain) { rows in
      for row in rows {
        let own = affinities + row * count
        orbit_neighbour_forces(
          own, positions, positions + count, Int64(row), Int64(count), scratch + 5 * row)
        scratch[5 * row] = orbit_neighbour_divergence(
          own, positions, positions + count, Int64(row), Int64(count))
      }
    }
    var (sum, total) = (0.0, 0.0)
    for row in 0..<count {
      sum += Double(scratch[5 * row])
      total += Double(scratch[5 * row + 4])
    }
    return sum + log(total)
  }
}
