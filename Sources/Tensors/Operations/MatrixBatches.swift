import Compute

// Batches of small square matrices, `[..., n, n]`: homographies, rotations, covariances.

extension Tensor {
  /// The products of the matrices of two batches, one by one.
  ///
  /// Shapes: `[..., m, k]` and `[..., k, n]` with equal leading sizes give `[..., m, n]`; a transposed
  /// operand is stored the other way around.
  ///
  /// - Throws: `TensorError.shape` when the shapes do not fit.
  public func matrixProducts(
    _ other: Tensor, transposingLeft: Bool = false, transposingRight: Bool = false
  ) throws(TensorError) -> Tensor {
    let operation = "matrixProducts"
    guard rank >= 2, rank == other.rank, shape.dropLast(2) == other.shape.dropLast(2) else {
      throw .shape(
        operation: operation, shapes: [shape, other.shape],
        fix: "both are batches of matrices, with the same leading sizes")
    }
    let (left, right) = (Array(shape.suffix(2)), Array(other.shape.suffix(2)))
    let (rows, inner) = transposingLeft ? (left[1], left[0]) : (left[0], left[1])
    let (columns, otherInner) = transposingRight ? (right[0], right[1]) : (right[1], right[0])
    guard inner == otherInner else {
      throw .shape(
        operation: operation, shapes: [shape, other.shape],
        fix: "the inner sizes are \(inner) and \(otherInner); they must be equal")
    }
    let leading = shape.dropLast(2)
    let grain = Swift.max(1, Elementwise.grain / Swift.max(1, rows * columns * inner))
    let output = try computing(operation, [shape, other.shape]) { () throws(ComputeError) in
      try withExtendedLifetime((self, other)) { () throws(ComputeError) in
        try Tensor.written(leading + [rows, columns]) { (target) throws(ComputeError) in
          try Parallel.attemptRanges(leading.product, grain: grain) {
            (range) throws(ComputeError) in
            for i in range {
              try MatrixProduct.multiply(
                rows: rows, columns: columns, inner: inner, pointer + i * rows * inner,
                other.pointer + i * inner * columns, transposingLeft: transposingLeft,
                transposingRight: transposingRight, into: target + i * rows * columns)
            }
          }
        }
      }
    }
    let (a, b) = (detached, other.detached)
    return try Tape.record(operation, [self, other], output: output) {
      (upstream, needed) throws(TensorError) in
      let first: Tensor? =
        !needed[0]
        ? nil
        : transposingLeft
          ? try b.matrixProducts(
            upstream, transposingLeft: transposingRight, transposingRight: true)
          : try upstream.matrixProducts(b, transposingRight: !transposingRight)
      let second: Tensor? =
        !needed[1]
        ? nil
        : transposingRight
          ? try upstream.matrixProducts(
            a, transposingLeft: true, transposingRight: transposingLeft)
          : try a.matrixProducts(upstream, transposingLeft: !transposingLeft)
      return [first, second]
    }
  }

  /// The inverses of the matrices of a batch `[..., n, n]`, in double precision.
  ///
  /// The derivative is `−Yᵀ G Yᵀ` for the inverse Y.
  ///
  /// - Throws: `TensorError.shape` when the matrices are not square; `TensorError.argument` for one that
  ///   has no inverse; `TensorError.notFinite` for values that are not finite.
  public func inverse() throws(TensorError) -> Tensor {
    let (size, matrices) = try squareMatrices("inverse")
    let output = try Tensor(shape: shape) { (target) throws(TensorError) in
      guard let target = target.baseAddress else { return }
      let identity = (0..<size * size).map { Float($0 / size == $0 % size ? 1 : 0) }
      for i in 0..<matrices {
        let (source, place) = (pointer + i * size * size, target + i * size * size)
        if size == 3 {
          let matrix = Matrix3(source)
          let determinant = matrix.determinant
          guard abs(determinant) > 1e-13 * matrix.rowNormProduct else { throw singular(i) }
          (matrix.cofactors.transposed * (1 / determinant)).store(place)
        } else {
          guard let factors = try? Factorisation(source, size: size) else { throw singular(i) }
          factors.solve(identity, right: size, into: place)
        }
      }
    }
    return try Tape.record("inverse", [self], output: output) {
      (upstream, _) throws(TensorError) in
      let inner = try upstream.matrixProducts(output, transposingRight: true)
      return [try -output.matrixProducts(inner, transposingLeft: true)]
    }
  }

  /// The determinants of the matrices of a batch: `[..., n, n]` gives `[...]`, in double precision.
  ///
  /// The derivative is the matrix of cofactors, which for sizes other than 3 is taken as
  /// `determinant · inverseᵀ` and so does not exist where the determinant is zero.
  ///
  /// - Throws: `TensorError.shape` when the matrices are not square; `TensorError.notFinite` for values
  ///   that are not finite.
  public func determinant() throws(TensorError) -> Tensor {
    let (size, matrices) = try squareMatrices("determinant")
    let input = detached
    let output = withExtendedLifetime(self) {
      Tensor.written(Array(shape.dropLast(2))) { target in
        for i in 0..<matrices {
          let source = pointer + i * size * size
          target[i] = Float(
            size == 3
              ? Matrix3(source).determinant
              : (try? Factorisation(source, size: size))?.determinant ?? 0)
        }
      }
    }
    return try Tape.record("determinant", [self], output: output) {
      (upstream, _) throws(TensorError) in
      guard size == 3 else {
        let factors = upstream.zipped(output) { $0 * $1 }
        let spread = try factors.reshaped(factors.shape + [1, 1]).broadcast(to: input.shape)
        let inverses = try input.inverse()
        return [try inverses.matricesTransposed(size) * spread]
      }
      return [
        withExtendedLifetime((upstream, input)) {
          .written(input.shape) { target in
            for i in 0..<matrices {
              (Matrix3(input.pointer + 9 * i).cofactors * Double(upstream.pointer[i])).store(
                target + 9 * i)
            }
          }
        }
      ]
    }
  }

  /// The size and the number of a batch of square matrices.
  func squareMatrices(_ operation: String) throws(TensorError) -> (size: Int, count: Int) {
    guard rank >= 2, count > 0, shape[rank - 1] == shape[rank - 2] else {
      throw .shape(
        operation: operation, shapes: [shape],
        fix: "it works on a batch [..., n, n] of at least one square matrix")
    }
    guard isFinite else {
      throw .notFinite(path: "a matrix of \(operation)", fix: "check what it was made from")
    }
    return (shape[rank - 1], shape.dropLast(2).product)
  }

  /// Each matrix transposed, off the tape.
  private func matricesTransposed(_ size: Int) -> Tensor {
    withExtendedLifetime(self) {
      .written(shape) { target in
        for i in 0..<count {
          let (matrix, place) = (i / (size * size), i % (size * size))
          target[i] = pointer[matrix * size * size + place % size * size + place / size]
        }
      }
    }
  }
}

private func singular(_ place: Int) -> TensorError {
  .argument(
    operation: "inverse", name: "matrix \(place)", value: "singular",
    fix: "its rows depend on each other; leastSquares finds the nearest answer")
}

extension Matrix3 {
  /// The product of the lengths of the rows: the greatest that the determinant could be.
  fileprivate var rowNormProduct: Double {
    let (a, b, c) = rows
    return ((a * a).sum() * (b * b).sum() * (c * c).sum()).squareRoot()
  }
}
