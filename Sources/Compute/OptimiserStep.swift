/// One step of stochastic gradient descent with momentum, in a single pass over memory.
///
/// With `d = gradient + weightDecay · parameter`: `velocity ← momentum · velocity + d` and
/// `parameter ← parameter − rate · velocity`, or `rate · (d + momentum · velocity)` where `nesterov`
/// (Sutskever et al., 2013, in the form of PyTorch without dampening). `velocity` starts at zero.
public func sgdStep(
  parameter: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>,
  velocity: UnsafeMutablePointer<Float>, count: Int, rate: Float, momentum: Float,
  weightDecay: Float = 0, nesterov: Bool = false
) {
  Parallel.ranges(count, grain: Elementwise.grain / 2) { range in
    steps(range) { i, lanes in
      let p = read(parameter + i, lanes)
      let d = read(gradient + i, lanes) + weightDecay * p
      let v = momentum * read(velocity + i, lanes) + d
      write(v, velocity + i, lanes)
      write(p - rate * (nesterov ? d + momentum * v : v), parameter + i, lanes)
    }
  }
}

/// One step of Adam (Kingma and Ba, 2015, algorithm 1), in a single pass over memory.
///
/// `mean` and `square` start at zero and `step` at one. Weight decay is added to the gradient, or,
/// where `decoupled`, taken off the parameter directly (Loshchilov and Hutter, 2019).
public func adamStep(
  parameter: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>,
  mean: UnsafeMutablePointer<Float>, square: UnsafeMutablePointer<Float>, count: Int, step: Int,
  rate: Float, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8,
  weightDecay: Float = 0, decoupled: Bool = false
) {
  // The bias corrections in double precision: beta to the power of the step is close to one.
  let correction1 = 1 - power(Double(beta1), step)
  let correction2 = 1 - power(Double(beta2), step)
  let stride = Float(Double(rate) / correction1)
  let rootCorrection = Float(1 / correction2.squareRoot())
  let (coupled, shrink) = decoupled ? (0, 1 - rate * weightDecay) : (weightDecay, 1)
  Parallel.ranges(count, grain: Elementwise.grain / 2) { range in
    steps(range) { i, lanes in
      let p = read(parameter + i, lanes)
      let g = read(gradient + i, lanes) + coupled * p
      let m = beta1 * read(mean + i, lanes) + (1 - beta1) * g
      let s = beta2 * read(square + i, lanes) + (1 - beta2) * g * g
      write(m, mean + i, lanes)
      write(s, square + i, lanes)
      write(
        shrink * p - stride * m / (s.squareRoot() * rootCorrection + epsilon), parameter + i, lanes)
    }
  }
}

private func power(_ base: Double, _ exponent: Int) -> Double {
  var (result, square, rest) = (1.0, base, max(exponent, 1))
  while rest > 0 {
    if rest & 1 == 1 { result *= square }
    square *= square
    rest >>= 1
  }
  return result
}

/// Calls `body` with the place of each vector of a range and the number of its lanes in use.
@inline(__always)
private func steps(_ range: Range<Int>, _ body: (Int, Int) -> Void) {
  var i = range.lowerBound
  while i &+ 16 <= range.upperBound {
    body(i, 16)
    i &+= 16
  }
  if i < range.upperBound { body(i, range.upperBound &- i) }
}

@inline(__always)
private func read(_ x: UnsafePointer<Float>, _ lanes: Int) -> Elementwise.Vector {
  lanes == 16 ? Elementwise.load(x) : Elementwise.load(x, lanes)
}

@inline(__always)
private func write(
  _ vector: Elementwise.Vector, _ y: UnsafeMutablePointer<Float>, _ lanes: Int
) {
  if lanes == 16 { Elementwise.store(vector, y) } else { Elementwise.store(vector, y, lanes) }
}
