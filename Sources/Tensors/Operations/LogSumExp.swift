import Compute
import Glibc

extension Tensor {
  /// `log Σ eˣ` over a dimension, which disappears from the shape, of the values that a mask keeps.
  ///
  /// The mask has the tensor's shape or that of its last dimensions, and keeps where it is not zero; no
  /// mask keeps all. The derivative is the softmax among the kept values, and zero for the others. The
  /// greatest kept value is taken out first, so that nothing overflows.
  ///
  /// - Throws: `TensorError.argument` for a dimension that is not there, or a mask that leaves nothing
  ///   of a row: the sum would be empty, its logarithm −∞ and its derivative no number.
  ///   `TensorError.shape` for an empty dimension or a mask that does not fit.
  public func logSumExp(axis: Int, mask: Tensor? = nil) throws(TensorError) -> Tensor {
    guard shape.indices.contains(axis) else {
      throw .argument(
        operation: "logSumExp", name: "axis", value: "\(axis)",
        fix: rank > 0 ? "name a dimension from 0 to \(rank - 1)" : "a scalar has no dimensions")
    }
    guard axis == rank - 1 else {
      // Along the last dimension the values of a row are neighbours; there and back is a copy each.
      let (outer, size, inner) = (
        shape[..<axis].product, shape[axis], shape[(axis + 1)...].product
      )
      var kept = shape
      kept.remove(at: axis)
      let turned = try reshaped([outer, size, inner]).lastTwoTransposed()
      let turnedMask = try mask?.masking(self, operation: "logSumExp")
        .reshaped([outer, size, inner]).lastTwoTransposed()
      return try turned.logSumExp(axis: 2, mask: turnedMask).reshaped(kept)
    }
    let width = try rowWidth("logSumExp")
    let rows = try MaskedRows(self, mask, width, operation: "logSumExp")
    let output = withExtendedLifetime(self) {
      Tensor.written(Array(shape.dropLast())) { target in
        Parallel.ranges(count / width, grain: Swift.max(1, Elementwise.grain / 4 / width)) {
          range in
          for row in range { target[row] = rows.logSumExp(pointer, row) }
        }
      }
    }
    let input = detached
    return try Tape.record("logSumExp", [self], output: output) {
      (upstream, _) throws(TensorError) in
      [
        withExtendedLifetime((upstream, output)) {
          input.eachRow(width) { x, _, target, row in
            let (g, sum) = (upstream.pointer[row], output.pointer[row])
            rows.map(x, row, into: target) { ($0 - sum).exponential * g }
          }
        }
      ]
    }
  }

  /// The softmax over the last dimension among the values that a mask keeps; zero for the others.
  ///
  /// The mask has the tensor's shape or that of its last dimensions, and keeps where it is not zero.
  ///
  /// - Throws: `TensorError.argument` for a mask that leaves nothing of a row: no distribution is
  ///   nowhere. `TensorError.shape` for an empty last dimension or a mask that does not fit.
  public func softmax(mask: Tensor) throws(TensorError) -> Tensor {
    let width = try rowWidth("softmax")
    let rows = try MaskedRows(self, mask, width, operation: "softmax")
    let output = eachRow(width) { x, _, target, row in
      let sum = rows.logSumExp(x - row * width, row)
      rows.map(x, row, into: target) { ($0 - sum).exponential }
    }
    return try Tape.record("softmax", [self], output: output) {
      (upstream, _) throws(TensorError) in
      // p · (g − Σ g p)
      [
        upstream.eachRow(width, output) { g, p, target, _ in
          let along = dot(g, p, width)
          Elementwise.zip(0..<width, g, p, into: target) { $1 * ($0 - along) }
        }
      ]
    }
  }

  /// This mask, repeated to the shape of `values`.
  fileprivate func masking(_ values: Tensor, operation: String) throws(TensorError) -> Tensor {
    guard rank <= values.rank, Array(values.shape.suffix(rank)) == shape else {
      throw .shape(
        operation: operation, shapes: [values.shape, shape],
        fix: "the mask must have the tensor's shape, or that of its last dimensions")
    }
    return try detached.broadcast(to: values.shape)
  }

  /// Exchanges the last two of three dimensions.
  private func lastTwoTransposed() throws(TensorError) -> Tensor {
    try Tape.record("transposed", [self], output: lastTwoTurned()) {
      (upstream, _) throws(TensorError) in [upstream.lastTwoTurned()]
    }
  }

  private func lastTwoTurned() -> Tensor {
    let (outer, rows, columns) = (shape[0], shape[1], shape[2])
    return withExtendedLifetime(self) {
      .written([outer, columns, rows]) { target in
        Parallel.ranges(outer, grain: Swift.max(1, Elementwise.grain / (rows * columns + 1))) {
          for o in $0 {
            let (from, to) = (pointer + o * rows * columns, target + o * rows * columns)
            for j in 0..<columns { for i in 0..<rows { to[j * rows + i] = from[i * columns + j] } }
          }
        }
      }
    }
  }
}

/// Rows of values of which a mask keeps some; −∞ stands for the others.
private struct MaskedRows: Sendable {
  let mask: Tensor?
  let width: Int
  /// Rows of the mask, which serves again for each of the leading places.
  let period: Int

  init(
    _ values: Tensor, _ mask: Tensor?, _ width: Int, operation: String
  ) throws(TensorError) {
    (self.mask, self.width) = (mask?.detached, width)
    guard let mask else {
      period = 1
      return
    }
    guard mask.rank > 0, mask.rank <= values.rank,
      Array(values.shape.suffix(mask.rank)) == mask.shape
    else {
      throw .shape(
        operation: operation, shapes: [values.shape, mask.shape],
        fix: "the mask must have the tensor's shape, or that of its last dimensions")
    }
    period = Swift.max(1, mask.count / width)
    let empty = mask.withUnsafeScalars { kept in
      (0..<kept.count / width).first { row in
        kept[row * width..<(row + 1) * width].allSatisfy { $0 == 0 }
      }
    }
    if let empty {
      throw .argument(
        operation: operation, name: "mask", value: "zero all along row \(empty)",
        fix: "keep at least one value of each row")
    }
  }

  /// Sixteen values of a row from `i` on, −∞ where the mask or the row's end excludes them.
  @inline(__always)
  func load(_ x: UnsafePointer<Float>, _ row: Int, _ i: Int) -> Elementwise.Vector {
    let lanes = width &- i
    var value = lanes >= 16 ? Elementwise.load(x + i) : Elementwise.load(x + i, lanes)
    if let mask {
      let kept = mask.pointer + (row % period * width + i)
      let keep = lanes >= 16 ? Elementwise.load(kept) : Elementwise.load(kept, lanes)
      value.replace(with: -.infinity, where: keep .== 0)
    }
    if lanes < 16 { value.replace(with: -.infinity, where: laneNumbers .>= Float(lanes)) }
    return value
  }

  /// The logarithm of the sum of a row of `values`, the first of which is that of row 0.
  @inline(__always)
  func logSumExp(_ values: UnsafePointer<Float>, _ row: Int) -> Float {
    let x = values + row * width
    var greatest = Elementwise.Vector(repeating: -.infinity)
    for i in stride(from: 0, to: width, by: 16) {
      let value = load(x, row, i)
      greatest.replace(with: value, where: value .> greatest)
    }
    let shift = greatest.max().isFinite ? greatest.max() : 0
    var sum = Elementwise.Vector.zero
    for i in stride(from: 0, to: width, by: 16) { sum += (load(x, row, i) - shift).exponential }
    return shift + logf(sum.sum())
  }

  /// Writes `transform` of a row, which is given −∞ for what the mask excludes.
  @inline(__always)
  func map(
    _ x: UnsafePointer<Float>, _ row: Int, into y: UnsafeMutablePointer<Float>,
    _ transform: (Elementwise.Vector) -> Elementwise.Vector
  ) {
    for i in stride(from: 0, to: width, by: 16) {
      let value = transform(load(x, row, i))
      if width &- i >= 16 {
        Elementwise.store(value, y + i)
      } else {
        Elementwise.store(value, y + i, width &- i)
      }
    }
  }
}
