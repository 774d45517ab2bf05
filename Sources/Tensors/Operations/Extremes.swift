import Compute

extension Tensor {
  /// The values held within `range`; what is not a number stays so.
  ///
  /// The derivative is one inside, the ends included, and zero outside.
  public func clamped(to range: ClosedRange<Float>) throws(TensorError) -> Tensor {
    let (low, high, input) = (range.lowerBound, range.upperBound, detached)
    let output = mapped { $0.clampedKeepingNaN(to: low, high) }
    return try Tape.record("clamped", [self], output: output) {
      (upstream, _) throws(TensorError) in
      [
        upstream.zipped(input) {
          $0.replacing(with: 0, where: $1 .< Elementwise.Vector(repeating: low))
            .replacing(with: 0, where: $1 .> Elementwise.Vector(repeating: high))
        }
      ]
    }
  }

  /// The greater of two values at each place; not a number where either is not.
  ///
  /// Both have one shape. Of equals, the derivative goes to this tensor alone.
  ///
  /// - Throws: `TensorError.shape` when the shapes differ.
  public func maximum(_ other: Tensor) throws(TensorError) -> Tensor {
    try chosen(other, "maximum") { $1 .> $0 }
  }

  /// The lesser of two values at each place; not a number where either is not.
  ///
  /// Both have one shape. Of equals, the derivative goes to this tensor alone.
  ///
  /// - Throws: `TensorError.shape` when the shapes differ.
  public func minimum(_ other: Tensor) throws(TensorError) -> Tensor {
    try chosen(other, "minimum") { $1 .< $0 }
  }

  @inline(__always)
  private func chosen(
    _ other: Tensor, _ operation: String,
    _ second:
      @escaping @Sendable (Elementwise.Vector, Elementwise.Vector) -> SIMDMask<SIMD16<Int32>>
  ) throws(TensorError) -> Tensor {
    guard other.shape == shape else {
      throw .shape(
        operation: operation, shapes: [shape, other.shape], fix: "the two must have one shape")
    }
    let (a, b) = (detached, other.detached)
    let output = zipped(other) {
      $0.replacing(with: $1, where: second($0, $1)).replacing(with: $1, where: $1 .!= $1)
    }
    return try Tape.record(operation, [self, other], output: output) {
      (upstream, needed) throws(TensorError) in
      [
        needed[0] ? upstream.zipped(a, b) { $0.replacing(with: 0, where: second($1, $2)) } : nil,
        needed[1]
          ? upstream.zipped(a, b) { $0.replacing(with: 0, where: .!second($1, $2)) } : nil,
      ]
    }
  }

  /// The greatest value along a dimension, which disappears from the shape.
  ///
  /// The gradient goes to the place the value came from, the first of equals; what is not a number
  /// counts as greatest. A group convolution pools over its group like this (Cohen and Welling,
  /// 2016).
  ///
  /// - Throws: `TensorError.argument` for a dimension that is not there; `TensorError.shape` when it is
  ///   empty.
  public func maximum(axis: Int) throws(TensorError) -> Tensor {
    guard shape.indices.contains(axis) else {
      throw .argument(
        operation: "maximum", name: "axis", value: "\(axis)",
        fix: rank > 0 ? "name a dimension from 0 to \(rank - 1)" : "a scalar has no dimensions")
    }
    let (whole, size) = (shape, shape[axis])
    guard size > 0 else {
      throw .shape(
        operation: "maximum", shapes: [shape], fix: "there is no greatest of no values")
    }
    let (outer, inner) = (shape[..<axis].product, shape[(axis + 1)...].product)
    var kept = shape
    kept.remove(at: axis)
    // Places are whole numbers below 2²⁴ in a buffer of the pool.
    let places = Buffer(count: outer * inner)
    let output = withExtendedLifetime(self) {
      Tensor.written(kept) { target in
        Parallel.ranges(outer, grain: Swift.max(1, Elementwise.grain / Swift.max(1, size * inner)))
        { range in
          for o in range {
            let (source, best) = (pointer + o * size * inner, target + o * inner)
            let place = places.pointer + o * inner
            best.update(from: source, count: inner)
            place.update(repeating: 0, count: inner)
            for k in 1..<Swift.max(1, size) {
              for i in 0..<inner {
                let value = source[k * inner + i]
                if value > best[i] || (value.isNaN && !best[i].isNaN) {
                  best[i] = value
                  place[i] = Float(k)
                }
              }
            }
          }
        }
      }
    }
    return try Tape.record("maximum", [self], output: output) {
      (upstream, _) throws(TensorError) in
      [
        withExtendedLifetime((upstream, places)) {
          Tensor.written(whole) { target in
            target.update(repeating: 0, count: whole.product)
            for o in 0..<outer {
              for i in 0..<inner {
                let k = Int(places.pointer[o * inner + i])
                target[(o * size + k) * inner + i] = upstream.pointer[o * inner + i]
              }
            }
          }
        }
      ]
    }
  }
}
