extension Warp {
  /// A homography from output to input pixel indices (pixel i has its centre at i), in single
  /// precision: (x, y) ↦ (u·p, v·p) / w·p with p = (x, y, 1).
  public struct PixelMap: Sendable, Hashable {
    let u: SIMD3<Float>
    let v: SIMD3<Float>
    let w: SIMD3<Float>

    /// Whether w is 1 everywhere.
    var isAffine: Bool { w == SIMD3(0, 0, 1) }

    /// How far the map reaches over the output of a layout.
    ///
    /// As long as w keeps its sign the output's image is the quadrilateral of its corners'
    /// images, so the corners say it all.
    func reach(_ layout: Layout) -> Reach {
      var reach = Reach(isTame: true, isNear: true)
      for x in [0, Float(layout.outputWidth - 1)] {
        for y in [0, Float(layout.outputHeight - 1)] {
          let p = SIMD3(x, y, 1)
          let depth = (w * p).sum()
          let (across, along) = ((u * p).sum() / depth, (v * p).sum() / depth)
          if !(depth > 1e-3) { reach.isTame = false }
          if !(abs(across + 0.5) <= 2 * Float(layout.width)) { reach.isNear = false }
          if !(abs(along + 0.5) <= 2 * Float(layout.height)) { reach.isNear = false }
        }
      }
      return reach
    }

    /// Takes a row-major 3×3 matrix; `nil` when it does not have nine entries that stay finite in
    /// single precision.
    ///
    /// The matrix is divided by its w in the middle of the output, and entries are rounded to
    /// multiples of 2^-36. That is far below what single precision resolves at a pixel's
    /// distance, but it removes the rounding errors of products of matrices, so that shifts by
    /// whole pixels, mirrors and quarter turns read single pixels and keep their bits.
    public init?(_ matrix: [Double], outputHeight: Int, outputWidth: Int) {
      guard matrix.count == 9 else { return nil }
      let (x, y) = (Double(outputWidth - 1) / 2, Double(outputHeight - 1) / 2)
      let middle = matrix[6] * x + matrix[7] * y + matrix[8]
      let largest = max(abs(matrix[6]) * x, abs(matrix[7]) * y, abs(matrix[8]))
      let scale = abs(middle) > 1e-3 * largest ? middle : largest
      guard scale != 0 else { return nil }
      let entries = matrix.map { entry in
        let scaled = entry / scale
        guard abs(scaled) < 0x1p12 else { return Float(scaled) }
        return Float((scaled * 0x1p36).rounded() * 0x1p-36)
      }
      guard entries.allSatisfy(\.isFinite) else { return nil }
      u = SIMD3(entries[0], entries[1], entries[2])
      v = SIMD3(entries[3], entries[4], entries[5])
      w = SIMD3(entries[6], entries[7], entries[8])
    }
  }
}

extension Warp.PixelMap {
  /// What a map is known not to do, so that the loop need not expect it.
  struct Reach {
    /// The horizon stays away from the output.
    var isTame: Bool
    /// When tame: no position is more than two sides from the image's edge.
    var isNear: Bool
  }
}
