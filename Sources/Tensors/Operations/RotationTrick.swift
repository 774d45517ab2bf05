import Compute

extension Tensor {
  /// The quantised vectors, with a gradient that reaches this tensor through the rotation and scaling
  /// that take each of its vectors there: the rotation trick (Fifty et al., 2024).
  ///
  /// Both have one shape `[..., D]`. With ê and q̂ the directions of a vector e of this tensor and its
  /// `quantised` q, `r = (ê + q̂) / ‖ê + q̂‖` and the constant `R = I − 2 r rᵀ + 2 q̂ êᵀ`, the value is
  /// `q = (‖q‖ / ‖e‖) R e` and the gradient for e is `(‖q‖ / ‖e‖) Rᵀ g`; `quantised` gets none.
  ///
  /// A vector of zeros has no direction: for e = 0 the gradient passes straight through, as in
  /// `straightThrough(to:)`, and for q = 0 it is zero. Where q points opposite to e, r is taken as zero,
  /// so that R mirrors e.
  ///
  /// - Throws: `TensorError.shape` when the shapes differ, or for a scalar or an empty last dimension.
  public func rotated(onto quantised: Tensor) throws(TensorError) -> Tensor {
    let operation = "rotated"
    guard quantised.shape == shape else {
      throw .shape(
        operation: operation, shapes: [shape, quantised.shape],
        fix: "the two must have one shape")
    }
    let width = try rowWidth(operation)
    let (encoded, codes) = (detached, quantised.detached)
    return try Tape.record(operation, [self], output: codes) {
      (upstream, _) throws(TensorError) in
      let (e, q) = (encoded.pointer, codes.pointer)
      return [
        withExtendedLifetime((encoded, codes)) {
          upstream.eachRow(width) { g, _, target, row in
            let (e, q) = (e + row * width, q + row * width)
            let (eLength, qLength) = (dot(e, e, width).squareRoot(), dot(q, q, width).squareRoot())
            guard eLength != 0 else { return target.update(from: g, count: width) }
            guard qLength != 0 else { return target.update(repeating: 0, count: width) }
            // Rᵀ g = g − 2 r (r·g) + 2 ê (q̂·g), where ‖ê + q̂‖² = 2 + 2 ê·q̂.
            let (byE, byQ) = (1 / eLength, 1 / qLength)
            let (alongE, alongQ) = (dot(e, g, width) * byE, dot(q, g, width) * byQ)
            // Summed from the vectors, as 2 + 2 ê·q̂ cancels where they are opposite.
            let square = directionSumSquare(e, byE, q, byQ, width)
            let r = square > 1e-10 ? 2 * (alongE + alongQ) / square : 0
            let (scale, ofE, ofQ) = (qLength * byE, (2 * alongQ - r) * byE, -r * byQ)
            Elementwise.zip(0..<width, g, e, q, into: target) {
              ($0 + $1 * ofE + $2 * ofQ) * scale
            }
          }
        }
      ]
    }
  }
}

/// `‖a · byA + b · byB‖²`, in an order that depends on the width alone.
private func directionSumSquare(
  _ a: UnsafePointer<Float>, _ byA: Float, _ b: UnsafePointer<Float>, _ byB: Float, _ width: Int
) -> Float {
  var (sums, i) = (Elementwise.Vector.zero, 0)
  while i < width {
    let lanes = Swift.min(16, width &- i)
    let sum =
      lanes == 16
      ? Elementwise.load(a + i) * byA + Elementwise.load(b + i) * byB
      : Elementwise.load(a + i, lanes) * byA + Elementwise.load(b + i, lanes) * byB
    sums += sum * sum
    i &+= lanes
  }
  return sums.sum()
}
