import Compute
import Glibc

extension Tensor {
  /// The rotations nearest to 3×3 matrices, by the sum of squared differences (Procrustes' problem;
  /// Umeyama, 1991): `P = U diag(1, 1, det(U Vᵀ)) Vᵀ` of `A = U S Vᵀ`.
  ///
  /// Shapes: `[..., 3, 3]` gives `[..., 3, 3]`. The derivative, `2 P V Y Vᵀ` with
  /// `Y_ij = ½ (B − Bᵀ)_ij / (d_i + d_j)` and `B = Vᵀ Pᵀ G V`, differentiates no decomposition: equal
  /// singular values d are harmless, and a sum of two of them (the last one signed) is held away from
  /// zero by 0.001, where the rotation jumps. `‖A − P‖²` needs no derivative of P: its gradient through
  /// A alone is whole.
  ///
  /// - Throws: `TensorError.shape` when the last sizes are not 3, 3 or the batch is empty;
  ///   `TensorError.notFinite` for values that are not finite.
  public func nearestRotations() throws(TensorError) -> Tensor {
    let matrices = try checkMatrices3("nearestRotations")
    let input = detached
    let output = withExtendedLifetime(self) {
      Tensor.written(shape) { target in
        Parallel.ranges(matrices, grain: 64) { range in
          for i in range {
            NearestRotation(Matrix3(pointer + 9 * i)).rotation.store(target + 9 * i)
          }
        }
      }
    }
    return try Tape.record("nearestRotations", [self], output: output) {
      (upstream, _) throws(TensorError) in
      [
        withExtendedLifetime((upstream, input)) {
          .written(input.shape) { target in
            Parallel.ranges(matrices, grain: 64) { range in
              for i in range {
                // Decomposed again: it is cheaper than what it would take to keep.
                NearestRotation(Matrix3(input.pointer + 9 * i))
                  .derivative(Matrix3(upstream.pointer + 9 * i)).store(target + 9 * i)
              }
            }
          }
        }
      ]
    }
  }

  /// The angles of rotations, their geodesic distances from no rotation, in radians from 0 to π.
  ///
  /// Shapes: `[..., 3, 3]` gives `[...]`: `θ = atan2(s, c)` with `s = ½ ‖w‖`, w the vector of
  /// `R − Rᵀ`, and `c = ½ (tr R − 1)`. Unlike the arc cosine's, its derivative is bounded,
  /// `(c ds − s dc) / (s² + c²)`; along w it is zero where w vanishes, at the angles 0 and π.
  ///
  /// - Throws: `TensorError.shape` when the last sizes are not 3, 3 or the batch is empty;
  ///   `TensorError.notFinite` for values that are not finite.
  public func rotationAngles() throws(TensorError) -> Tensor {
    let matrices = try checkMatrices3("rotationAngles")
    let input = detached
    let output = withExtendedLifetime(self) {
      Tensor.written(Array(shape.dropLast(2))) { target in
        for i in 0..<matrices {
          let (_, sine, cosine) = Matrix3(pointer + 9 * i).turn
          target[i] = Float(atan2(sine, cosine))
        }
      }
    }
    return try Tape.record("rotationAngles", [self], output: output) {
      (upstream, _) throws(TensorError) in
      [
        withExtendedLifetime((upstream, input)) {
          .written(input.shape) { target in
            for i in 0..<matrices {
              let (axis, sine, cosine) = Matrix3(input.pointer + 9 * i).turn
              let square = sine * sine + cosine * cosine
              let factor = square > 0 ? 0.5 * Double(upstream.pointer[i]) / square : 0
              let (w, d) = (axis * (cosine * factor), -sine * factor)
              Matrix3(
                SIMD3(d, -w.z, w.y), SIMD3(w.z, d, -w.x), SIMD3(-w.y, w.x, d)
              ).store(target + 9 * i)
            }
          }
        }
      ]
    }
  }

  private func checkMatrices3(_ operation: String) throws(TensorError) -> Int {
    guard rank >= 2, shape.suffix(2) == [3, 3], count > 0 else {
      throw .shape(
        operation: operation, shapes: [shape],
        fix: "it works on a batch [..., 3, 3] of at least one matrix")
    }
    guard isFinite else {
      throw .notFinite(path: "a matrix of \(operation)", fix: "check what it was made from")
    }
    return count / 9
  }
}

extension Matrix3 {
  /// The axis of a rotation (zero where there is none), and its angle's sine and cosine.
  fileprivate var turn: (axis: SIMD3<Double>, sine: Double, cosine: Double) {
    let (x, y, z) = rows
    let w = SIMD3(z.y - y.z, x.z - z.x, y.x - x.y)
    let length = (w * w).sum().squareRoot()
    return (length > 0 ? w / length : .zero, 0.5 * length, 0.5 * (trace - 1))
  }
}
