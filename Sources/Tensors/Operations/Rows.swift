import Compute

// Operations along the last dimension, one row after another.

extension Tensor {
  /// The size of the last dimension.
  ///
  /// - Throws: `TensorError.shape` for a scalar or an empty last dimension.
  func rowWidth(_ operation: String) throws(TensorError) -> Int {
    guard let width = shape.last, width > 0 else {
      throw .shape(
        operation: operation, shapes: [shape],
        fix: "it works along a last dimension that is not empty")
    }
    return width
  }

  /// Makes a tensor of this shape, row by row: `body` gets this row, that of `other` (of the same shape;
  /// otherwise this row again), the row to write, and its number.
  @inline(__always)
  func eachRow(
    _ width: Int, _ other: Tensor? = nil,
    _ body: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
  ) -> Tensor {
    let (a, b) = (pointer, (other ?? self).pointer)
    return withExtendedLifetime((self, other)) {
      .written(shape) { target in
        Parallel.ranges(count / width, grain: Swift.max(1, Elementwise.grain / 4 / width)) {
          range in
          for row in range {
            body(a + row * width, b + row * width, target + row * width, row)
          }
        }
      }
    }
  }
}

extension Tensor {
  /// The size of what belongs to one place of the leading dimension.
  ///
  /// - Throws: `TensorError.shape` for a scalar or an empty batch, or when one of `others` has another
  ///   shape.
  func exampleWidth(_ operation: String, _ others: [Tensor]) throws(TensorError) -> Int {
    guard others.allSatisfy({ $0.shape == shape }) else {
      throw .shape(
        operation: operation, shapes: [shape] + others.map(\.shape), fix: "all must have one shape")
    }
    guard rank > 0, count > 0 else {
      throw .shape(
        operation: operation, shapes: [shape],
        fix: rank > 0
          ? "the batch is empty; give at least one example" : "the leading dimension is the batch")
    }
    return count / shape[0]
  }

  /// Sums `term` of the values at one place of up to three tensors of this shape over each example:
  /// `[N, ...]` gives `[N]`, in an order that depends on the shape alone.
  ///
  /// Where the last vector is incomplete, `term` is also given zeros, which do not count.
  @inline(__always)
  func exampleSums(
    _ width: Int, _ second: Tensor, _ third: Tensor,
    _ term: (Elementwise.Vector, Elementwise.Vector, Elementwise.Vector) -> Elementwise.Vector
  ) -> Tensor {
    let (a, b, c) = (pointer, second.pointer, third.pointer)
    return withExtendedLifetime((self, second, third)) {
      .written([count / width]) { target in
        Parallel.ranges(count / width, grain: Swift.max(1, Elementwise.grain / 4 / width)) {
          range in
          for row in range {
            let (start, end) = (row * width, (row + 1) * width)
            var (total, i) = (0.0, start)
            // Blocks in single precision, their sum in double.
            while i < end {
              var sum = Elementwise.Vector.zero
              let stop = Swift.min(end, i &+ 1024)
              while i &+ 16 <= stop {
                sum += term(
                  Elementwise.load(a + i), Elementwise.load(b + i), Elementwise.load(c + i))
                i &+= 16
              }
              let rest = stop &- i
              if rest > 0 {
                let last = term(
                  Elementwise.load(a + i, rest), Elementwise.load(b + i, rest),
                  Elementwise.load(c + i, rest))
                sum += last.replacing(with: 0, where: laneNumbers .>= Float(rest))
                i = stop
              }
              total += Double(sum.sum())
            }
            target[row] = Float(total)
          }
        }
      }
    }
  }

  /// The gradient that belongs to `exampleSums`: `combine` of the values at one place of three tensors
  /// of one shape and the value of this one, `[N]`, for the example.
  @inline(__always)
  func exampleGradients(
    _ width: Int, _ first: Tensor, _ second: Tensor, _ third: Tensor,
    _ combine: (
      Elementwise.Vector, Elementwise.Vector, Elementwise.Vector, Elementwise.Vector
    ) -> Elementwise.Vector
  ) -> Tensor {
    let (a, b, c, weights) = (first.pointer, second.pointer, third.pointer, pointer)
    return withExtendedLifetime((self, first, second, third)) {
      .written(first.shape) { target in
        Parallel.ranges(count, grain: Swift.max(1, Elementwise.grain / 4 / width)) { range in
          for row in range {
            let (start, weight) = (row * width, Elementwise.Vector(repeating: weights[row]))
            Elementwise.zip(
              0..<width, a + start, b + start, c + start, into: target + start
            ) { combine(weight, $0, $1, $2) }
          }
        }
      }
    }
  }

  /// Two gradients at once, where they share what is dear.
  @inline(__always)
  func exampleGradientPairs(
    _ width: Int, _ first: Tensor, _ second: Tensor, _ third: Tensor,
    _ combine: (
      Elementwise.Vector, Elementwise.Vector, Elementwise.Vector, Elementwise.Vector
    ) -> (Elementwise.Vector, Elementwise.Vector)
  ) -> (Tensor, Tensor) {
    let (a, b, c, weights) = (first.pointer, second.pointer, third.pointer, pointer)
    let other = Buffer(count: first.count)
    let (shape, more) = (first.shape, other.pointer)
    let gradient = withExtendedLifetime((self, first, second, third)) {
      Tensor.written(shape) { target in
        Parallel.ranges(count, grain: Swift.max(1, Elementwise.grain / 4 / width)) { range in
          for row in range {
            let weight = Elementwise.Vector(repeating: weights[row])
            var i = row * width
            let end = i + width
            while i < end {
              let lanes = Swift.min(16, end &- i)
              if lanes == 16 {
                let (x, y) = combine(
                  weight, Elementwise.load(a + i), Elementwise.load(b + i), Elementwise.load(c + i))
                Elementwise.store(x, target + i)
                Elementwise.store(y, more + i)
              } else {
                let (x, y) = combine(
                  weight, Elementwise.load(a + i, lanes), Elementwise.load(b + i, lanes),
                  Elementwise.load(c + i, lanes))
                Elementwise.store(x, target + i, lanes)
                Elementwise.store(y, more + i, lanes)
              }
              i &+= lanes
            }
          }
        }
      }
    }
    return (gradient, Tensor(shape: shape, buffer: other, offset: 0))
  }
}

/// The numbers of a vector's lanes.
let laneNumbers = Elementwise.Vector(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
