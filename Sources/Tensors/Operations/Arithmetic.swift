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
    let output = pairing.combine(left, right) { $0 + $1 }
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
    let output = pairing.combine(left, right) { $0 - $1 }
    return try Tape.record("-", [left, right], output: output) {
      (upstream, needed) throws(TensorError) in
      [upstream, needed[1] ? pairing.reduce(upstream).mapped { -$0 } : nil]
    }
  }

  /// The product, value by value.
  ///
  /// The shape of `right` is that of `left`, or of its last dimensions, or it has a single value.
  ///
  /// - Throws: `TensorError.shape` for other shapes.
  public static func * (left: Tensor, right: Tensor) throws(TensorError) -> Tensor {
    let pairing = try Pairing(left, right, operation: "*")
    let output = pairing.combine(left, right) { $0 * $1 }
    let (a, b) = (left.detached, right.detached)
    return try Tape.record("*", [left, right], output: output) {
      (upstream, needed) throws(TensorError) in
      [
        needed[0] ? pairing.combine(upstream, b) { $0 * $1 } : nil,
        needed[1] ? pairing.reduce(upstream.zipped(a) { $0 * $1 }) : nil,
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
    let output = pairing.combine(left, right) { $0 / $1 }
    let (quotient, b) = (output, right.detached)
    return try Tape.record("/", [left, right], output: output) {
      (upstream, needed) throws(TensorError) in
      let first = pairing.combine(upstream, b) { $0 / $1 }
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

  @inline(__always)
  func combine(
    _ left: Tensor, _ right: Tensor,
    _ operation: (Elementwise.Vector, Elementwise.Vector) -> Elementwise.Vector
  ) -> Tensor {
    switch kind {
    case .same: return left.zipped(right, operation)
    case .one:
      let value = Elementwise.Vector(repeating: right.first)
      return left.mapped { operation($0, value) }
    case .row(let width):
      guard width > 0 else { return left.detached }
      let (rows, a, row) = (left.count / width, left.pointer, right.pointer)
      return withExtendedLifetime((left, right)) {
        .written(left.shape) { target in
          Parallel.ranges(rows, grain: max(1, Elementwise.grain / width)) { range in
            Elementwise.zipRows(range, width: width, a, row, into: target, operation)
          }
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
