import Compute

extension Tensor {
  /// A draw from the normal distribution with these means, as a differentiable function of its
  /// parameters: `z = μ + factor · σ ε` with `σ = e^(s/2)` and ε from the standard normal distribution
  /// (Kingma and Welling, 2014, section 2.4).
  ///
  /// Shapes: means and log-variances s agree, and so does the result. The derivatives are `g` and
  /// `½ g · factor · σ ε`.
  ///
  /// - Throws: `TensorError.shape` when the shapes differ.
  public func reparameterised(
    logVariance: Tensor, factor: Float = 1, using generator: inout Generator
  ) throws(TensorError) -> Tensor {
    let noise = Tensor.normal(shape, deviation: factor, using: &generator)
    return try reparameterised(logVariance: logVariance, noise: noise)
  }

  /// The same with the noise `factor · ε` given: `z = μ + σ · noise`; the noise is a constant.
  ///
  /// - Throws: `TensorError.shape` when the shapes differ.
  public func reparameterised(
    logVariance: Tensor, noise: Tensor
  ) throws(TensorError) -> Tensor {
    guard logVariance.shape == shape, noise.shape == shape else {
      throw .shape(
        operation: "reparameterised", shapes: [shape, logVariance.shape, noise.shape],
        fix: "all must have one shape")
    }
    let (s, noise, shape, count) = (logVariance.detached, noise.detached, shape, count)
    let output = withExtendedLifetime((self, s, noise)) {
      Tensor.written(shape) {
        NormalDraw.forward(
          mean: pointer, logVariance: s.pointer, noise: noise.pointer, into: $0, count: count)
      }
    }
    return try Tape.record("reparameterised", [self, logVariance], output: output) {
      (upstream, needed) throws(TensorError) in
      [
        upstream,
        needed[1]
          ? withExtendedLifetime((upstream, s, noise)) {
            .written(shape) {
              NormalDraw.backward(
                upstream.pointer, logVariance: s.pointer, noise: noise.pointer, into: $0,
                count: count)
            }
          } : nil,
      ]
    }
  }
}
