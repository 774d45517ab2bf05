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
    let (rate, decay) = (part.rate, part.weightDecay)
    eachVector(range) { i, lanes in
      let p = read(part.parameter + i, lanes)
      let d = read(part.gradient + i, lanes) + decay * p
      let v = momentum * read(part.first + i, lanes) + rate * d
      write(v, part.first + i, lanes)
      write(p - v, part.parameter + i, lanes)
    }
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
      let part = parts[chunks[place].part]
      var (weights, gradients) = (Elementwise.Vector.zero, Elementwise.Vector.zero)
      eachVector(chunks[place].range) { i, lanes in
        let (p, g) = (read(part.parameter + i, lanes), read(part.gradient + i, lanes))
        weights += p * p
        gradients += g * g
      }
      sums.pointer[2 * place] = weights.sum()
      sums.pointer[2 * place + 1] = gradients.sum()
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
