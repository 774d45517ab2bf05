import COneDNN
import CVectors

/// One product of matrices in bfloat16 with sums in single precision: `c = alpha · op(a) · op(b) + beta · c`.
///
/// The strides are between the starts of stored rows. A product of a new shape takes a moment to prepare.
struct HalfProduct: Hashable, Sendable {
  let rows: Int
  let columns: Int
  let inner: Int
  var transposingLeft = false
  var transposingRight = false
  let leftStride: Int
  let rightStride: Int
  let stride: Int
  var alpha: Float = 1
  var beta: Float = 0

  private static let kernels = KernelCache<HalfProduct>()

  /// The code for the product.
  func kernel() throws(ComputeError) -> Kernel {
    try Self.kernels.kernel(self) { kernel in
      var shape = orbit_half_product_shape(
        rows: Int64(rows), columns: Int64(columns), inner: Int64(inner),
        transposing_left: transposingLeft ? 1 : 0, transposing_right: transposingRight ? 1 : 0,
        a_stride: Int64(leftStride), b_stride: Int64(rightStride), c_stride: Int64(stride),
        alpha: alpha, beta: beta)
      return orbit_half_product_create(&shape, kernel)
    }
  }

  /// Multiplies matrices that are in bfloat16 already.
  func callAsFunction(
    _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, into c: UnsafeMutablePointer<Float>
  ) throws(ComputeError) {
    try kernel().run { handle, scratch in orbit_half_product(handle, a, b, c, scratch) }
  }

  /// Values rounded to bfloat16.
  static func round(_ values: UnsafePointer<Float>, _ count: Int) -> Buffer {
    let buffer = Buffer(count: (count + 1) / 2)
    let target = buffer.pointer.halves
    Parallel.ranges(count, grain: 1 << 15) { range in
      orbit_bfloat16(values + range.lowerBound, target + range.lowerBound, Int64(range.count))
    }
    return buffer
  }
}

extension UnsafeMutablePointer<Float> {
  /// The same memory as places of half the size.
  var halves: UnsafeMutablePointer<UInt16> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: UInt16.self)
  }
}
