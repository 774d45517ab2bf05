import Compute
import Glibc

extension Tensor {
  /// The softmax over the last dimension: `exp(x) / Σ exp(x)`.
  ///
  /// - Throws: `TensorError.shape` for a scalar or an empty last dimension.
  public func softmax() throws(TensorError) -> Tensor {
    let output = try distributions(operation: "softmax").probabilities
    let width = shape[rank - 1]
    return try Tape.record("softmax", [self], output: output) {
      (upstream, _) throws(TensorError) in
      // p · (g − Σ g p)
      let weighted = upstream.zipped(output) { $0 * $1 }
      let sums = weighted.lastSums(width)
      return [weighted.combiningRows(output, sums, width) { $0 - $1 * $2 }]
    }
  }

  /// The logarithm of the softmax over the last dimension: `x − log Σ exp(x)`, in nats.
  ///
  /// - Throws: `TensorError.shape` for a scalar or an empty last dimension.
  public func logSoftmax() throws(TensorError) -> Tensor {
    let (probabilities, shifted, sums) = try distributions(operation: "logSoftmax")
    let width = shape[rank - 1]
    let logarithms = sums.map { logf($0) }
    let output = shifted.combiningRows(shifted, logarithms, width) { value, _, logarithm in
      value - logarithm
    }
    return try Tape.record("logSoftmax", [self], output: output) {
      (upstream, _) throws(TensorError) in
      // g − p · Σ g
      let sums = upstream.lastSums(width)
      return [upstream.combiningRows(probabilities, sums, width) { $0 - $1 * $2 }]
    }
  }

  /// The mean cross-entropy of the softmax over the last dimension with class labels, in nats.
  ///
  /// Shapes: `[N, classes]` with `N` labels from 0 to `classes − 1`, a scalar.
  ///
  /// - Throws: `TensorError.shape` when the number of labels differs or there is none;
  ///   `TensorError.argument` for a label out of range.
  public func crossEntropy(labels: [Int]) throws(TensorError) -> Tensor {
    let (probabilities, shifted, sums) = try distributions(operation: "crossEntropy")
    let width = shape[rank - 1]
    guard labels.count == sums.count, !labels.isEmpty else {
      throw .shape(
        operation: "crossEntropy", shapes: [shape, [labels.count]],
        fix: "give one label a row, and at least one row")
    }
    if let stray = labels.first(where: { !(0..<width).contains($0) }) {
      throw .argument(
        operation: "crossEntropy", name: "labels", value: "\(stray)",
        fix: "there are \(width) classes, counted from 0")
    }
    var total = 0.0
    shifted.withUnsafeScalars { values in
      for (row, label) in labels.enumerated() {
        total += Double(logf(sums[row]) - values[row * width + label])
      }
    }
    let count = labels.count
    let loss = Tensor(Float(total / Double(count)))
    return try Tape.record("crossEntropy", [self], output: loss) {
      (upstream, _) throws(TensorError) in
      let factor = upstream.first / Float(count)
      var gradient = probabilities.mapped { $0 * factor }
      gradient.update { values in
        for (row, label) in labels.enumerated() { values[row * width + label] -= factor }
      }
      return [gradient]
    }
  }

  /// Softmax of each row, the row less its greatest value, and the sum of the latter's exponentials.
  private func distributions(
    operation: String
  ) throws(TensorError) -> (probabilities: Tensor, shifted: Tensor, sums: [Float]) {
    guard rank > 0, shape[rank - 1] > 0 else {
      throw .shape(
        operation: operation, shapes: [shape],
        fix: "it works along a last dimension that is not empty")
    }
    let width = shape[rank - 1]
    let greatest = withUnsafeScalars { values in
      (0..<count / width).map { row in
        values[row * width..<(row + 1) * width].reduce(-Float.infinity) { $1 > $0 ? $1 : $0 }
      }
    }
    let shifted = combiningRows(self, greatest, width) { value, _, most in value - most }
    let powers = try shifted.applying(.exponential, operation: operation)
    let sums = powers.lastSums(width)
    let probabilities = powers.combiningRows(powers, sums, width) { value, _, sum in value / sum }
    return (probabilities, shifted, sums)
  }

  /// The sum of each row of the last dimension.
  private func lastSums(_ width: Int) -> [Float] {
    summedMiddle(outer: count / width, reduced: width, inner: 1, shape: [count / width]).scalars
  }

  /// `combine` of each value, the value of `other` at its place, and the number of its row.
  @inline(__always)
  private func combiningRows(
    _ other: Tensor, _ numbers: [Float], _ width: Int,
    _ combine: (Elementwise.Vector, Elementwise.Vector, Elementwise.Vector) -> Elementwise.Vector
  ) -> Tensor {
    let (a, b) = (pointer, other.pointer)
    return withExtendedLifetime((self, other)) {
      .written(shape) { target in
        numbers.withUnsafeBufferPointer { numbers in
          nonisolated(unsafe) let numbers = numbers
          Parallel.ranges(numbers.count, grain: Swift.max(1, Elementwise.grain / width)) { range in
            for row in range {
              let (start, number) = (row * width, Elementwise.Vector(repeating: numbers[row]))
              Elementwise.zip(0..<width, a + start, b + start, into: target + start) {
                combine($0, $1, number)
              }
            }
          }
        }
      }
    }
  }
}
