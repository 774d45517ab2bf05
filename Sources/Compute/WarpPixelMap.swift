extension Warp {
  /// A homography from output to input pixel indices (pixel i has its centre at i), in single
  /// precision: (x, y) ↦ (u·p, v·p) / w·p with p = (x, y, 1).
  public struct PixelMap: Sendable, Hashable {
    let u: SIMD3<Float>
    let v: SIMD3<Float>
    let w: SIMD3<Float>

    /// Takes the rows of a 3×3 matrix; `nil` when its entries do not stay finite in single
    /// precision.
    ///
    /// The matrix is divided by its w in the middle of the output, and entries are rounded to
    /// multiples of 2^-36. That is far below what single precision resolves at a pixel's
    /// distance, but it removes the rounding errors of products of matrices, so that shifts by
    /// whole pixels, mirrors and quarter turns read single pixels and keep their bits.
    public init?(
      u: SIMD3<Double>, v: SIMD3<Double>, w: SIMD3<Double>, outputHeight: Int, outputWidth: Int
    ) {
      let (x, y) = (Double(outputWidth - 1) / 2, Double(outputHeight - 1) / 2)
      let middle = w.x * x + w.y * y + w.z
      let largest = max(abs(w.x) * x, abs(w.y) * y, abs(w.z))
      let scale = abs(middle) > 1e-3 * largest ? middle : largest
      guard scale != 0 else { return nil }
      self.u = Self.rounded(u / scale)
      self.v = Self.rounded(v / scale)
      self.w = Self.rounded(w / scale)
      // Zero times what is not finite is not a number.
      for row in [self.u, self.v, self.w] where row * 0 != .zero { return nil }
    }

    private static func rounded(_ row: SIMD3<Double>) -> SIMD3<Float> {
      // From 2^12 on single precision is coarser than that anyway.
      let multiples = (row * 0x1p36).rounded(.toNearestOrAwayFromZero) * 0x1p-36
      let isSmall = (row .< 0x1p12) .& (row .> -0x1p12)
      return SIMD3<Float>(row.replacing(with: multiples, where: isSmall))
    }
  }
}
