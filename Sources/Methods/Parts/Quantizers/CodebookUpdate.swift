import Layers
import Tensors

/// What happens to a codebook after a step, without a gradient.
extension Codebook {
  /// The number of steps after which rarely used codes are looked for.
  static let restartInterval: Float = 200
  /// The ε of the smoothed counts.
  private static let smoothing: Float = 1e-5

  /// The share of the past that the averages keep.
  private var decay: Float {
    if case .movingAverage(let decay) = configuration.rule { decay } else { 0.99 }
  }

  /// Moves the averages towards the vectors `[M, D]` of a step and their codes, and the codes to the
  /// averages (van den Oord et al., 2017, appendix A.1); then puts rarely used codes in a new place.
  ///
  /// `N_k ← γ N_k + (1 − γ) n_k`, `m_k ← γ m_k + (1 − γ) Σ z`, and `e_k = m_k / N̂_k` with the smoothed count
  /// `N̂_k = (N_k + ε) / (N + K ε) · N`. The smoothing is at read-out only: written back, it would creep into
  /// the averages. N_k starts at 1 and m_k at e_k, so that a code that nothing is near to stays where it is.
  func follow(_ rows: Tensor, codes: [Int], using generator: Generator) throws(TensorError) {
    let sums = try clusterSum.map { (_) throws(TensorError) in
      try rows.scatterAdded(rows: codes, count: codeCount)
    }
    let held = [weight, clusterSize, steps] + (clusterSum.map { [$0] } ?? [])
    Parameter.update(held) { values in
      let (weight, sizes, steps) = (values[0], values[1], values[2])
      let (keep, take) = (decay, 1 - decay)
      for k in sizes.indices { sizes[k] *= keep }
      for code in codes { sizes[code] += take }
      if values.count > 3, let sums {
        sums.withUnsafeScalars { sums in
          for i in sums.indices { values[3][i] = keep * values[3][i] + take * sums[i] }
        }
        readOut(sizes, values[3], into: weight)
      }
      steps[0] += 1
      guard steps[0] >= Self.restartInterval else { return }
      steps[0] = 0
      restart(weight, sizes, values.count > 3 ? values[3] : nil, from: rows, using: generator)
    }
  }

  private func readOut(
    _ sizes: UnsafeMutableBufferPointer<Float>, _ sums: UnsafeMutableBufferPointer<Float>,
    into weight: UnsafeMutableBufferPointer<Float>
  ) {
    let total = sizes.reduce(0, +)
    let floor = Float(codeCount) * Self.smoothing
    for k in sizes.indices {
      let row = k * dimension..<(k + 1) * dimension
      var size = (sizes[k] + Self.smoothing) / (total + floor) * total
      if configuration.isCosine {
        size = row.reduce(0) { $0 + sums[$1] * sums[$1] }.squareRoot()
        // Without a direction the code stays where it is.
        guard size > .leastNormalMagnitude else { continue }
      }
      for i in row { weight[i] = sums[i] / size }
    }
  }

  /// Gives each code whose average usage is below a share of the mean the place of a random vector of the
  /// step, and a fresh start: N_k = 1 and m_k = e_k (the rule of Jukebox, Dhariwal et al., 2020).
  private func restart(
    _ weight: UnsafeMutableBufferPointer<Float>, _ sizes: UnsafeMutableBufferPointer<Float>,
    _ sums: UnsafeMutableBufferPointer<Float>?, from rows: Tensor, using generator: Generator
  ) {
    let least = configuration.restart * sizes.reduce(0, +) / Float(codeCount)
    var generator = generator.split(.initialisation)
    rows.withUnsafeScalars { values in
      for k in sizes.indices where sizes[k] < least {
        let start = generator.integer(in: 0...rows.shape[0] - 1) * dimension
        for i in 0..<dimension {
          weight[k * dimension + i] = values[start + i]
          sums?[k * dimension + i] = values[start + i]
        }
        sizes[k] = 1
      }
    }
  }
}
