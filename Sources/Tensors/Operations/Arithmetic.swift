import Compute

// Sums, differences, products and quotients of tensors. The right operand has the left one's shape,
// or the shape of its last dimensions (and serves for each of the leading ones), or a single value.

extension Tensor {
  /// The sum, value by value.
  ///
  /// The shape of `right` is that of `left`, or of its last dimensions, or it has a single value.
  ///
  /// - Throws: `TensorError.shape` for other shapes.
  public static func + (left: Tensor, right: Tensor) throws(TensorError) -> Tensor {
    let pairing = try Pairing(left, right, operation: "+")
    let output = pairing.combine(left, right, by: .sum)
    return try Tape.record("+", [left, right], output: output) {
      (upstream, needed) throws(TensorError) in
      [upstream, needed[1] ? pairing.reduce(upstream) : nil]
    }
  }

  /// The difference, value by value.
  ///
  /// The shape of `right` is that of `left`, or of its last dimensions, or it has a single value.
  ///
  /// - Throws: `TensorError.shape` for other shapes.
  public static func - (left: Tensor, right: Tensor) throws(TensorError) -> Tensor {
    let pairing = try Pairing(left, right, operation: "-")
    let output = pairing.combine(left, right, by: .difference)
    return try Tape.record("-", [left, right], output: output) {
      (upstream, needed) throws(TensorError) in
      [upstream, needed[1] ? pairing.reduce(upstream).scaled(by: -1) : nil]
    }
  }

  /// The product, value by value.
  ///
  /// The shape of `right` is that of `left`, or of its last dimensions, or it has a single value.
  ///
  /// - Throws: `TensorError.shape` for other shapes.
  public static func * (left: Tensor, right: Tensor) throws(TensorError) -> Tensor {
    let pairing = try Pairing(left, right, operation: "*")
    let output = pairing.combine(left, right, by: .product)
    let (a, b) = (left.detached, right.detached)
    return try Tape.record("*", [left, right], output: output) {
      (upstream, needed) throws(TensorError) in
      [
        needed[0] ? pairing.combine(upstream, b, by: .product) : nil,
        needed[1] ? pairing.reduce(upstream.combined(a, by: .product)) : nil,
      ]
    }
  }

  /// The quotient, value by value.
  ///
  /// The shape of `right` is that of `left`, or of its last dimensions, or it has a single value.
  ///
  /// - Throws: `TensorError.shape` for other shapes.
  public static func / (left: Tensor, right: Tensor) throws(TensorError) -> Tensor {
    let pairing = try Pairing(left, right, operation: "/")
    let output = pairing.combine(left, right, by: .quotient)
    let (quotient, b) = (output, right.detached)
    return try Tape.record("/", [left, right], output: output) {
      (upstream, needed) throws(TensorError) in
      let first = pairing.combine(upstream, b, by: .quotient)
      return [
        needed[0] ? first : nil,
        needed[1] ? pairing.reduce(first.zipped(quotient) { -$0 * $1 }) : nil,
      ]
    }
  }
}

/// How the values of two tensors meet.
private struct Pairing: Sendable {
  private enum Kind: Sendable {
    case same
    case row(width: Int)
    case one
  }

  private let kind: Kind
  private let rightShape: [Int]

  init(_ left: Tensor, _ right: Tensor, operation: String) throws(TensorError) {
    rightShape = right.shape
    if left.shape == right.shape {
      kind = .same
    } else if right.rank < left.rank, Array(left.shape.suffix(right.rank)) == right.shape,
      right.rank > 0
    {
      kind = .row(width: right.count)
    } else if right.count == 1 {
      kind = .one
    } else {
      throw .shape(
        operation: operation, shapes: [left.shape, right.shape],
        fix: "the right one must have the left one's shape, or that of its last dimensions, or one "
          + "value; broadcast(to:) makes it so")
    }
  }

  func combine(
    _ left: Tensor, _ right: Tensor, by combination: Elementwise.Combination
  ) -> Tensor {
    switch (kind, combination) {
    case (.same, _): return left.combined(right, by: combination)
    case (.one, .product): return left.scaled(by: right.first)
    case (.one, .quotient):
      let value = right.first
      return left.mapped { $0 / value }
    case (.one, .sum): return sum(left, right, width: 1)
    case (.one, .difference): return sum(left, right.scaled(by: -1), width: 1)
    case (.row(0), _): return left.detached
    case (.row(let width), .sum): return sum(left, right, width: width)
    case (.row(let width), .difference): return sum(left, right.scaled(by: -1), width: width)
    case (.row(let width), .product): return rows(left, right, width) { $0 * $1 }
    case (.row(let width), .quotient): return rows(left, right, width) { $0 / $1 }
    }
  }

  private func sum(_ left: Tensor, _ right: Tensor, width: Int) -> Tensor {
    withExtendedLifetime((left, right)) {
      .written(left.shape) {
        Elementwise.addRow(
          left.pointer, right.pointer, into: $0, rows: left.count / width, width: width)
      }
    }
  }

  @inline(__always)
  private func rows(
    _ left: Tensor, _ right: Tensor, _ width: Int,
    _ operation: (Elementwise.Vector, Elementwise.Vector) -> Elementwise.Vector
  ) -> Tensor {
    let (rows, a, row) = (left.count / width, left.pointer, right.pointer)
    return withExtendedLifetime((left, right)) {
      .written(left.shape) { target in
        Parallel.ranges(rows, grain: max(1, Elementwise.grain / width)) { range in
          Elementwise.zipRows(range, width: width, a, row, into: target, operation)
        }
      }
    }
  }

  /// Sums a tensor of the left shape down to the right shape.
  func reduce(_ tensor: Tensor) -> Tensor {
    switch kind {
    case .same: return tensor
    case .one: return .filled(tensor.total, shape: rightShape)
    case .row(let width):
      guard width > 0 else { return .zeros(rightShape) }
      return tensor.summedMiddle(
        outer: 1, reduced: tensor.count / width, inner: width, shape: rightShape)
    }
  }
}
