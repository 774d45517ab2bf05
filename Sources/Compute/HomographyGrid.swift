/// The positions that homographies read for every pixel of an output, and the derivative by their
/// nine entries.
///
/// `(x, y) ↦ (u, v) / w` with `(u, v, w) = H (x, y, 1)`, in normalised coordinates: pixel i of W has
/// its centre at (2i + 1)/W − 1.
public struct HomographyGrid: Sendable {
  /// The number of matrices.
  public let count: Int
  /// Rows of the output.
  public let height: Int
  /// Columns of the output.
  public let width: Int

  /// Takes the sizes; `nil` when one is not positive.
  public init?(count: Int, height: Int, width: Int) {
    guard count > 0, height > 0, width > 0 else { return nil }
    (self.count, self.height, self.width) = (count, height, width)
  }

  private var grain: Int { 1 + Elementwise.grain / (4 * height * width) }

  /// w, kept away from zero at the horizon, where positions go far beyond the image but stay finite.
  @inline(__always)
  private func depth(_ w: Float, _ h: UnsafePointer<Float>) -> (value: Float, isHeld: Bool) {
    let least = 1e-6 * (abs(h[6]) + abs(h[7]) + abs(h[8]))
    guard abs(w) < least else { return (w, false) }
    return (w < 0 ? -least : least, true)
  }

  /// Writes the positions `[count, H, W, 2]` for matrices `[count, 3, 3]`.
  public func forward(
    matrices: UnsafePointer<Float>, into grid: UnsafeMutablePointer<Float>
  ) {
    Parallel.ranges(count, grain: grain) { range in
      for n in range {
        let h = matrices + n * 9
        for row in 0..<height {
          let y = Float(2 * row + 1) / Float(height) - 1
          let (u0, v0, w0) = (h[1] * y + h[2], h[4] * y + h[5], h[7] * y + h[8])
          let line = grid + (n * height + row) * width * 2
          for column in 0..<width {
            let x = Float(2 * column + 1) / Float(width) - 1
            let reciprocal = 1 / depth(h[6] * x + w0, h).value
            line[2 * column] = (h[0] * x + u0) * reciprocal
            line[2 * column + 1] = (h[3] * x + v0) * reciprocal
          }
        }
      }
    }
  }

  /// Writes the gradient with respect to the matrices, given the positions and the gradient with
  /// respect to them.
  ///
  /// `∂u/∂H = [p, 0, −u p] / w` and `∂v/∂H = [0, p, −v p] / w` by rows of H, with p = (x, y, 1) and
  /// (u, v) the position.
  public func backward(
    matrices: UnsafePointer<Float>, grid: UnsafePointer<Float>, gradient: UnsafePointer<Float>,
    into matrixGradient: UnsafeMutablePointer<Float>
  ) {
    Parallel.ranges(count, grain: grain) { range in
      for n in range {
        let (h, target) = (matrices + n * 9, matrixGradient + n * 9)
        var (byX, byY, byOne) = (SIMD4<Double>.zero, SIMD4<Double>.zero, SIMD4<Double>.zero)
        for row in 0..<height {
          let y = Float(2 * row + 1) / Float(height) - 1
          let start = (n * height + row) * width * 2
          let (line, slope) = (grid + start, gradient + start)
          var (rowByX, rowByOne) = (SIMD4<Double>.zero, SIMD4<Double>.zero)
          for column in 0..<width {
            let x = Float(2 * column + 1) / Float(width) - 1
            let (w, isHeld) = depth(h[6] * x + h[7] * y + h[8], h)
            let (alongU, alongV) = (slope[2 * column] / w, slope[2 * column + 1] / w)
            let alongW = isHeld ? 0 : -(line[2 * column] * alongU + line[2 * column + 1] * alongV)
            let along = SIMD4(Double(alongU), Double(alongV), Double(alongW), 0)
            rowByX += Double(x) * along
            rowByOne += along
          }
          byX += rowByX
          byY += Double(y) * rowByOne
          byOne += rowByOne
        }
        for row in 0..<3 {
          target[3 * row] = Float(byX[row])
          target[3 * row + 1] = Float(byY[row])
          target[3 * row + 2] = Float(byOne[row])
        }
      }
    }
  }
}
