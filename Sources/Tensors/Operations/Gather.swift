import Compute

extension Tensor {
  /// The rows of the leading dimension at the given places, in their order; places may repeat.
  ///
  /// The gradient of a row is the sum of the gradients of its copies, added in the order of `rows`.
  ///
  /// - Throws: `TensorError.argument` for a place that is not there.
  public func gathered(rows: [Int]) throws(TensorError) -> Tensor {
    guard rank > 0 else {
      throw .shape(operation: "gathered", shapes: [shape], fix: "a scalar has no rows")
    }
    let available = shape[0]
    if let stray = rows.first(where: { !(0..<available).contains($0) }) {
      throw .argument(
        operation: "gathered", name: "rows", value: "\(stray)",
        fix: "there are \(available) rows, counted from 0")
    }
    let (all, width) = (shape, shape.dropFirst().product)
    let output = withExtendedLifetime(self) {
      Tensor.written([rows.count] + shape.dropFirst()) { target in
        for (place, row) in rows.enumerated() {
          (target + place * width).update(from: pointer + row * width, count: width)
        }
      }
    }
    return try Tape.record("gathered", [self], output: output) {
      (upstream, _) throws(TensorError) in
      [
        withExtendedLifetime(upstream) {
          Tensor.written(all) { target in
            target.update(repeating: 0, count: all.product)
            for (place, row) in rows.enumerated() {
              let sum = target + row * width
              Elementwise.zip(0..<width, sum, upstream.pointer + place * width, into: sum) {
                $0 + $1
              }
            }
          }
        }
      ]
    }
  }
}
