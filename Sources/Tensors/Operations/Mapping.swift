import Compute

// How operations read and write values. A closure is called once for each sixteen values, because the threads
// stand between it and its loop; what a training step does most often is a function of `Elementwise` instead.

extension Tensor {
  /// Makes a tensor whose values `body` writes, all of them.
  static func written<Failure: Error>(
    _ shape: [Int], _ body: (UnsafeMutablePointer<Float>) throws(Failure) -> Void
  ) throws(Failure) -> Tensor {
    let buffer = Buffer(count: shape.product)
    try body(buffer.pointer)
    return Tensor(shape: shape, buffer: buffer, offset: 0)
  }

  /// `transform` of each value.
  @inline(__always)
  func mapped(_ transform: (Elementwise.Vector) -> Elementwise.Vector) -> Tensor {
    let (count, source, buffer) = (count, pointer, Buffer(count: count))
    let target = buffer.pointer
    Parallel.ranges(count, grain: Elementwise.grain) { range in
      Elementwise.map(range, source, into: target, transform)
    }
    withExtendedLifetime(self) {}
    return Tensor(shape: shape, buffer: buffer, offset: 0)
  }

  /// `combine` of each value and the value at the same place of a tensor of the same shape.
  @inline(__always)
  func zipped(
    _ other: Tensor, _ combine: (Elementwise.Vector, Elementwise.Vector) -> Elementwise.Vector
  ) -> Tensor {
    let (count, source, second) = (count, pointer, other.pointer)
    let buffer = Buffer(count: count)
    let target = buffer.pointer
    Parallel.ranges(count, grain: Elementwise.grain) { range in
      Elementwise.zip(range, source, second, into: target, combine)
    }
    withExtendedLifetime((self, other)) {}
    return Tensor(shape: shape, buffer: buffer, offset: 0)
  }

  /// The sum, difference, product or quotient with a tensor of the same shape.
  func combined(_ other: Tensor, by combination: Elementwise.Combination) -> Tensor {
    withExtendedLifetime((self, other)) {
      .written(shape) {
        Elementwise.combine(pointer, other.pointer, by: combination, into: $0, count: count)
      }
    }
  }

  /// The values times a factor.
  func scaled(by factor: Float) -> Tensor {
    withExtendedLifetime(self) {
      .written(shape) { Elementwise.scale(pointer, by: factor, into: $0, count: count) }
    }
  }

  /// The same, for three tensors of one shape.
  @inline(__always)
  func zipped(
    _ second: Tensor, _ third: Tensor,
    _ combine: (Elementwise.Vector, Elementwise.Vector, Elementwise.Vector) -> Elementwise.Vector
  ) -> Tensor {
    let (count, a, b, c) = (count, pointer, second.pointer, third.pointer)
    let buffer = Buffer(count: count)
    let target = buffer.pointer
    Parallel.ranges(count, grain: Elementwise.grain) { range in
      Elementwise.zip(range, a, b, c, into: target, combine)
    }
    withExtendedLifetime((self, second, third)) {}
    return Tensor(shape: shape, buffer: buffer, offset: 0)
  }

  /// A transcendental function of each value.
  func applying(_ function: ElementaryFunction, operation: String) throws(TensorError) -> Tensor {
    try computing(operation, [shape]) { () throws(ComputeError) in
      try withExtendedLifetime(self) { () throws(ComputeError) in
        try .written(shape) { (target) throws(ComputeError) in
          try function.apply(pointer, into: target, count: count)
        }
      }
    }
  }
}

/// Runs `body`, and tells a failure below as one of `operation` on `shapes`.
func computing<Result>(
  _ operation: String, _ shapes: [[Int]], _ body: () throws(ComputeError) -> Result
) throws(TensorError) -> Result {
  do throws(ComputeError) {
    return try body()
  } catch {
    throw .shape(operation: operation, shapes: shapes, fix: error.description)
  }
}

extension Elementwise.Vector {
  /// The absolute values.
  var magnitude: Self { replacing(with: -self, where: self .< 0) }
}
