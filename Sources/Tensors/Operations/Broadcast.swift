import Compute

extension Tensor {
  /// Repeats the values along dimensions of size 1, and along new leading dimensions.
  ///
  /// The shapes are aligned at their ends; each size is that of `shape` or 1. `[3, 1]` becomes
  /// `[2, 3, 4]`, for example.
  ///
  /// - Throws: `TensorError.shape` when the sizes do not fit.
  public func broadcast(to shape: [Int]) throws(TensorError) -> Tensor {
    let padded = [Int](repeating: 1, count: Swift.max(0, shape.count - rank)) + self.shape
    guard rank <= shape.count, zip(padded, shape).allSatisfy({ $0 == $1 || $0 == 1 }),
      shape.allSatisfy({ $0 >= 0 })
    else {
      throw .shape(
        operation: "broadcast", shapes: [self.shape, shape],
        fix: "aligned at their ends, each size must be the target's or 1")
    }
    let output = Tensor(shape: padded, buffer: buffer, offset: offset).spread(to: shape)
    let own = self.shape
    let axes = shape.indices.filter { padded[$0] != shape[$0] }
    return try Tape.record("broadcast", [self], output: output) {
      (upstream, _) throws(TensorError) in
      [try upstream.sum(axes: axes).reshaped(own)]
    }
  }

  /// Repeats along the dimensions of size 1 of a tensor of the same rank.
  func spread(to target: [Int]) -> Tensor {
    var (result, end) = (detached, rank)
    while let last = (0..<end).last(where: { shape[$0] != target[$0] }) {
      var start = last
      while start > 0, shape[start - 1] != target[start - 1] { start -= 1 }
      let (outer, inner) = (shape[..<start].product, target[(last + 1)...].product)
      let repeated = target[start...last].product
      let source = result
      result = withExtendedLifetime(source) {
        .written([outer * repeated * inner]) { values in
          Reduction.repeatMiddle(
            source.pointer, outer: outer, repeated: repeated, inner: inner, into: values)
        }
      }
      end = start
    }
    return Tensor(shape: target, buffer: result.buffer, offset: result.offset)
  }
}
