import Compute

extension Tensor {
  /// The sum of all values, a scalar.
  public func sum() throws(TensorError) -> Tensor {
    let shape = shape
    return try Tape.record("sum", [self], output: Tensor(total)) {
      (upstream, _) throws(TensorError) in
      [.filled(upstream.first, shape: shape)]
    }
  }

  /// The mean of all values, a scalar.
  ///
  /// - Throws: `TensorError.shape` when there are none.
  public func mean() throws(TensorError) -> Tensor {
    guard count > 0 else {
      throw .shape(operation: "mean", shapes: [shape], fix: "there is no mean of no values")
    }
    let (shape, count) = (shape, Float(count))
    return try Tape.record("mean", [self], output: Tensor(total / count)) {
      (upstream, _) throws(TensorError) in
      [.filled(upstream.first / count, shape: shape)]
    }
  }

  /// The sums over some dimensions, which disappear from the shape.
  ///
  /// - Throws: `TensorError.argument` for dimensions that are not there or are named twice.
  public func sum(axes: [Int]) throws(TensorError) -> Tensor {
    try reduced(axes, factor: 1, operation: "sum")
  }

  /// The means over some dimensions, which disappear from the shape.
  ///
  /// - Throws: `TensorError.argument` for dimensions that are not there or are named twice;
  ///   `TensorError.shape` when one of them is empty.
  public func mean(axes: [Int]) throws(TensorError) -> Tensor {
    try checkAxes(axes, operation: "mean")
    let values = axes.map { shape[$0] }.product
    guard values > 0 else {
      throw .shape(operation: "mean", shapes: [shape], fix: "there is no mean of no values")
    }
    return try reduced(axes, factor: 1 / Float(values), operation: "mean")
  }

  private func checkAxes(_ axes: [Int], operation: String) throws(TensorError) {
    guard axes.allSatisfy({ (0..<rank).contains($0) }), Set(axes).count == axes.count else {
      throw .argument(
        operation: operation, name: "axes", value: "\(axes)",
        fix: "name each dimension once, from 0 to \(rank - 1)")
    }
  }

  private func reduced(
    _ axes: [Int], factor: Float, operation: String
  ) throws(TensorError) -> Tensor {
    try checkAxes(axes, operation: operation)
    let removed = Set(axes)
    let kept = shape.indices.filter { !removed.contains($0) }.map { shape[$0] }
    let spread = shape.indices.map { removed.contains($0) ? 1 : shape[$0] }
    // Neighbouring dimensions are summed together, the last ones first.
    var (result, end, factorLeft) = (detached, rank, factor)
    while let last = (0..<end).last(where: removed.contains) {
      var start = last
      while start > 0, removed.contains(start - 1) { start -= 1 }
      let (outer, middle) = (shape[..<start].product, shape[start...last].product)
      let inner = outer * middle == 0 ? shape[(last + 1)...].product : result.count / outer / middle
      result = result.summedMiddle(
        outer: outer, reduced: middle, inner: inner, factor: factorLeft, shape: [outer * inner])
      (end, factorLeft) = (start, 1)
    }
    result = Tensor(shape: kept, buffer: result.buffer, offset: result.offset)
    let whole = shape
    return try Tape.record(operation, [self], output: result) {
      (upstream, _) throws(TensorError) in
      let spread = Tensor(shape: spread, buffer: upstream.buffer, offset: upstream.offset)
      let gradient = spread.spread(to: whole)
      return [factor == 1 ? gradient : gradient.mapped { factor * $0 }]
    }
  }

  /// The sum of all values.
  var total: Float {
    withExtendedLifetime(self) { Reduction.sum(pointer, count: count) }
  }

  /// The first value; the only one of a scalar.
  var first: Float { withUnsafeScalars { $0[0] } }

  /// Sums the middle of `[outer, reduced, inner]` and gives the result a shape.
  func summedMiddle(
    outer: Int, reduced: Int, inner: Int, factor: Float = 1, shape: [Int]
  ) -> Tensor {
    withExtendedLifetime(self) {
      .written(shape) { target in
        Reduction.sumMiddle(
          pointer, outer: outer, reduced: reduced, inner: inner, factor: factor, into: target)
      }
    }
  }
}

extension ArraySlice<Int> {
  /// The product of the sizes.
  var product: Int { reduce(1, *) }
}
