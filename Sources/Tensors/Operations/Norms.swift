import Compute

extension Tensor {
  /// Each row of the last dimension divided by its Euclidean norm: `x / max(‖x‖, epsilon)`.
  ///
  /// The gradient is `(g − y (y·g)) / ‖x‖`, and `g / epsilon` for rows shorter than epsilon.
  ///
  /// - Throws: `TensorError.shape` for a scalar or an empty last dimension; `TensorError.argument` for an
  ///   epsilon that is not positive.
  public func euclideanNormalised(epsilon: Float = 1e-12) throws(TensorError) -> Tensor {
    guard epsilon > 0 else {
      throw .argument(
        operation: "euclideanNormalised", name: "epsilon", value: "\(epsilon)",
        fix: "it must be positive, so that a row of zeros stays one")
    }
    let width = try rowWidth("euclideanNormalised")
    let norms = Buffer(count: count / width)
    let output = eachRow(width) { x, _, y, row in
      let norm = squareSum(x, width).squareRoot()
      norms.pointer[row] = norm
      let factor = 1 / Swift.max(norm, epsilon)
      Elementwise.map(0..<width, x, into: y) { $0 * factor }
    }
    return try Tape.record("euclideanNormalised", [self], output: output) {
      (upstream, _) throws(TensorError) in
      [
        withExtendedLifetime(norms) {
          upstream.eachRow(width, output) { g, y, target, row in
            let norm = norms.pointer[row]
            let factor = 1 / Swift.max(norm, epsilon)
            let along = norm > epsilon ? dot(g, y, width) : 0
            Elementwise.zip(0..<width, g, y, into: target) { ($0 - $1 * along) * factor }
          }
        }
      ]
    }
  }

  /// The squashing of capsules: each row s of the last dimension becomes `s · n / (1 + n²)` with
  /// `n = √(‖s‖² + epsilon)` (Sabour et al., 2017, equation 1).
  ///
  /// Epsilon within the root keeps the derivative of a row of zeros finite: with `f = n / (1 + n²)` it
  /// is `f g + (1 − n²) / (1 + n²)² · s (s·g) / n`.
  ///
  /// - Throws: `TensorError.shape` for a scalar or an empty last dimension; `TensorError.argument` for an
  ///   epsilon that is not positive.
  public func squashed(epsilon: Float = 1e-8) throws(TensorError) -> Tensor {
    guard epsilon > 0 else {
      throw .argument(
        operation: "squashed", name: "epsilon", value: "\(epsilon)",
        fix: "it must be positive, so that a row of zeros has a derivative")
    }
    let (width, input) = (try rowWidth("squashed"), detached)
    let output = eachRow(width) { s, _, y, _ in
      let square = squareSum(s, width) + epsilon
      let factor = square.squareRoot() / (1 + square)
      Elementwise.map(0..<width, s, into: y) { $0 * factor }
    }
    return try Tape.record("squashed", [self], output: output) {
      (upstream, _) throws(TensorError) in
      [
        upstream.eachRow(width, input) { g, s, target, _ in
          let square = squareSum(s, width) + epsilon
          let (n, rest) = (square.squareRoot(), 1 + square)
          let factor = n / rest
          let along = (1 - square) / (rest * rest) * dot(g, s, width) / n
          Elementwise.zip(0..<width, g, s, into: target) { $0 * factor + $1 * along }
        }
      ]
    }
  }
}

/// The sum of squares, in an order that depends on the width alone.
private func squareSum(_ x: UnsafePointer<Float>, _ width: Int) -> Float { dot(x, x, width) }

/// The inner product, in an order that depends on the width alone.
func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ width: Int) -> Float {
  var (sums, i) = (Elementwise.Vector.zero, 0)
  while i &+ 16 <= width {
    sums += Elementwise.load(a + i) * Elementwise.load(b + i)
    i &+= 16
  }
  var total = sums.sum()
  while i < width {
    total += a[i] * b[i]
    i &+= 1
  }
  return total
}
