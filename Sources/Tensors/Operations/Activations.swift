import Compute

extension Tensor {
  /// The softplus: `log(1 + eˣ)`, without overflow.
  public func softplus() throws(TensorError) -> Tensor {
    let input = detached
    return try Tape.record("softplus", [self], output: mapped { $0.softplus }) {
      (upstream, _) throws(TensorError) in
      [upstream.zipped(input) { $0 * $1.logistic }]
    }
  }

  /// The rectifier that leaks: x where positive, `slope · x` elsewhere (Maas et al., 2013).
  ///
  /// At zero its derivative is `slope`.
  public func leakyRectified(slope: Float = 0.01) throws(TensorError) -> Tensor {
    let (input, output) = (detached, mapped { $0.replacing(with: $0 * slope, where: $0 .<= 0) })
    return try Tape.record("leakyRectified", [self], output: output) {
      (upstream, _) throws(TensorError) in
      [upstream.zipped(input) { $0.replacing(with: $0 * slope, where: $1 .<= 0) }]
    }
  }

  /// The exponential linear unit: x where positive, `alpha · (eˣ − 1)` elsewhere (Clevert et al.,
  /// 2016).
  public func exponentialLinear(alpha: Float = 1) throws(TensorError) -> Tensor {
    let output = mapped {
      // Only the negative side is used; the other one would overflow.
      let below = $0.replacing(with: 0, where: $0 .> 0).exponentialMinusOne * alpha
      return $0.replacing(with: below, where: $0 .<= 0)
    }
    // Read off the input: the output's sign says nothing where alpha is negative.
    let input = detached
    return try Tape.record("exponentialLinear", [self], output: output) {
      (upstream, _) throws(TensorError) in
      [
        upstream.zipped(input) {
          let below = $1.replacing(with: 0, where: $1 .> 0).exponential * alpha
          return $0.replacing(with: $0 * below, where: $1 .<= 0)
        }
      ]
    }
  }

  /// The gated activation `tanh(a) · σ(b)`, where `b` is the gate (van den Oord et al., 2016,
  /// equation 2).
  ///
  /// Both have one shape. Value and derivatives are one pass each, and only `a` and `b` are kept.
  ///
  /// - Throws: `TensorError.shape` when the shapes differ.
  public func gated(by gate: Tensor) throws(TensorError) -> Tensor {
    guard gate.shape == shape else {
      throw .shape(
        operation: "gated", shapes: [shape, gate.shape], fix: "the two must have one shape")
    }
    let (a, b) = (detached, gate.detached)
    let output = zipped(gate) { $0.hyperbolicTangent * $1.logistic }
    return try Tape.record("gated", [self, gate], output: output) {
      (upstream, needed) throws(TensorError) in
      let first: Tensor? =
        !needed[0]
        ? nil
        : upstream.zipped(a, b) {
          let t = $1.hyperbolicTangent
          return $0 * (1 - t * t) * $2.logistic
        }
      let second: Tensor? =
        !needed[1]
        ? nil
        : upstream.zipped(a, b) {
          let s = $2.logistic
          return $0 * $1.hyperbolicTangent * s * (1 - s)
        }
      return [first, second]
    }
  }
}
