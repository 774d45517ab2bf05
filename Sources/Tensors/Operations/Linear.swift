import Compute

extension Tensor {
  /// A fully connected layer: `x · weightᵀ + bias`.
  ///
  /// Shapes: `[..., in]` with `weight` `[out, in]` and `bias` `[out]` gives `[..., out]`.
  ///
  /// - Throws: `TensorError.shape` when they do not fit; `TensorError.argument` for a precision that the
  ///   processor does not have.
  public func linear(
    weight: Tensor, bias: Tensor? = nil, precision: Precision = .float32
  ) throws(TensorError) -> Tensor {
    try precision.check(for: "linear")
    guard weight.rank == 2, rank >= 1, shape[rank - 1] == weight.shape[1] else {
      throw .shape(
        operation: "linear", shapes: [shape, weight.shape],
        fix: "the weight is [out, in], and the input's last size must be in")
    }
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    if let bias, bias.shape != [outputs] {
      throw .shape(
        operation: "linear", shapes: [weight.shape, bias.shape],
        fix: "the bias must have the shape [\(outputs)]")
    }
    let rows = shape.dropLast().product
    let output = withExtendedLifetime((self, weight, bias)) {
      Tensor.written(shape.dropLast() + [outputs]) { target in
        if let bias {
          for row in 0..<rows {
            (target + row * outputs).update(from: bias.pointer, count: outputs)
          }
        }
        MatrixProduct.multiply(
          rows: rows, columns: outputs, inner: inputs, pointer, weight.pointer,
          transposingRight: true, into: target, beta: bias == nil ? 0 : 1,
          factors: precision.factors)
      }
    }
    let (x, w) = (detached, weight.detached)
    let parts = [self, weight] + (bias.map { [$0] } ?? [])
    return try Tape.record("linear", parts, output: output) {
      (upstream, needed) throws(TensorError) in
      withExtendedLifetime((upstream, x, w)) {
        let source: Tensor? =
          !needed[0]
          ? nil
          : .written(x.shape) { target in
            MatrixProduct.multiply(
              rows: rows, columns: inputs, inner: outputs, upstream.pointer, w.pointer,
              into: target, factors: precision.factors)
          }
        let weight: Tensor? =
          !needed[1]
          ? nil
          : .written(w.shape) { target in
            MatrixProduct.multiply(
              rows: outputs, columns: inputs, inner: rows, upstream.pointer, x.pointer,
              transposingLeft: true, into: target, factors: precision.factors)
          }
        guard needed.count == 3 else { return [source, weight] }
        let bias =
          needed[2]
          ? upstream.summedMiddle(outer: 1, reduced: rows, inner: outputs, shape: [outputs])
          : nil
        return [source, weight, bias]
      }
    }
  }
}
