import Compute
import Glibc

// Distributions over the last dimension, given by logits of any size; everything is in nats.

extension Tensor {
  /// The entropy of the softmax over the last dimension: `−Σ p log p`, from `[..., K]` to `[...]`.
  ///
  /// The derivative is `−p (log p + entropy)`.
  ///
  /// - Throws: `TensorError.shape` for a scalar or an empty last dimension.
  public func entropy() throws(TensorError) -> Tensor {
    let width = try rowWidth("entropy")
    let logarithms = try detached.logSoftmax()
    let output = logarithms.rowSums(width, logarithms) { l, _ in -(l.weighted(by: l.exponential)) }
    return try Tape.record("entropy", [self], output: output) {
      (upstream, _) throws(TensorError) in
      [
        withExtendedLifetime((upstream, output)) {
          logarithms.eachRow(width) { l, _, target, row in
            let (g, sum) = (upstream.pointer[row], output.pointer[row])
            Elementwise.map(0..<width, l, into: target) {
              ($0 + sum).weighted(by: $0.exponential) * -g
            }
          }
        }
      ]
    }
  }

  /// The Kullback-Leibler divergence of the softmax p of these logits from the softmax q of others:
  /// `Σ p (log p − log q)`, from `[..., K]` twice to `[...]`.
  ///
  /// The derivatives are `p (log p − log q − divergence)` and `q − p`.
  ///
  /// - Throws: `TensorError.shape` when the shapes differ, for a scalar or an empty last dimension.
  public func categoricalDivergence(fromLogits other: Tensor) throws(TensorError) -> Tensor {
    let operation = "categoricalDivergence"
    guard other.shape == shape else {
      throw .shape(
        operation: operation, shapes: [shape, other.shape], fix: "the two must have one shape")
    }
    let width = try rowWidth(operation)
    let (p, q) = (try detached.logSoftmax(), try other.detached.logSoftmax())
    let output = p.rowSums(width, q) { ($0 - $1).weighted(by: $0.exponential) }
    return try Tape.record(operation, [self, other], output: output) {
      (upstream, needed) throws(TensorError) in
      withExtendedLifetime((upstream, output)) {
        [
          !needed[0]
            ? nil
            : p.eachRow(width, q) { p, q, target, row in
              let (g, sum) = (upstream.pointer[row], output.pointer[row])
              Elementwise.zip(0..<width, p, q, into: target) {
                ($0 - $1 - sum).weighted(by: $0.exponential) * g
              }
            },
          !needed[1]
            ? nil
            : p.eachRow(width, q) { p, q, target, row in
              let g = upstream.pointer[row]
              Elementwise.zip(0..<width, p, q, into: target) {
                ($1.exponential - $0.exponential) * g
              }
            },
        ]
      }
    }
  }

  /// The Kullback-Leibler divergence of target distributions t from the softmax q of these logits:
  /// `Σ t (log t − log q)`, from `[..., K]` twice to `[...]`.
  ///
  /// The targets are constants, of sum 1 a row (a teacher's probabilities, or mixed labels), and
  /// `0 log 0` is 0. The derivative is `q Σt − t`.
  ///
  /// - Throws: `TensorError.shape` when the shapes differ, for a scalar or an empty last dimension;
  ///   `TensorError.argument` for a negative probability.
  public func divergence(ofTargets targets: Tensor) throws(TensorError) -> Tensor {
    guard targets.shape == shape else {
      throw .shape(
        operation: "divergence", shapes: [shape, targets.shape], fix: "the two must have one shape")
    }
    let width = try rowWidth("divergence")
    if let stray = targets.withUnsafeScalars({ $0.first { $0 < 0 } }) {
      throw .argument(
        operation: "divergence", name: "targets", value: "\(stray)",
        fix: "they are probabilities, at least 0")
    }
    let (t, q) = (targets.detached, try detached.logSoftmax())
    let output = t.rowSums(width, q) {
      // Zeros, and the subnormal, count for nothing.
      let least = Elementwise.Vector(repeating: .leastNormalMagnitude)
      return ($0.replacing(with: least, where: $0 .< least).naturalLogarithm - $1)
        .weighted(by: $0)
    }
    let sums = t.rowSums(width, t) { t, _ in t }
    return try Tape.record("divergence", [self], output: output) {
      (upstream, _) throws(TensorError) in
      [
        withExtendedLifetime((upstream, sums)) {
          q.eachRow(width, t) { q, t, target, row in
            let (g, sum) = (upstream.pointer[row], sums.pointer[row])
            Elementwise.zip(0..<width, q, t, into: target) { ($0.exponential * sum - $1) * g }
          }
        }
      ]
    }
  }

  /// The bound of an example whose class is not known, from the bounds under each class:
  /// `U = Σ q (ℓ − log q + log p)`, where q is the softmax of these logits.
  ///
  /// Shapes: logits and bounds ℓ `[N, K]`, the logarithm of the prior p `[K]` (uniform unless given),
  /// give `[N]`. The sum over the classes is exact; the derivatives are
  /// `q (ℓ − log q + log p − U)` for the logits and `q` for the bounds (Kingma et al., 2014, equation 7).
  ///
  /// - Throws: `TensorError.shape` when the shapes do not fit or the batch is empty.
  public func marginalBound(
    of bounds: Tensor, logPrior: Tensor? = nil
  ) throws(TensorError) -> Tensor {
    let classes = shape.last ?? 0
    guard rank == 2, count > 0, bounds.shape == shape,
      logPrior.map({ $0.shape == [classes] }) ?? true
    else {
      throw .shape(
        operation: "marginalBound",
        shapes: [shape, bounds.shape] + (logPrior.map { [$0.shape] } ?? []),
        fix: "logits and bounds are [N, K] with at least one example, and the prior is [K]")
    }
    let prior = logPrior?.detached ?? .filled(-logf(Float(classes)), shape: [classes])
    let q = try detached.logSoftmax()
    // What the mean under q is taken of: ℓ − log q + log p.
    let terms = try bounds.detached - q + prior
    let output = terms.rowSums(classes, q) { $0.weighted(by: $1.exponential) }
    return try Tape.record("marginalBound", [self, bounds], output: output) {
      (upstream, needed) throws(TensorError) in
      withExtendedLifetime((upstream, output)) {
        [
          !needed[0]
            ? nil
            : terms.eachRow(classes, q) { terms, q, target, row in
              let (g, sum) = (upstream.pointer[row], output.pointer[row])
              Elementwise.zip(0..<classes, terms, q, into: target) {
                ($0 - sum).weighted(by: $1.exponential) * g
              }
            },
          !needed[1]
            ? nil
            : q.eachRow(classes) { q, _, target, row in
              let g = upstream.pointer[row]
              Elementwise.map(0..<classes, q, into: target) { $0.exponential * g }
            },
        ]
      }
    }
  }

  /// Sums a function of two values along the last dimension.
  @inline(__always)
  private func rowSums(
    _ width: Int, _ other: Tensor,
    _ term: (Elementwise.Vector, Elementwise.Vector) -> Elementwise.Vector
  ) -> Tensor {
    let sums = exampleSums(width, other, other) { a, b, _ in term(a, b) }
    return Tensor(shape: Array(shape.dropLast()), buffer: sums.buffer, offset: 0)
  }
}

extension Elementwise.Vector {
  /// The product with a weight, where nothing times anything, infinity too, is nothing.
  @inline(__always)
  func weighted(by weight: Self) -> Self {
    (self * weight).replacing(with: 0, where: weight .== 0)
  }
}
