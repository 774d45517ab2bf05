import CVectors
import Glibc

/// Kernels of pairs of rows: what stands for their inner product.
public enum KernelMatrix: Sendable, Equatable {
  /// `x · z`.
  case linear
  /// `exp(−gamma ‖x − z‖²)`.
  case gaussian(gamma: Double)

  /// Writes the kernels of all rows of `a`, `[rows, width]`, with all of `b`, `[others, width]`:
  /// `[rows, others]`.
  public func fill(
    _ a: UnsafePointer<Float>, rows: Int, _ b: UnsafePointer<Float>, others: Int, width: Int,
    into target: UnsafeMutablePointer<Float>
  ) {
    forBlocks(a, rows: rows, b, others: others, width: width) { part, values in
      for (place, value) in values.enumerated() {
        target[part.lowerBound * others + place] = Float(value)
      }
    }
  }

  /// Calls `body` with the kernels of blocks of rows of `a` with all of `b`, possibly at the same time.
  ///
  /// Computed in double precision, as `‖x‖² + ‖z‖² − 2 x·z` is a small difference where points are near.
  func forBlocks(
    _ a: UnsafePointer<Float>, rows: Int, _ b: UnsafePointer<Float>, others: Int, width: Int,
    _ body: (_ rows: Range<Int>, _ kernels: [Double]) -> Void
  ) {
    let squares = RowProducts.squares(b, rows: others, width: width)
    let block = RowProducts.block
    Parallel.tasks((rows + block - 1) / block) { task, _ in
      let part = task * block..<min(rows, (task + 1) * block)
      let start = a + part.lowerBound * width
      var values = [Double](repeating: 0, count: part.count * others)
      orbit_row_products(
        start, Int64(part.count), b, Int64(others), Int64(width), &values, Int64(others))
      if case .gaussian(let gamma) = self {
        let own = RowProducts.squares(start, rows: part.count, width: width)
        for place in values.indices {
          let square = own[place / others] + squares[place % others] - 2 * values[place]
          values[place] = exp(-gamma * max(0, square))
        }
      }
      body(part, values)
    }
  }
}

/// Sums of kernels by weights, a constant added to each, in double precision throughout: where weights
/// are great the terms nearly cancel.
public struct WeightedProducts: Sendable {
  private let weights, constants: [Double]
  private let sums: Int

  /// Takes the weights of each sum, `[sums, others]`, and its constant.
  public init(_ weights: [Double], constants: [Double], sums: Int) {
    (self.weights, self.constants, self.sums) = (weights, constants, sums)
  }

  /// Writes the sums `[rows, sums]` over the kernels of `a`, `[rows, width]`, with `b`,
  /// `[others, width]`.
  public func fill(
    _ kernel: KernelMatrix, _ a: UnsafePointer<Float>, rows: Int, _ b: UnsafePointer<Float>,
    others: Int, width: Int, into target: UnsafeMutablePointer<Float>
  ) {
    kernel.forBlocks(a, rows: rows, b, others: others, width: width) { part, values in
      for (place, row) in part.enumerated() {
        for s in 0..<sums {
          var sum = constants[s]
          for j in 0..<others { sum += weights[s * others + j] * values[place * others + j] }
          target[row * sums + s] = Float(sum)
        }
      }
    }
  }

  /// Writes the sums `[rows, sums]` over kernels given, `[rows, others]`.
  public func fill(
    _ kernels: UnsafePointer<Float>, rows: Int, into target: UnsafeMutablePointer<Float>
  ) {
    let others = weights.count / sums
    weights.withUnsafeBufferPointer { weights in
      guard let start = weights.baseAddress else { return }
      for row in 0..<rows {
        for s in 0..<sums {
          let sum = orbit_wide_product(
            kernels + row * others, start + s * others, Int64(others))
          target[row * sums + s] = Float(constants[s] + sum)
        }
      }
    }
  }
}
