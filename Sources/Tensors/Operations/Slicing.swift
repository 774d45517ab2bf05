import Compute

extension Tensor {
  /// A range of any dimension, every `stride`-th of it.
  ///
  /// Shapes: size `k` of dimension `axis` becomes `range.count / stride`, rounded up. Of the leading
  /// dimension `rows` gives a range without a copy.
  ///
  /// - Throws: `TensorError.argument` for a dimension that is not there, a range beyond it, or a
  ///   stride below 1.
  public func sliced(
    axis: Int, range: Range<Int>, stride: Int = 1
  ) throws(TensorError) -> Tensor {
    let operation = "sliced"
    guard (0..<rank).contains(axis) else {
      throw .argument(
        operation: operation, name: "axis", value: "\(axis)",
        fix: rank > 0 ? "name a dimension from 0 to \(rank - 1)" : "a scalar has none")
    }
    guard range.lowerBound >= 0, range.upperBound <= shape[axis] else {
      throw .argument(
        operation: operation, name: "range", value: "\(range)",
        fix: "dimension \(axis) has \(shape[axis]) of them, counted from 0")
    }
    try TensorError.check(["stride": stride], atLeast: 1, operation: operation)
    var part = shape
    part[axis] = (range.count + stride - 1) / stride
    let slice = Slice(
      outer: shape[..<axis].product, size: shape[axis], start: range.lowerBound, stride: stride,
      count: part[axis], inner: shape[(axis + 1)...].product)
    let output = withExtendedLifetime(self) {
      Tensor.written(part) { slice.read(pointer, into: $0) }
    }
    let whole = shape
    return try Tape.record(operation, [self], output: output) {
      (upstream, _) throws(TensorError) in
      [
        withExtendedLifetime(upstream) {
          Tensor.written(whole) { slice.write(upstream.pointer, into: $0) }
        }
      ]
    }
  }
}

/// Some of the middle dimension of `[outer, size, inner]`.
private struct Slice: Sendable {
  let outer: Int
  let size: Int
  let start: Int
  let stride: Int
  let count: Int
  let inner: Int

  /// What is copied at once: everything between two gaps.
  private var piece: (count: Int, values: Int) {
    stride == 1 ? (1, count * inner) : (count, inner)
  }

  func read(_ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>) {
    let (pieces, values) = piece
    Parallel.ranges(outer, grain: max(1, Elementwise.grain / max(1, count * inner))) { range in
      for o in range {
        for k in 0..<pieces {
          (target + (o * pieces + k) * values).copy(
            source + (o * size + start + k * stride) * inner, values)
        }
      }
    }
  }

  /// The adjoint of `read`: zero where nothing was read.
  func write(_ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>) {
    let (pieces, values) = piece
    Parallel.ranges(outer, grain: max(1, Elementwise.grain / max(1, size * inner))) { range in
      for o in range {
        (target + o * size * inner).update(repeating: 0, count: size * inner)
        for k in 0..<pieces {
          (target + (o * size + start + k * stride) * inner).copy(
            source + (o * pieces + k) * values, values)
        }
      }
    }
  }
}
