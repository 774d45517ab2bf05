import Compute

extension Tensor {
  /// The softplus: `log(1 + eˣ)`, without overflow.
  public func softplus() throws(TensorError) -> Tensor {
    let input = detached
    return try Tape.record("softplus", [self], output: mapped { $0.softplus }) {
      (upstream, _) throws(TensorError) in
      [upstream.zipped(try input.applying(.sigmoid, operation: "softplus")) { $0 * $1 }]
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
  /// Both have one shape. With `t = tanh(a)` and `s = σ(b)` the derivatives are `(1 − t²) s` and
  /// `t s (1 − s)`; t and s are kept in place of a and b.
  ///
  /// - Throws: `TensorError.shape` when the shapes differ.
  public func gated(by gate: Tensor) throws(TensorError) -> Tensor {
    guard gate.shape == shape else {
      throw .shape(
        operation: "gated", shapes: [shape, gate.shape], fix: "the two must have one shape")
    }
    // Two passes of oneDNN's vector code and one product: measured at a third of one fused pass of ours.
    let t = try applying(.tanh, operation: "gated")
    let s = try gate.applying(.sigmoid, operation: "gated")
    return try Tape.record("gated", [self, gate], output: t.zipped(s) { $0 * $1 }) {
      (upstream, needed) throws(TensorError) in
      [
        needed[0] ? upstream.zipped(t, s) { $0 * (1 - $1 * $1) * $2 } : nil,
        needed[1] ? upstream.zipped(t, s) { $0 * $1 * $2 * (1 - $2) } : nil,
      ]
    }
  }
}
