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
    try Tensor.checkBias(bias, outputs: outputs, weight: weight, operation: "linear")
    let rows = shape.dropLast().product
    let shapes = [shape, weight.shape]
    let output = try computing("linear", shapes) { () throws(ComputeError) in
      try withExtendedLifetime((self, weight, bias)) { () throws(ComputeError) in
        try Tensor.written(shape.dropLast() + [outputs]) { (target) throws(ComputeError) in
          if let bias {
            for row in 0..<rows {
              (target + row * outputs).update(from: bias.pointer, count: outputs)
            }
          }
          try MatrixProduct.multiply(
            rows: rows, columns: outputs, inner: inputs, pointer, weight.pointer,
            transposingRight: true, into: target, beta: bias == nil ? 0 : 1,
            factors: precision.factors)
        }
      }
    }
    let (x, w) = (detached, weight.detached)
    let parts = [self, weight] + (bias.map { [$0] } ?? [])
    return try Tape.record("linear", parts, output: output) {
      (upstream, needed) throws(TensorError) in
      try computing("gradient of linear", shapes) { () throws(ComputeError) in
        var gradients = [Tensor?](repeating: nil, count: needed.count)
        if needed[0] {
          gradients[0] = try .written(x.shape) { (target) throws(ComputeError) in
            try MatrixProduct.multiply(
              rows: rows, columns: inputs, inner: outputs, upstream.pointer, w.pointer,
              into: target, factors: precision.factors)
          }
        }
        if needed[1] {
          gradients[1] = try .written(w.shape) { (target) throws(ComputeError) in
            try MatrixProduct.multiply(
              rows: outputs, columns: inputs, inner: rows, upstream.pointer, x.pointer,
              transposingLeft: true, into: target, factors: precision.factors)
          }
        }
        if needed.count == 3, needed[2] {
          gradients[2] = upstream.summedMiddle(
            outer: 1, reduced: rows, inner: outputs, shape: [outputs])
        }
        withExtendedLifetime((upstream, x, w)) {}
        return gradients
      }
    }
  }
}
