private import CVectors
import Synchronization

/// One parameter in an optimiser's pass over memory: every place holds `count` values.
public struct OptimiserPart {
  /// The values that the step changes.
  public let parameter: UnsafeMutablePointer<Float>
  /// The gradient.
  public let gradient: UnsafePointer<Float>
  /// What the rule keeps: the velocity, or the mean of the gradients; starts at zero.
  public let first: UnsafeMutablePointer<Float>
  /// What else the rule keeps: the mean of the squared gradients; starts at zero.
  public let second: UnsafeMutablePointer<Float>?
  /// The number of values.
  public let count: Int
  /// The number of this step for this parameter, from 1.
  public let step: Int
  /// The learning rate.
  public var rate: Float
  /// The weight decay.
  public let weightDecay: Float
  /// Whether a layer-wise rule gives it a rate by its norms.
  public let isLayerwise: Bool

  /// Names the places of a parameter.
  public init(
    parameter: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>,
    first: UnsafeMutablePointer<Float>, second: UnsafeMutablePointer<Float>? = nil, count: Int,
    step: Int = 1, rate: Float, weightDecay: Float = 0, isLayerwise: Bool = false
  ) {
    self.parameter = parameter
    self.gradient = gradient
    self.first = first
    self.second = second
    self.count = count
    self.step = step
    self.rate = rate
    self.weightDecay = weightDecay
    self.isLayerwise = isLayerwise
  }
}

/// One step of stochastic gradient descent with momentum, in a single pass over memory.
///
/// With `d = gradient + weightDecay · parameter`: `velocity ← momentum · velocity + d` and
/// `parameter ← parameter − rate · velocity`, or `rate · (d + momentum · velocity)` where `nesterov`
/// (Sutskever et al., 2013, in the form of PyTorch without dampening). The velocity is `first`.
public func sgdStep(_ parts: [OptimiserPart], momentum: Float, nesterov: Bool = false) {
  eachPiece(parts, count: \.count) { part, range in
    let i = range.lowerBound
    orbit_momentum(
      part.parameter + i, part.gradient + i, part.first + i, Int64(range.count), part.rate,
      part.weightDecay, momentum, nesterov ? 1 : 0)
  }
}

/// One step of Adam (Kingma and Ba, 2015, algorithm 1), in a single pass over memory.
///
/// The mean of the gradients is `first`, that of their squares `second`. Weight decay is added to the
/// gradient, or, where `decoupled`, taken off the parameter directly (Loshchilov and Hutter, 2019).
public func adamStep(
  _ parts: [OptimiserPart], beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8,
  decoupled: Bool = false
) {
  eachPiece(parts, count: \.count) { part, range in
    guard let second = part.second else { return }
    // The bias corrections in double precision: beta to the power of the step is close to one.
    let correction1 = 1 - power(Double(beta1), part.step)
    let correction2 = 1 - power(Double(beta2), part.step)
    let constants = orbit_adam_constants(
      beta1: beta1, beta2: beta2, epsilon: epsilon, decay: decoupled ? 0 : part.weightDecay,
      shrink: decoupled ? 1 - part.rate * part.weightDecay : 1,
      stride: Float(Double(part.rate) / correction1),
      root_correction: Float(1 / correction2.squareRoot()))
    let i = range.lowerBound
    orbit_adam(
      part.parameter + i, part.gradient + i, part.first + i, second + i, Int64(range.count),
      constants)
  }
}

/// Whether no value of some arrays is infinite, not a number, or as large as `bound`, in one pass over memory.
///
/// `bound` must be a power of ten up to 1e18 or so: its square is compared.
public func magnitudes(_ arrays: [UnsafeBufferPointer<Float>], stayBelow bound: Float) -> Bool {
  let exceeded = Mutex(false)
  let limit = bound * bound
  eachPiece(arrays, count: \.count) { array, range in
    guard let first = array.baseAddress else { return }
    let squares = orbit_sum_of_squares(first + range.lowerBound, Int64(range.count))
    // What is not a number is not below anything either.
    if !(squares < limit) { exceeded.withLock { $0 = true } }
  }
  return exceeded.withLock { !$0 }
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

/// Cuts the values of all parts, taken one after the other, into one range a thread, and calls `body` with
/// each part and the piece of it that lies in the range.
///
/// A step over many small parameters so costs one parallel region. What `body` does to a value must not
/// depend on where the cuts are.
@inline(__always)
func eachPiece<Part>(
  _ parts: [Part], count: (Part) -> Int, _ body: (Part, Range<Int>) -> Void
) {
  let total = parts.reduce(0) { $0 + count($1) }
  Parallel.ranges(total, grain: Elementwise.grain / 2) { range in
    var start = 0
    for part in parts {
      let end = start + count(part)
      let piece = range.clamped(to: start..<end)
      if !piece.isEmpty { body(part, piece.lowerBound - start..<piece.upperBound - start) }
      start = end
    }
  }
}
