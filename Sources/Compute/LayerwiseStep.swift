private import CVectors

/// One step of LARS (You, Gitman and Ginsburg, 2017, algorithm 1), in two passes over memory.
///
/// A part that is layer-wise has the rate `rate · trust · ‖w‖ / (‖g‖ + weightDecay · ‖w‖)`, or `rate` where
/// a norm is zero; the others have `rate`. With that, `velocity ← momentum · velocity + rate · (gradient +
/// weightDecay · parameter)` and `parameter ← parameter − velocity`. The velocity is `first`.
public func larsStep(_ parts: [OptimiserPart], momentum: Float, trust: Float) {
  var parts = parts
  let sums = norms(parts)
  for (index, part) in parts.enumerated() where part.isLayerwise {
    let (weights, gradients) = sums[index]
    let ratio = trust * weights / (gradients + part.weightDecay * weights)
    if weights > 0, gradients > 0, ratio.isFinite { parts[index].rate *= ratio }
  }
  eachPiece(parts, count: \.count) { part, range in
    let i = range.lowerBound
    orbit_scaled_momentum(
      part.parameter + i, part.gradient + i, part.first + i, Int64(range.count), part.rate,
      part.weightDecay, momentum)
  }
}

/// The Euclidean norms of the parameter and of the gradient of each part; zeros where it is not layer-wise.
///
/// The sums are taken over chunks that depend on the counts alone, so they are the same on any number of
/// threads.
private func norms(_ parts: [OptimiserPart]) -> [(parameter: Float, gradient: Float)] {
  let size = 4096
  var chunks: [(part: Int, range: Range<Int>)] = []
  for (index, part) in parts.enumerated() where part.isLayerwise {
    for start in stride(from: 0, to: part.count, by: size) {
      chunks.append((index, start..<min(start + size, part.count)))
    }
  }
  let sums = Buffer(count: 2 * chunks.count)
  Parallel.ranges(chunks.count, grain: Elementwise.grain / size) { range in
    for place in range {
      let (part, chunk) = (parts[chunks[place].part], chunks[place].range)
      let (i, count) = (chunk.lowerBound, Int64(chunk.count))
      sums.pointer[2 * place] = orbit_sum_of_squares(part.parameter + i, count)
      sums.pointer[2 * place + 1] = orbit_sum_of_squares(part.gradient + i, count)
    }
  }
  var totals = [(Double, Double)](repeating: (0, 0), count: parts.count)
  for (place, chunk) in chunks.enumerated() {
    totals[chunk.part].0 += Double(sums.pointer[2 * place])
    totals[chunk.part].1 += Double(sums.pointer[2 * place + 1])
  }
  withExtendedLifetime(sums) {}
  return totals.map { (Float($0.0.squareRoot()), Float($0.1.squareRoot())) }
}
