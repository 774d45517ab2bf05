import Compute

extension Tensor {
  /// Where smooth deformations read for every pixel of an output, given by displacements of control
  /// points: the grid for `gridSampled`, by thin-plate splines (Bookstein, 1989).
  ///
  /// Shapes: displacements `[N, K, 2]` with `controlPoints` `[K, 2]` give `[N, height, width, 2]`, all
  /// as (x, y) in normalised coordinates (see `gridSampled`). The position p of each pixel centre
  /// becomes `p + f(p)`, where f takes the given displacement at every control point and bends least in
  /// between; it maps from output to input. Zeros give the identity's grid.
  ///
  /// f is linear in the displacements, and its adjoint is their gradient; the control points are
  /// constants. Their weights are computed in double precision, anew in every call.
  ///
  /// - Throws: `TensorError.shape` when the shapes do not fit, the batch is empty, there are fewer than
  ///   three control points, or they coincide or are on one line; `TensorError.argument` for a size
  ///   below 1; `TensorError.notFinite` for control points that are not finite.
  public func thinPlateGrid(
    controlPoints: Tensor, height: Int, width: Int
  ) throws(TensorError) -> Tensor {
    let operation = "thinPlateGrid"
    let shapes = [shape, controlPoints.shape]
    guard
      rank == 3, shape[2] == 2, controlPoints.shape == Array(shape[1...]), shape[1] >= 3
    else {
      throw .shape(
        operation: operation, shapes: shapes,
        fix: "displacements are [N, K, 2] and control points [K, 2], at least three")
    }
    guard count > 0 else {
      throw .shape(
        operation: operation, shapes: shapes,
        fix: "the batch is empty; give the displacements of at least one image")
    }
    try TensorError.check(["height": height, "width": width], atLeast: 1, operation: operation)
    guard controlPoints.isFinite else {
      throw .notFinite(
        path: "a control point of \(operation)", fix: "check what they were made from")
    }
    let (images, points, pixels) = (shape[0], shape[1], height * width)
    let spline = try computing(operation, shapes) { () throws(ComputeError) in
      try withExtendedLifetime(controlPoints) { () throws(ComputeError) in
        try ThinPlateSpline(controlPoints.pointer, count: points)
      }
    }
    let weights = Tensor.written([pixels, points]) {
      spline.writeWeights(height: height, width: width, into: $0)
    }
    let grain = Swift.max(1, Elementwise.grain / (2 * pixels * points))
    let output = try computing(operation, shapes) { () throws(ComputeError) in
      try withExtendedLifetime((self, weights)) { () throws(ComputeError) in
        try Tensor.written([images, height, width, 2]) { (target) throws(ComputeError) in
          try Parallel.attemptRanges(images, grain: grain) { (range) throws(ComputeError) in
            for n in range {
              let grid = target + n * pixels * 2
              for pixel in 0..<pixels {
                grid[2 * pixel] = Float(2 * (pixel % width) + 1) / Float(width) - 1
                grid[2 * pixel + 1] = Float(2 * (pixel / width) + 1) / Float(height) - 1
              }
              try MatrixProduct.multiply(
                rows: pixels, columns: 2, inner: points, weights.pointer, pointer + n * points * 2,
                into: grid, beta: 1)
            }
          }
        }
      }
    }
    return try Tape.record(operation, [self], output: output) {
      (upstream, _) throws(TensorError) in
      try computing("gradient of \(operation)", shapes) { () throws(ComputeError) in
        let gradient = try Tensor.written([images, points, 2]) { (target) throws(ComputeError) in
          try Parallel.attemptRanges(images, grain: grain) { (range) throws(ComputeError) in
            for n in range {
              try MatrixProduct.multiply(
                rows: points, columns: 2, inner: pixels, weights.pointer,
                upstream.pointer + n * pixels * 2, transposingLeft: true,
                into: target + n * points * 2)
            }
          }
        }
        withExtendedLifetime((upstream, weights)) {}
        return [gradient]
      }
    }
  }
}
