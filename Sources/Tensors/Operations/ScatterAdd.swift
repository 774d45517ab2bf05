import Compute

extension Tensor {
  /// Adds each row of the leading dimension to a row of zeros: the adjoint of `gathered(rows:)`.
  ///
  /// Shapes: `[N, ...]` and N places give `[count, ...]`; row `i` is added to row `rows[i]`, in the
  /// order of `rows`, so that sums have the same bits on every run. The gradient gathers.
  ///
  /// - Throws: `TensorError.shape` when the number of places differs; `TensorError.argument` for a
  ///   place that is not there.
  public func scatterAdded(rows: [Int], count: Int) throws(TensorError) -> Tensor {
    guard rank > 0, rows.count == shape[0] else {
      throw .shape(
        operation: "scatterAdded", shapes: [shape, [rows.count]],
        fix: rank > 0 ? "give one place for each of the \(shape[0]) rows" : "a scalar has no rows")
    }
    if let stray = rows.first(where: { !(0..<count).contains($0) }) {
      throw .argument(
        operation: "scatterAdded", name: "rows", value: "\(stray)",
        fix: "there are \(count) rows, counted from 0")
    }
    let width = shape.dropFirst().product
    let output = withExtendedLifetime(self) {
      Tensor.written([count] + shape.dropFirst()) { target in
        target.update(repeating: 0, count: count * width)
        for (place, row) in rows.enumerated() {
          let sum = target + row * width
          Elementwise.zip(0..<width, sum, pointer + place * width, into: sum) { $0 + $1 }
        }
      }
    }
    return try Tape.record("scatterAdded", [self], output: output) {
      (upstream, _) throws(TensorError) in [try upstream.gathered(rows: rows)]
    }
  }
}
