import Compute
import Glibc
import Tensors

/// Mean cross-entropy + λ/2 ‖W‖² of parameters, and its gradient.
///
/// The rows are cut into parts that depend on their number alone, so the bits do not depend on threads.
struct PenalisedCrossEntropy {
  let features: Tensor
  let labels: [Int]
  let classes: Int
  let penalty: Double

  private var width: Int { features.shape[1] }
  var parameterCount: Int { classes * (width + 1) }

  /// The value at some parameters; writes the gradient.
  ///
  /// - Throws: `ComputeError` when there is no memory for a product.
  func value(at parameters: [Double], gradient: inout [Double]) throws -> Double {
    let (count, size, split) = (labels.count, parameterCount, classes * width)
    let parts = max(1, min(8, count / 64))
    // The gradient of every part, and its loss behind it.
    var sums = [Double](repeating: 0, count: parts * (size + 1))
    let weights = parameters.map { Float($0) }
    try features.withUnsafeScalars { features throws in
      try sums.withUnsafeMutableBufferPointer { sums throws in
        try weights.withUnsafeBufferPointer { weights throws in
          guard let features = features.baseAddress, let sums = sums.baseAddress,
            let weights = weights.baseAddress
          else { return }
          nonisolated(unsafe) let own = sums
          try Parallel.attemptRanges(parts) { (range) throws(ComputeError) in
            for part in range {
              try add(
                count * part / parts..<count * (part + 1) / parts, of: features, weights,
                to: own + part * (size + 1))
            }
          }
        }
      }
    }
    let share = 1 / Double(count)
    for i in 0..<size {
      var sum = 0.0
      for part in 0..<parts { sum += sums[part * (size + 1) + i] }
      gradient[i] = sum * share + (i < split ? penalty * parameters[i] : 0)
    }
    var loss = 0.0
    for part in 0..<parts { loss += sums[part * (size + 1) + size] }
    var square = 0.0
    for i in 0..<split { square += parameters[i] * parameters[i] }
    return loss * share + penalty / 2 * square
  }

  /// Adds the gradient and the loss of some rows.
  private func add(
    _ rows: Range<Int>, of features: UnsafePointer<Float>, _ weights: UnsafePointer<Float>,
    to sums: UnsafeMutablePointer<Double>
  ) throws(ComputeError) {
    let (split, block) = (classes * width, 256)
    let residuals = Buffer(count: block * classes)
    let product = Buffer(count: split)
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: block) {
      let size = min(block, rows.upperBound - start)
      let inputs = features + start * width
      try MatrixProduct.multiply(
        rows: size, columns: classes, inner: width, inputs, weights, transposingRight: true,
        into: residuals.pointer)
      for row in 0..<size {
        sums[parameterCount] += distribute(
          residuals.pointer + row * classes, biases: weights + split, label: labels[start + row])
        for k in 0..<classes { sums[split + k] += Double(residuals.pointer[row * classes + k]) }
      }
      try MatrixProduct.multiply(
        rows: classes, columns: width, inner: size, residuals.pointer, inputs,
        transposingLeft: true, into: product.pointer)
      for i in 0..<split { sums[i] += Double(product.pointer[i]) }
    }
    withExtendedLifetime((residuals, product)) {}
  }

  /// Replaces the logits of a row, biases not yet added, by probabilities less 1 at the label; returns the
  /// cross-entropy.
  private func distribute(
    _ row: UnsafeMutablePointer<Float>, biases: UnsafePointer<Float>, label: Int
  ) -> Double {
    var most = -Double.infinity
    for k in 0..<classes { most = max(most, Double(row[k]) + Double(biases[k])) }
    let own = Double(row[label]) + Double(biases[label]) - most
    var total = 0.0
    for k in 0..<classes { total += exp(Double(row[k]) + Double(biases[k]) - most) }
    for k in 0..<classes {
      let probability = exp(Double(row[k]) + Double(biases[k]) - most) / total
      row[k] = Float(k == label ? probability - 1 : probability)
    }
    return log(total) - own
  }
}
