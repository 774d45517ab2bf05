import Compute

extension Tensor {
  /// A range of the leading dimension, without a copy.
  ///
  /// - Throws: `TensorError.argument` when the range is not within it.
  public func rows(_ range: Range<Int>) throws(TensorError) -> Tensor {
    try checkRange(range, axis: 0, operation: "rows")
    let width = shape.dropFirst().product
    let (all, start) = (shape, range.lowerBound * width)
    let output = Tensor(
      shape: [range.count] + shape.dropFirst(), buffer: buffer, offset: offset + start)
    return try Tape.record("rows", [self], output: output) {
      (upstream, _) throws(TensorError) in
      [
        upstream.withUnsafeScalars { part in
          Tensor(shape: all) { target in
            target.update(repeating: 0)
            _ = target[start...].update(fromContentsOf: part)
          }
        }
      ]
    }
  }

  /// A range of the last dimension.
  ///
  /// - Throws: `TensorError.argument` when the range is not within it.
  public func columns(_ range: Range<Int>) throws(TensorError) -> Tensor {
    try checkRange(range, axis: rank - 1, operation: "columns")
    let (all, width) = (shape, shape[rank - 1])
    let outer = shape.dropLast().product
    let output = withExtendedLifetime(self) {
      Tensor.written(shape.dropLast() + [range.count]) { target in
        for row in 0..<outer {
          (target + row * range.count).update(
            from: pointer + row * width + range.lowerBound, count: range.count)
        }
      }
    }
    return try Tape.record("columns", [self], output: output) {
      (upstream, _) throws(TensorError) in
      [
        withExtendedLifetime(upstream) {
          Tensor.written(all) { target in
            target.update(repeating: 0, count: all.product)
            for row in 0..<outer {
              (target + row * width + range.lowerBound).update(
                from: upstream.pointer + row * range.count, count: range.count)
            }
          }
        }
      ]
    }
  }

  private func checkRange(
    _ range: Range<Int>, axis: Int, operation: String
  ) throws(TensorError) {
    guard rank > 0, range.lowerBound >= 0, range.upperBound <= shape[axis] else {
      throw .argument(
        operation: operation, name: "range", value: "\(range)",
        fix: rank > 0
          ? "the dimension has \(shape[axis]) of them, counted from 0" : "a scalar has none")
    }
  }

  /// Joins tensors along a dimension; the other sizes agree.
  ///
  /// - Throws: `TensorError.shape` when they do not; `TensorError.argument` when there is no tensor
  ///   or no such dimension.
  public static func concatenated(
    _ tensors: [Tensor], axis: Int
  ) throws(TensorError) -> Tensor {
    guard let model = tensors.first else {
      throw .argument(
        operation: "concatenated", name: "tensors", value: "[]", fix: "give at least one")
    }
    guard (0..<model.rank).contains(axis) else {
      throw .argument(
        operation: "concatenated", name: "axis", value: "\(axis)",
        fix: "name a dimension from 0 to \(model.rank - 1)")
    }
    for tensor in tensors {
      var shape = tensor.shape
      if tensor.rank == model.rank { shape[axis] = model.shape[axis] }
      guard shape == model.shape else {
        throw .shape(
          operation: "concatenated", shapes: tensors.map(\.shape),
          fix: "all sizes but that of dimension \(axis) must agree")
      }
    }
    var shape = model.shape
    shape[axis] = tensors.reduce(0) { $0 + $1.shape[axis] }
    let (outer, width) = (shape[..<axis].product, shape[axis...].product)
    let output = Tensor.written(shape) { target in
      var start = 0
      for tensor in tensors {
        let part = tensor.shape[axis...].product
        tensor.withUnsafeScalars { values in
          guard let values = values.baseAddress else { return }
          for row in 0..<outer {
            (target + row * width + start).update(from: values + row * part, count: part)
          }
        }
        start += part
      }
    }
    let shapes = tensors.map(\.shape)
    return try Tape.record("concatenated", tensors, output: output) {
      (upstream, needed) throws(TensorError) in
      var start = 0
      var parts: [Tensor?] = []
      for (shape, needed) in zip(shapes, needed) {
        let part = shape[axis...].product
        let offset = start
        start += part
        guard needed else {
          parts.append(nil)
          continue
        }
        parts.append(
          withExtendedLifetime(upstream) {
            Tensor.written(shape) { target in
              for row in 0..<outer {
                (target + row * part).update(
                  from: upstream.pointer + row * width + offset, count: part)
              }
            }
          })
      }
      return parts
    }
  }
}
